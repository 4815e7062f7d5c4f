/** The page's one way to engine and shell: typed calls, typed events, and whether the engine is there. */
import type { CommandRequest, CommandResponse } from '../../shared/call-command.ts';
import type { CallOptions, CommandClient, MessageChannelLike } from '../../shared/command-channel.ts';
import { connectCommands, engineUnreachable } from '../../shared/command-channel.ts';
import type { EngineCommands, EngineEvents } from '../../shared/engine-commands.ts';
import { engineCommands, engineEvents } from '../../shared/engine-commands.ts';
import type { ErrorRecord } from '../../shared/errors.ts';
import type { ShellCommands, ShellEvents } from '../../shared/shell-commands.ts';
import { shellCommands, shellEvents } from '../../shared/shell-commands.ts';
import type { z } from 'zod';
import { DesktopTransport } from './desktop-transport.ts';
import { SocketTransport } from './socket-transport.ts';
import type { Transport, TransportListener } from './transport.ts';

type AllEvents = EngineEvents & ShellEvents;

/** Receives what an event tells. */
export type EventListenerOf<Name extends keyof AllEvents> = (payload: z.output<AllEvents[Name]>) => void;

/**
 * - `connecting`: before the first connection
 * - `open`: calls are answered
 * - `lost`: it was there and is being reached again
 * - `failed`: the engine kept ending; `restart-engine` tries again
 */
export type ConnectionState = 'connecting' | 'open' | 'lost' | 'failed';

export class AppClient {
  connection = $state<ConnectionState>('connecting');
  /** Why the engine is not there, when the shell knows. */
  connectionError = $state.raw<ErrorRecord | null>(null);

  readonly #transport: Transport;
  #engine: CommandClient<EngineCommands> | null = null;
  #shell: CommandClient<ShellCommands> | null = null;
  readonly #listeners = new Map<string, Set<(payload: never) => void>>();
  readonly #connectListeners = new Set<() => void>();

  /** @param createTransport what carries the messages; by default what fits the page's address */
  constructor(createTransport: (listener: TransportListener) => Transport = usualTransport) {
    this.#transport = createTransport((name, channel) => {
      if (name === 'engine') this.#setEngine(channel);
      else this.#setShell(channel);
    });
  }

  /**
   * Calls the engine.
   *
   * @throws BangerError what the command throws, `engine-unreachable` while there is no connection
   */
  async call<Name extends keyof EngineCommands & string>(
    name: Name,
    request: CommandRequest<EngineCommands, Name>,
    options: CallOptions = {},
  ): Promise<CommandResponse<EngineCommands, Name>> {
    if (this.#engine === null) throw engineUnreachable();
    // A proxy of the page's state cannot cross a port.
    return this.#engine.call(name, $state.snapshot(request) as typeof request, options);
  }

  /** Calls the shell or the server that surrounds the engine. @throws BangerError as `call` */
  async shell<Name extends keyof ShellCommands & string>(
    name: Name,
    request: CommandRequest<ShellCommands, Name>,
  ): Promise<CommandResponse<ShellCommands, Name>> {
    if (this.#shell === null) throw engineUnreachable();
    return this.#shell.call(name, $state.snapshot(request) as typeof request);
  }

  /** Hears an event from now on. @returns ends it */
  on<Name extends keyof AllEvents & string>(name: Name, listener: EventListenerOf<Name>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener as (payload: never) => void);
    return () => {
      listeners.delete(listener as (payload: never) => void);
    };
  }

  /** Runs when a connection to the engine begins, and each time it begins again; at once where there is one. */
  onConnected(listener: () => void): () => void {
    this.#connectListeners.add(listener);
    if (this.#engine !== null) listener();
    return () => {
      this.#connectListeners.delete(listener);
    };
  }

  close(): void {
    this.#engine?.close();
    this.#shell?.close();
    this.#transport.close();
  }

  #setEngine(channel: MessageChannelLike | null): void {
    this.#engine?.close();
    this.#engine =
      channel &&
      connectCommands(channel, engineCommands, engineEvents, ({ name, payload }) => {
        this.#tell(name, payload);
      });
    if (channel === null) {
      if (this.connection === 'open') this.connection = 'lost';
      return;
    }
    this.connection = 'open';
    this.connectionError = null;
    for (const listener of this.#connectListeners) listener();
  }

  #setShell(channel: MessageChannelLike | null): void {
    this.#shell?.close();
    this.#shell =
      channel &&
      connectCommands(channel, shellCommands, shellEvents, ({ name, payload }) => {
        if (name === 'engine-state-changed') this.#hearEngineState(payload);
        this.#tell(name, payload);
      });
  }

  #hearEngineState({ state, error }: z.output<ShellEvents['engine-state-changed']>): void {
    this.connectionError = error;
    if (state === 'running') return;
    this.#setEngine(null);
    this.connection = state === 'failed' ? 'failed' : 'lost';
  }

  #tell(name: string, payload: unknown): void {
    for (const listener of this.#listeners.get(name) ?? []) listener(payload as never);
  }
}

function usualTransport(listener: TransportListener): Transport {
  return window.location.protocol === 'app:' ? new DesktopTransport(listener) : new SocketTransport(listener);
}
