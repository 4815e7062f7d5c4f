/**
 * Keeps background work going for as long as an app runs: begins a work session, tries again by itself where it cannot
 * begin, and answers the commands of background work either way.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkState } from '../shared/app-commands.ts';
import type { CallContext, CommandHandlers } from '../shared/contract.ts';
import type { EmitEngineEvent } from '../shared/engine-commands.ts';
import { asBangerError, BangerError, type ErrorCode } from '../shared/errors.ts';
import type { JobProgress, JobReason } from '../shared/jobs.ts';
import type { WatchedFolderStatus } from '../shared/watch.ts';
import type { workCommands } from '../shared/work-commands.ts';
import type { ChosenModels, ModelChoice } from './choose-models.ts';
import type { Engine } from './engine.ts';
import type { SettingsStore } from './settings-store.ts';
import { WorkSession } from './work-session.ts';

export interface WorkKeeperOptions {
  engine: Engine;
  settings: SettingsStore;
  emit: EmitEngineEvent;
  settleSeconds?: number | undefined;
  rescanSeconds?: number | undefined;
}

type WorkHandlers = CommandHandlers<typeof workCommands>;

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 30_000;

/** The chosen models are to blame, so that others may do. */
const modelCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'model-missing',
  'model-unsupported',
  'model-unusable',
  'checkpoint-corrupt',
  'checkpoint-refused',
  'checkpoint-mismatch',
  'checkpoint-changed',
]);

export class WorkKeeper {
  readonly #options: WorkKeeperOptions;
  #state: WorkState = { state: 'starting', reason: null };
  #session: WorkSession | null = null;
  #ended = new AbortController();
  /** Ends the attempts alone. */
  #trying = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  /** Resolves when the first attempt to begin has ended, either way. */
  #firstAttempt = Promise.withResolvers<undefined>();
  /** Ends when the last change of what works has: models and providers change one after another. */
  #changeTurn: Promise<unknown> = Promise.resolve();

  constructor(options: WorkKeeperOptions) {
    this.#options = options;
  }

  get state(): WorkState {
    return this.#state;
  }

  /** The models in use, null while nothing can be scored. */
  get models(): ChosenModels | null {
    return this.#session?.models ?? null;
  }

  /** Tells how far the work is where that changed for another reason than a song. */
  tellProgress(): void {
    const payload = this.#session?.progress() ?? this.#stoppedProgress();
    this.#options.emit({ name: 'job-progressed', payload });
  }

  /** Begins in the background. */
  start(): void {
    this.#trying = new AbortController();
    this.#loop = this.#keepTrying(AbortSignal.any([this.#trying.signal, this.#ended.signal]));
  }

  /** Ends trying and working for good; what was begun is given back. */
  async stop(): Promise<void> {
    this.#ended.abort();
    this.#firstAttempt.resolve(undefined);
    await this.#end();
    await this.#changeTurn;
  }

