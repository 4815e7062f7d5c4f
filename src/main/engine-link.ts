/** The shell's own line to the engine: media files to play, settings, how far the work is. */
import type { MessagePortMain } from 'electron';
import { connectCommands, engineUnreachable, type CommandClient } from '../shared/command-channel.ts';
import {
  engineCommands,
  engineEvents,
  type EngineCommands,
  type EngineEvent,
} from '../shared/engine-commands.ts';
import { portChannel } from '../shared/port-channel.ts';
import type { PortPair } from './inference-launches.ts';

export interface EngineLinkOptions {
  createPorts: () => PortPair;
  /** Hands a port to the running engine. */
  connectEngine: (port: MessagePortMain) => void;
  onEvent: (event: EngineEvent) => void;
}

export class EngineLink {
  readonly #options: EngineLinkOptions;
  #client: CommandClient<EngineCommands> | null = null;
  #port: MessagePortMain | null = null;

  constructor(options: EngineLinkOptions) {
    this.#options = options;
  }

  /** Connects to the engine that runs now. */
  connect(): void {
    this.disconnect();
    const { port1, port2 } = this.#options.createPorts();
    this.#port = port1;
    this.#client = connectCommands(portChannel(port1), engineCommands, engineEvents, this.#options.onEvent);
    this.#options.connectEngine(port2);
  }

  /** Open calls reject with `engine-unreachable`. */
  disconnect(): void {
    this.#client?.close();
    this.#port?.close();
    this.#client = null;
    this.#port = null;
  }

  /** @throws BangerError what the command throws, or `engine-unreachable` while no engine runs */
  call: CommandClient<EngineCommands>['call'] = (name, request, options) => {
    if (this.#client === null) return Promise.reject(engineUnreachable());
    return this.#client.call(name, request, options);
  };
}
