/**
 * The engine as desktop app and server run it: answers every command of the contract, tells every event, works in the
 * background, and outlives what goes wrong there.
 */
import type { AnswerCommand } from '../shared/command-channel.ts';
import type { CommandRequest, CommandResponse } from '../shared/call-command.ts';
import { callCommand } from '../shared/call-command.ts';
import type { EngineCommands, EngineEvent } from '../shared/engine-commands.ts';
import { engineCommands } from '../shared/engine-commands.ts';
import { asBangerError, BangerError } from '../shared/errors.ts';
import { revisionTopics } from '../shared/revisions.ts';
import type { DataFolders } from './data-folders.ts';
import { defaultDataFolders } from './data-folders.ts';
import { restoreLibrary } from './library/restore-library.ts';
import { RunningEngine, type RunningEngineOptions } from './running-engine.ts';

export type EngineHostOptions = RunningEngineOptions;

export type EngineListener = (event: EngineEvent) => void;

export class EngineHost {
  readonly #options: EngineHostOptions;
  readonly #folders: DataFolders;
  readonly #listeners = new Set<EngineListener>();
  /** Calls that are under way, besides one that restores a library and waits for all others. */
  readonly #calls = new Set<Promise<unknown>>();
  #running: RunningEngine | null = null;
  /** Why nothing runs. */
  #failure: BangerError | null = null;
  /** Resolves when the library has been replaced; null while none is. */
  #replacing: Promise<void> | null = null;
  #callsEnded = new AbortController();
  #closing: Promise<void> | null = null;

  private constructor(options: EngineHostOptions) {
    this.#options = options;
    this.#folders = { ...defaultDataFolders(), ...options.folders };
  }

  /**
   * Opens the library, so that lists can be asked for at once; watching and scoring begin in the background.
   *
   * @throws BangerError what keeps the library from being used: `library-corrupt`, `library-newer`, `library-foreign`,
   *   `library-busy`, `library-read-only`, `disk-full`, `library-failed`; `usage` for impossible Hub settings
   */
  static async open(options: EngineHostOptions = {}): Promise<EngineHost> {
    const host = new EngineHost(options);
    host.#running = await host.#openEngine(options.hubToken);
    return host;
  }

  /** Answers a command. @throws BangerError what the command throws, `usage` for a request that is not as declared */
  call<Name extends keyof EngineCommands>(
    name: Name,
    request: CommandRequest<EngineCommands, Name>,
    signal?: AbortSignal,
  ): Promise<CommandResponse<EngineCommands, Name>>;
  /** The same for a name that is not known before it comes. */
  call(name: string, request: unknown, signal?: AbortSignal): Promise<unknown>;
  call(name: string, request: unknown, signal?: AbortSignal): Promise<unknown> {
    return this.#answer(name as keyof EngineCommands, request, signal);
  }

  /** Answers what comes over a channel; the same as `call`, bound to this host. */
  readonly answer: AnswerCommand = (name, request, signal) => this.call(name, request, signal);

  /** Hears of everything from now on. @returns ends that */
  subscribe(listener: EngineListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Cancels the calls that are under way, puts away what was begun and closes the library; again is harmless. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#callsEnded.abort();
    await this.#replacing;
    await Promise.allSettled(this.#calls);
    await this.#running?.close();
    this.#running = null;
    this.#listeners.clear();
  }

  async #answer<Name extends keyof EngineCommands>(
    name: Name,
    request: unknown,
    signal: AbortSignal | undefined,
  ): Promise<CommandResponse<EngineCommands, Name>> {
    while (this.#replacing !== null) await this.#replacing;
    if (this.#closing !== null) throw new BangerError('engine-unreachable', 'The app is ending.');
    if (this.#running === null) throw this.#failure ?? new BangerError('internal', 'Nothing runs.');
    const { handlers, changes } = this.#running;
    // Restoring waits for all other calls and is ended by none.
    if (name === 'restore-library') return callCommand(engineCommands, handlers, name, request);
    const ends = [this.#callsEnded.signal, ...(signal === undefined ? [] : [signal])];
    const context = { signal: AbortSignal.any(ends) };
    const answered = callCommand(engineCommands, handlers, name, request, context);
    this.#calls.add(answered);
    try {
      return await answered;
    } finally {
      this.#calls.delete(answered);
      changes.check();
    }
  }

  /** Puts a backup in the library's place while nothing runs, and opens what is there then. */
  async #restore(backupFile: string): Promise<{ keptFile: string | null }> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#replacing = promise.then(() => undefined);
    try {
      this.#callsEnded.abort();
      await Promise.allSettled(this.#calls);
      const token = this.#running?.hubToken ?? null;
      await this.#running?.close();
      this.#running = null;
      try {
        const { keptFile } = restoreLibrary(this.#folders.libraryFile, backupFile);
        return { keptFile };
      } finally {
        await this.#openAgain(token);
      }
    } finally {
      this.#replacing = null;
      resolve(undefined);
    }
  }

  async #openAgain(hubToken: string | null): Promise<void> {
    this.#callsEnded = new AbortController();
    try {
      this.#running = await this.#openEngine(hubToken);
    } catch (thrown) {
      this.#failure = asBangerError(thrown);
      return;
    }
    const { handlers } = this.#running;
    const revisions = await handlers['get-revisions']({}, {});
    this.#emit({ name: 'library-changed', payload: { topics: [...revisionTopics], revisions } });
    this.#emit({ name: 'settings-changed', payload: this.#running.settings.read() });
  }

  #openEngine(hubToken: string | null | undefined): Promise<RunningEngine> {
    return RunningEngine.open(
      { ...this.#options, hubToken },
      {
        emit: (event) => {
          this.#emit(event);
        },
        restore: (backupFile) => this.#restore(backupFile),
      },
    );
  }

  #emit(event: EngineEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (thrown) {
        // A listener's failure is its own; the engine goes on.
        process.emitWarning(asBangerError(thrown));
      }
    }
  }
}