  /** Ends the work for a change of what it needs, and begins anew. */
  restart(change: () => Promise<void>): Promise<void> {
    return this.#inTurn(async () => {
      this.#firstAttempt = Promise.withResolvers<undefined>();
      this.#setState({ state: 'starting', reason: null });
      await this.#end();
      await change();
      if (!this.#ended.signal.aborted) this.start();
    });
  }

  readonly handlers: WorkHandlers = {
    'list-watched-folders': (request, context) =>
      this.#session?.handlers['list-watched-folders'](request, context) ?? this.#storedFolders(),
    'get-job-progress': (request, context) =>
      this.#session?.handlers['get-job-progress'](request, context) ?? this.#stoppedProgress(),
    'list-jobs': ({ offset, limit, ...filter }) =>
      this.#options.engine.library.jobs.list(filter, offset, limit),
    'add-watched-folder': this.#bySession('add-watched-folder'),
    'add-paths': this.#bySession('add-paths'),
    'remove-watched-folder': this.#bySession('remove-watched-folder'),
    'pause-watched-folder': this.#bySession('pause-watched-folder'),
    'resume-watched-folder': this.#bySession('resume-watched-folder'),
    'rescan-watched-folders': this.#bySession('rescan-watched-folders'),
    'pause-jobs': this.#bySession('pause-jobs'),
    'resume-jobs': this.#bySession('resume-jobs'),
    'cancel-waiting-jobs': this.#bySession('cancel-waiting-jobs'),
    'retry-failed-jobs': this.#bySession('retry-failed-jobs'),
    'raise-job-priority': this.#bySession('raise-job-priority'),
    'use-models': (choice, context) => this.#inTurn(() => this.#useModels(choice, context)),
  };

  #inTurn<Value>(change: () => Promise<Value>): Promise<Value> {
    const changed = this.#changeTurn.then(change);
    this.#changeTurn = changed.catch(() => undefined);
    return changed;
  }

  async #end(): Promise<void> {
    this.#trying.abort();
    await this.#loop;
    const session = this.#session;
    this.#session = null;
    await session?.close();
  }

  /** A handler that needs the session. @throws BangerError why there is none */
  #bySession<Name extends keyof WorkHandlers>(name: Name): WorkHandlers[Name] {
    const handle = async (request: never, context: CallContext) => {
      const session = await this.#requireSession();
      return (session.handlers[name] as (request: never, context: CallContext) => unknown)(request, context);
    };
    return handle as unknown as WorkHandlers[Name];
  }

  async #requireSession(): Promise<WorkSession> {
    await this.#firstAttempt.promise;
    if (this.#session !== null) return this.#session;
    const { reason } = this.#state;
    if (reason === null) throw ended();
    throw new BangerError(reason.code, reason.message, { nextStep: reason.nextStep ?? undefined });
  }

  async #keepTrying(signal: AbortSignal): Promise<void> {
    const firstAttempt = this.#firstAttempt;
    let retryMs = FIRST_RETRY_MS;
    while (!signal.aborted) {
      try {
        await this.#begin(signal);
        return;
      } catch (thrown) {
        if (isAborted(signal)) return;
        this.#setState({ state: 'stopped', reason: reasonOf(thrown) });
      } finally {
        firstAttempt.resolve(undefined);
      }
      await sleep(retryMs, undefined, { signal }).catch(() => undefined);
      retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS);
    }
  }

  /** Begins with the models that the person chose; where those are gone or unfit, with the usual ones. */
  async #begin(signal: AbortSignal): Promise<void> {
    const { engine, settings } = this.#options;
    await engine.requireProvider();
    const { models } = settings.read();
    if (models === null) {
      await this.#open({}, null, signal);
      return;
    }
    try {
      await this.#open(models, null, signal);
    } catch (thrown) {
      const reason = reasonOf(thrown);
      if (isAborted(signal) || !modelCodes.has(reason.code)) throw thrown;
      await this.#open({}, reason, signal);
    }
  }

  async #open(choice: ModelChoice, reason: JobReason | null, signal: AbortSignal): Promise<void> {
    const { engine, emit, settleSeconds, rescanSeconds } = this.#options;
    const session = await WorkSession.start(engine, {
      ...choice,
      folders: null,
      settleSeconds,
      rescanSeconds,
      emit,
      signal,
    });
    if (isAborted(signal)) {
      await session.close();
      throw ended();
    }
    this.#session = session;
    this.#setState({ state: 'working', reason });
    emit({ name: 'models-changed', payload: {} });
  }

  async #useModels(choice: ModelChoice, context: CallContext) {
    await this.#firstAttempt.promise;
    const session = this.#session ?? (await this.#beginWith(choice));
    const used = await session.handlers['use-models'](choice, context);
    const isUsual = choice.encoder === undefined && choice.head === undefined;
    const { encoder = used.encoder, head = used.head } = choice;
    this.#options.settings.change({ models: isUsual ? null : { encoder, head } });
    if (!this.#ended.signal.aborted) this.#setState({ state: 'working', reason: null });
    this.#options.emit({ name: 'models-changed', payload: {} });
    return used;
  }

  /** Begins with other models than those that it could not begin with. */
  async #beginWith(choice: ModelChoice): Promise<WorkSession> {
    await this.#end();
    if (this.#ended.signal.aborted) throw ended();
    try {
      await this.#open(choice, null, this.#ended.signal);
    } catch (thrown) {
      if (!isAborted(this.#ended.signal)) this.start();
      throw thrown;
    }
    return this.#requireSession();
  }

  #storedFolders(): WatchedFolderStatus[] {
    const { library } = this.#options.engine;
    const { state, reason } = this.#state;
    return library.watchedFolders.all().map(({ path, isPaused, ignorePatterns }) => ({
      path,
      state: isPaused ? 'paused' : state === 'starting' ? 'scanning' : 'unavailable',
      reason: reason?.message ?? null,
      nextStep: reason?.nextStep ?? null,
      files: library.lists.count({ folder: path }),
      skipped: { notAudio: 0, unreadableName: 0, unreadable: 0 },
      ignorePatterns,
    }));
  }

  #stoppedProgress(): JobProgress {
    const { reason } = this.#state;
    return {
      runner: { state: reason === null ? 'stopped' : 'blocked', reason },
      counts: this.#options.engine.library.jobs.counts(),
      songsPerSecond: null,
      etaSeconds: null,
      currentPath: null,
      busyShare: null,
      quietBecause: this.#options.engine.pace.quietBecause,
    };
  }

  #setState(state: WorkState): void {
    const isSame = state.state === this.#state.state && state.reason?.message === this.#state.reason?.message;
    this.#state = state;
    if (!isSame) this.#options.emit({ name: 'work-state-changed', payload: state });
  }
}

function reasonOf(thrown: unknown): JobReason {
  const { code, message, nextStep } = asBangerError(thrown);
  return { code, message, nextStep: nextStep ?? null };
}

function ended(): BangerError {
  return new BangerError('cancelled', 'The app is ending its work.');
}

/** The signal may have been aborted since it was last looked at, which the compiler cannot see. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
