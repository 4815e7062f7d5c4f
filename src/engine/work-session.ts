/**
 * The work that goes on in the background: watched folders bring files, jobs score them. The desktop app, the server
 * and `banger watch` each run one session; several may share a library.
 */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { asBangerError, BangerError } from '../shared/errors.ts';
import type { CommandHandlers, EmitEvent } from '../shared/contract.ts';
import { hasAudioExtension } from '../shared/file-names.ts';
import { type JobProgress, jobPriorities, jobSchema } from '../shared/jobs.ts';
import type { FileStamp } from '../shared/library.ts';
import type { WatchEvent } from '../shared/watch.ts';
import type { workCommands, workEvents } from '../shared/work-commands.ts';
import { Arrivals } from './arrivals.ts';
import { checkExactLength } from './audio/exact-length.ts';
import { hasAudioSignature } from './audio/sniff-audio.ts';
import type { ChosenModels, ModelChoice } from './choose-models.ts';
import type { Engine } from './engine.ts';
import { isOnNetworkDrive } from './library/network-drive.ts';
import { readStamp } from './scoring/file-stamp.ts';
import { newJobOwner } from './scoring/job-owner.ts';
import { ProgressTeller } from './progress-teller.ts';
import { JobRunner } from './scoring/job-runner.ts';
import { rescoreAll } from './scoring/rescore-library.ts';
import { refreshGenerations } from './scoring/song-generation.ts';
import type { SongScorer } from './scoring/song-scorer.ts';
import { FolderWatcher } from './watch/folder-watcher.ts';

export interface WorkSessionOptions extends ModelChoice {
  /** Folders to watch for the length of this session; null watches those that the library names. */
  folders: readonly string[] | null;
  ignorePatterns?: readonly string[];
  settleSeconds?: number | undefined;
  rescanSeconds?: number | undefined;
  emit: EmitEvent<typeof workEvents>;
  /** Ends the beginning, which takes long where a large model is read for the first time. */
  signal?: AbortSignal | undefined;
}

/** The models in use with what works with them; replaced as a whole when the models are. */
interface Workplace {
  models: ChosenModels;
  scorer: SongScorer;
  runner: JobRunner;
  arrivals: Arrivals;
}

/** Files that are looked up and queued before other work has its turn. */
const queuedAtOnce = 200;

export class WorkSession {
  readonly #engine: Engine;
  readonly #options: WorkSessionOptions;
  readonly #watcher: FolderWatcher;
  readonly #owner = newJobOwner();
  readonly #closing = new AbortController();
  #workplace: Workplace;
  /** Ends when the last change of models has. */
  #modelsTurn: Promise<unknown> = Promise.resolve();

