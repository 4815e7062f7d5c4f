/** A part of the app in a process of its own, with the end of what it wrote to its error output. */
import { utilityProcess, type MessagePortMain } from 'electron';
import type { Log } from './log-file.ts';

export interface ChildExit {
  code: number | null;
  stderrTail: string;
}

/** A running process; the supervisor knows no more of it. */
export interface ChildProcess<Message> {
  post(message: Message, ports?: MessagePortMain[]): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once. */
  onExit(listener: (exit: ChildExit) => void): void;
  kill(): void;
}

const STDERR_TAIL_CHARACTERS = 4000;

/** @param name as the system's task manager shows it */
export function forkUtility<Message>(entry: string, name: string, log: Log): ChildProcess<Message> {
  const child = utilityProcess.fork(entry, [], { stdio: ['ignore', 'ignore', 'pipe'], serviceName: name });
  let stderrTail = '';
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (text: string) => {
    stderrTail = (stderrTail + text).slice(-STDERR_TAIL_CHARACTERS);
    log.info(`${name}: ${text.trimEnd()}`);
  });
  child.on('error', (type, location, report) => {
    log.error(`${name} met a ${type} at ${location}`, report);
  });
  child.once('spawn', () => {
    log.info(`${name} runs as process ${child.pid ?? 'unknown'}`);
  });
  return {
    post: (message, ports) => {
      child.postMessage(message, ports);
    },
    onMessage: (listener) => {
      child.on('message', listener);
    },
    onExit: (listener) => {
      child.once('exit', (code: number | null) => {
        log.info(`${name} ended with code ${code ?? 'unknown'}`);
        listener({ code, stderrTail });
      });
    },
    kill: () => {
      child.kill();
    },
  };
}
