/** Hands the page its two ports, to the engine and to the shell, whenever it loads and whenever the engine is new. */
import type { IpcMain, IpcMainEvent, MessagePortMain, WebFrameMain } from 'electron';
import { serveCommands, type AnswerCommand, type CommandServer } from '../shared/command-channel.ts';
import { portChannel } from '../shared/port-channel.ts';
import type { ShellEvent, ShellEvents } from '../shared/shell-commands.ts';
import { isPageAddress } from './app-scheme.ts';
import type { EngineCondition } from './engine-supervisor.ts';
import type { PortPair } from './inference-launches.ts';
import type { Log } from './log-file.ts';

export interface PagePortsOptions {
  ipc: Pick<IpcMain, 'on'>;
  createPorts: () => PortPair;
  /** Hands a port to the running engine. */
  connectEngine: (port: MessagePortMain) => void;
  engineCondition: () => EngineCondition;
  answer: AnswerCommand;
  log: Log;
}

interface ConnectedPage {
  frame: WebFrameMain;
  shell: CommandServer<ShellEvents>;
  shellPort: MessagePortMain;
}

/** One page at a time: a later one takes the place of an earlier one. */
export class PagePorts {
  readonly #options: PagePortsOptions;
  #page: ConnectedPage | null = null;
  /** Events that came while there was no page and that must not be lost. */
  #kept: ShellEvent[] = [];

  constructor(options: PagePortsOptions) {
    this.#options = options;
    options.ipc.on('banger-ports-wanted', (event) => {
      this.#connect(event);
    });
  }

  /** Tells the page, if there is one. */
  emit(event: ShellEvent): void {
    this.#page?.shell.emit(event);
  }

  /** Tells the page, or the next one. */
  emitSurely(event: ShellEvent): void {
    if (this.#page === null) this.#kept.push(event);
    else this.#page.shell.emit(event);
  }

  /** Tells the page how the engine is, and brings it a new port once it can be called. */
  engineChanged({ state, error }: EngineCondition): void {
    if (this.#page === null || state === 'starting') return;
    this.#page.shell.emit({ name: 'engine-state-changed', payload: { state, error } });
    if (state === 'running') this.#bringEnginePort(this.#page.frame);
  }

  /** The page is gone. */
  disconnect(): void {
    this.#page?.shell.close();
    this.#page?.shellPort.close();
    this.#page = null;
  }

  #connect({ senderFrame: frame }: IpcMainEvent): void {
    const { createPorts, answer, engineCondition, log } = this.#options;
    if (frame === null || frame.parent !== null || !isPageAddress(frame.url)) {
      log.error(`Refused ports to ${frame?.url ?? 'a page that is gone'}`);
      return;
    }
    this.disconnect();
    const { port1, port2 } = createPorts();
    const shell = serveCommands<ShellEvents>(portChannel(port1), answer);
    this.#page = { frame, shell, shellPort: port1 };
    this.#post(frame, 'shell', port2);
    this.engineChanged(engineCondition());
    for (const event of this.#kept.splice(0)) shell.emit(event);
  }

  #bringEnginePort(frame: WebFrameMain): void {
    const { port1, port2 } = this.#options.createPorts();
    this.#options.connectEngine(port1);
    this.#post(frame, 'engine', port2);
  }

  #post(frame: WebFrameMain, name: 'engine' | 'shell', port: MessagePortMain): void {
    try {
      frame.postMessage('banger-port', { port: name }, [port]);
    } catch (thrown) {
      // The page went away in this moment; the next one asks for ports of its own.
      this.#options.log.error('The page could not be reached', thrown);
      port.close();
    }
  }
}