  private constructor(engine: Engine, options: WorkSessionOptions, models: ChosenModels, scorer: SongScorer) {
    this.#engine = engine;
    this.#options = options;
    this.#watcher = new FolderWatcher({
      isAudioFile: async (path) => hasAudioExtension(path) || hasAudioSignature(path),
      checkLength: checkExactLength,
      isNetworkDrive: isOnNetworkDrive,
      ...(options.settleSeconds !== undefined && { settleSeconds: options.settleSeconds }),
      ...(options.rescanSeconds !== undefined && { rescanSeconds: options.rescanSeconds }),
    });
    this.#watcher.on((event) => this.#receive(event));
    this.#workplace = this.#furnish(models, scorer);
  }

  /**
   * Begins to watch and to work.
   *
   * @throws BangerError `ffmpeg-missing`, a missing or unfit model, `file-missing` for a folder that is not there,
   *   `cancelled`
   */
  static async start(engine: Engine, options: WorkSessionOptions): Promise<WorkSession> {
    const models = await engine.chooseModels(options, { signal: options.signal });
    const scorer = await engine.createScorer(models, engine.library, { crashRetries: 0 });
    const session = new WorkSession(engine, options, models, scorer);
    session.#openFolders();
    session.#workplace.runner.start();
    return session;
  }

  get models(): ChosenModels {
    return this.#workplace.models;
  }

  progress(): JobProgress {
    return this.#progressOf(this.#workplace.runner);
  }

  /** The answers to the commands of background work. */
  readonly handlers: CommandHandlers<typeof workCommands> = {
    'list-watched-folders': () => this.#watcher.folders,
    'add-watched-folder': async ({ path, ignorePatterns }) => {
      await this.#watchFolder(requireFolder(path), ignorePatterns);
      return {};
    },
    'add-paths': ({ paths }, { signal }) => this.#addPaths(paths, signal),
    'remove-watched-folder': async ({ path }) => {
      requireKnown(this.#engine.library.watchedFolders.remove(resolve(path)), path);
      await this.#watcher.removeFolder(resolve(path));
      return {};
    },
    'pause-watched-folder': async ({ path }) => {
      requireKnown(this.#engine.library.watchedFolders.setPaused(resolve(path), true), path);
      await this.#watcher.pauseFolder(resolve(path));
      return {};
    },
    'resume-watched-folder': async ({ path }) => {
      requireKnown(this.#engine.library.watchedFolders.setPaused(resolve(path), false), path);
      await this.#watcher.resumeFolder(resolve(path));
      return {};
    },
    'rescan-watched-folders': async ({ path }) => {
      await this.#watcher.rescan(path === undefined ? undefined : resolve(path));
      return {};
    },
    'get-job-progress': () => this.progress(),
    'list-jobs': ({ offset, limit, ...filter }) => this.#engine.library.jobs.list(filter, offset, limit),
    'pause-jobs': () => {
      this.#workplace.runner.pause();
      return {};
    },
    'resume-jobs': () => {
      this.#workplace.runner.resume();
      return {};
    },
    'cancel-waiting-jobs': () => ({ count: this.#engine.library.jobs.cancelWaiting() }),
    'retry-failed-jobs': () => {
      const count = this.#engine.library.jobs.retryFailed();
      this.#workplace.runner.wake();
      return { count };
    },
    'raise-job-priority': ({ paths }) => {
      this.#engine.library.jobs.raisePriority(paths, jobPriorities.onScreen);
      return {};
    },
    'use-models': (choice, { signal }) => {
      const ends = [this.#closing.signal, ...(signal === undefined ? [] : [signal])];
      const used = this.#modelsTurn.then(() => this.#useModels(choice, AbortSignal.any(ends)));
      this.#modelsTurn = used.catch(() => undefined);
      return used;
    },
  };

  /** Resolves when every folder was looked through, every file in it was received and no job is open. */
  async whenDone(signal?: AbortSignal): Promise<void> {
    await this.#watcher.whenSettled();
    await this.#workplace.runner.whenDone(signal);
  }

  /** Ends watching and working; what was begun is given back. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#modelsTurn;
    await this.#watcher.close();
    await this.#workplace.runner.stop();
  }

  async #watchFolder(folder: string, ignorePatterns: readonly string[]): Promise<void> {
    this.#engine.library.watchedFolders.put(folder, ignorePatterns);
    await this.#watcher.removeFolder(folder);
    this.#watcher.addFolder(folder, { ignorePatterns });
  }

  /** Watches folders, except those that are watched already, and queues single files before all others. */
  async #addPaths(paths: readonly string[], signal: AbortSignal | undefined) {
    const watchedFolders: string[] = [];
    const refused: string[] = [];
    const stamps: FileStamp[] = [];
    for (const path of new Set(paths.map((given) => resolve(given)))) {
      if (signal?.aborted === true) throw new BangerError('cancelled', 'Adding songs was cancelled.');
      if (isFolder(path)) {
        watchedFolders.push(path);
        const isWatched = this.#watcher.folders.some((folder) => folder.path === path);
        if (!isWatched) await this.#watchFolder(path, []);
      } else if (await isReadableAudio(path)) stamps.push(await readStamp(path));
      else refused.push(path);
    }
    const { models, runner } = this.#workplace;
    const encoderName = models.encoder.description.name;
    const headName = models.head.description.name;
    this.#engine.library.jobs.queue(
      stamps.map((stamp) => ({ stamp, encoderName, headName, priority: jobPriorities.onScreen })),
    );
    runner.wake();
    return { watchedFolders, queuedFiles: stamps.length, refused };
  }

  #openFolders(): void {
    const { folders, ignorePatterns = [] } = this.#options;
    const { watchedFolders, files } = this.#engine.library;
    const chosen =
      folders === null
        ? watchedFolders.all()
        : folders.map((path) => ({ path: requireFolder(path), isPaused: false, ignorePatterns }));
    for (const { path, ...settings } of chosen) {
      const heldSongs = !files.presentBelow(path).next().done;
      this.#watcher.addFolder(path, { ...settings, heldSongs });
    }
  }

  async #receive(event: WatchEvent): Promise<void> {
    await this.#workplace.arrivals.receive(event);
    if ('status' in event) this.#options.emit({ name: 'folder-state-changed', payload: event.status });
  }

  #progressOf(runner: JobRunner): JobProgress {
    return { ...runner.progress(), quietBecause: this.#engine.pace.quietBecause };
  }

  #furnish(models: ChosenModels, scorer: SongScorer): Workplace {
    const { library } = this.#engine;
    const encoderName = models.encoder.description.name;
    const headName = models.head.description.name;
    const runner = new JobRunner({
      library,
      encoderName,
      headName,
      owner: this.#owner,
      aheadCount: () => this.#engine.aheadCount,
      restBecause: () => this.#engine.pace.restBecause,
      createScorer: () => this.#engine.createScorer(models, library, { crashRetries: 0 }),
      onFinished: (claimed, { outcome, reason, songId }, scored) => {
        const ended = jobSchema.parse({ ...claimed, state: 'finished', outcome, reason, songId });
        this.#options.emit({ name: 'job-finished', payload: { job: ended, result: scored?.result ?? null } });
        progress.tellSoon();
      },
      onStateChanged: () => {
        progress.tellNow();
      },
    });
    const progress = new ProgressTeller(() => {
      this.#options.emit({ name: 'job-progressed', payload: this.#progressOf(runner) });
    });
    const arrivals = new Arrivals({
      library,
      encoderName,
      headName,
      isScored: (stamp) => scorer.isScored(stamp),
      isPresent: (path) => this.#watcher.has(path),
      onQueued: () => {
        runner.wake();
      },
      onSidecars: async (paths) => {
        await refreshGenerations(library, paths);
      },
    });
    return { models, scorer, runner, arrivals };
  }

  /**
   * Other models from now on; the songs that lack their score are queued behind new arrivals. When that is cancelled
   * or fails, the former models stay in use.
   */
  async #useModels(choice: ModelChoice, signal: AbortSignal) {
    const { library } = this.#engine;
    const models = await this.#engine.chooseModels(choice, { signal });
    const scorer = await this.#engine.createScorer(models, library, { crashRetries: 0 });
    const former = this.#workplace;
    await former.runner.stop();
    try {
      this.#workplace = this.#furnish(models, scorer);
      if (former.runner.isPaused) this.#workplace.runner.pause();
      // What was encoded by this encoder before needs its head alone.
      const rescored = await rescoreAll(library, this.#engine.inference, scorer.space, models.head, {
        skipsScored: true,
        signal,
      });
      const names = { encoderName: models.encoder.description.name, headName: models.head.description.name };
      const queued = await this.#queueUnscored(scorer, names, signal);
      return { encoder: names.encoderName, head: names.headName, rescored, queued };
    } catch (thrown) {
      this.#workplace = former;
      throw thrown;
    } finally {
      if (!this.#closing.signal.aborted) this.#workplace.runner.start();
    }
  }

  /** Queues every present file that these models have not scored. @returns how many */
  async #queueUnscored(
    scorer: SongScorer,
    names: { encoderName: string; headName: string },
    signal: AbortSignal,
  ): Promise<number> {
    const { library } = this.#engine;
    let queued = 0;
    for (const paths of this.#presentFiles()) {
      for (let start = 0; start < paths.length; start += queuedAtOnce) {
        // Other work has its turn: a large library takes seconds.
        await nextTurn();
        if (signal.aborted) throw new BangerError('cancelled', 'The change of models was cancelled.');
        const stamps = paths
          .slice(start, start + queuedAtOnce)
          .flatMap((path) => library.files.byPath(path)?.file ?? [])
          .map(({ path, sizeBytes, mtimeNs }) => ({ path, sizeBytes, mtimeNs }))
          .filter((stamp) => !scorer.isScored(stamp));
        library.jobs.queue(stamps.map((stamp) => ({ stamp, ...names, priority: jobPriorities.background })));
        queued += stamps.length;
      }
    }
    return queued;
  }

  /** Paths of present songs: all that the library has, or those below the folders of this session. */
  *#presentFiles(): Generator<string[], void, undefined> {
    const { files } = this.#engine.library;
    if (this.#options.folders === null) yield* files.present();
    else for (const { path } of this.#watcher.folders) yield* files.presentBelow(path);
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Whether a file is there and is audio, by its name or by its first bytes. */
async function isReadableAudio(path: string): Promise<boolean> {
  try {
    return (await hasAudioSignature(path)) || hasAudioExtension(path);
  } catch (thrown) {
    const { code } = asBangerError(thrown);
    if (code === 'file-missing' || code === 'file-unreadable') return false;
    throw thrown;
  }
}

function requireFolder(path: string): string {
  const folder = resolve(path);
  if (isFolder(folder)) return folder;
  throw new BangerError('file-missing', 'There is no such folder.', {
    file: folder,
    nextStep: 'Check the path, or connect the drive that it lies on.',
  });
}

function requireKnown(isKnown: boolean, path: string): void {
  if (!isKnown) throw new BangerError('usage', 'This folder is not watched.', { file: resolve(path) });
}
