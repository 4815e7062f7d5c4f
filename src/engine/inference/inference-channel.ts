/** The line between the engine and its inference process, and the one over Node's own child processes. */
import { fork } from 'node:child_process';
import { extname, join } from 'node:path';
import { memoryEnvironment } from './memory-environment.ts';

export interface InferenceExit {
  code: number | null;
  signal: string | null;
  /** The end of what the process wrote to its error output. */
  stderrTail: string;
}

/**
 * A running inference process. The shell of the desktop app supplies one over its own kind of process; everything
 * else uses `launchInferenceProcess`.
 */
export interface InferenceChannel {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once, when the process is gone for whatever reason. */
  onExit(listener: (exit: InferenceExit) => void): void;
  /** Ends the process at once; `onExit` follows. */
  kill(): void;
  /** Whether a waiting process keeps the engine's own process alive. */
  setKeepsAlive(keepsAlive: boolean): void;
}

export type LaunchInference = () => InferenceChannel;

const STDERR_TAIL_CHARACTERS = 4000;

/** Starts the inference process as a child of this one. */
export function launchInferenceProcess(): InferenceChannel {
  // The neighbour file has the same extension as this one: .ts from source, .js when built.
  const entry = join(import.meta.dirname, `inference-process${extname(import.meta.filename)}`);
  const child = fork(entry, [], {
    execArgv: [],
    env: { ...process.env, ...memoryEnvironment() },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let stderrTail = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderrTail = (stderrTail + text).slice(-STDERR_TAIL_CHARACTERS);
  });
  return {
    send: (message) => {
      // A process that is already gone is reported by its exit, not by a failed send.
      if (child.connected) child.send(message as object, () => undefined);
    },
    onMessage: (listener) => child.on('message', listener),
    onExit: (listener) => {
      let isGone = false;
      const report = (code: number | null, signal: string | null, reason = '') => {
        if (isGone) return;
        isGone = true;
        listener({ code, signal, stderrTail: stderrTail + reason });
      };
      child.once('exit', report);
      child.once('error', (error) => {
        report(null, null, String(error));
      });
    },
    kill: () => child.kill('SIGKILL'),
    setKeepsAlive: (keepsAlive) => {
      const handles = [child, child.channel];
      for (const handle of handles) {
        if (keepsAlive) handle?.ref();
        else handle?.unref();
      }
    },
  };
}
