/** Keeps an eye on one folder: opens it, looks through it, hears of changes, and tells what is ready. */
import { relative, sep } from 'node:path';
import { asBangerError } from '../../shared/errors.ts';
import type { FileStamp } from '../../shared/library.ts';
import type { FolderWatcherOptions, WatchedFolderOptions, WatchedFolderStatus } from '../../shared/watch.ts';
import { maxFilesPerEvent } from '../../shared/watch.ts';
import type { OpenChangeReports } from './change-reports.ts';
import { EventOutbox, type TellEvent } from './event-outbox.ts';
import { FolderReports } from './folder-reports.ts';
import { FolderScanner } from './folder-scanner.ts';
import { FolderView, stampOf, type FolderNode } from './folder-view.ts';
import { compileIgnorePatterns, type IgnoreRules } from './ignore-rules.ts';
import { JobQueue } from './job-queue.ts';
import { SystemLimitError, codeOf } from './read-disk.ts';
import { ReadyJudge } from './ready-judge.ts';
import type { WatchClock } from './watch-clock.ts';
import { networkDrive, obstacleOf, type Obstacle } from './watch-obstacles.ts';
import { RootLostError, WatchedRoot, emptyRoot } from './watched-root.ts';

export type WatchSettings = Required<
  Pick<FolderWatcherOptions, 'settleSeconds' | 'giveUpSeconds' | 'rescanSeconds' | 'pollSeconds'>
> &
  Pick<FolderWatcherOptions, 'isAudioFile' | 'checkLength' | 'isNetworkDrive'>;

/** What a folder is given by the watcher that it belongs to. */
export interface WatchedFolderContext {
  settings: WatchSettings;
  clock: WatchClock;
  openChangeReports: OpenChangeReports;
  tell: TellEvent;
  /** Called whenever nothing is left to do for now. */
  onSettled: () => void;
}

/** A watched folder was closed in the middle of its work. */
class FolderClosedError extends Error {
  override readonly name = 'FolderClosedError';
}

/** How often a folder's own existence is checked, and what the listener refused is told again. */
const beatMs = 5000;
/** How long changes are collected before they are looked at. */
const collectMs = 50;
/** Looking through a folder takes at most this share of the time, where changes are reported and where they are not. */
const rescanShare = 1 / 200;
const pollShare = 1 / 5;
/** The same where folders are moved all the time. */
const doubtShare = 1 / 10;
/** A network drive's clock may be wrong by minutes, so only an old file's own time proves that it is complete. */
const restedAfterOnNetworkMs = 600_000;
/** File systems round times by up to 2 s. */
const timeRoundingMs = 2000;

export class WatchedFolder {
  readonly path: string;
  readonly #context: WatchedFolderContext;
  readonly #ignorePatterns: string[];
  readonly #isIgnored: IgnoreRules;
  readonly #view: FolderView;
  readonly #judge: ReadyJudge;
  readonly #reports: FolderReports;
  readonly #outbox: EventOutbox;
  readonly #jobs: JobQueue;
  readonly #closing = new AbortController();
  readonly #beat: NodeJS.Timeout;
  #timer: NodeJS.Timeout | undefined;
  #scanner: FolderScanner | null = null;
  #root: WatchedRoot | null = null;
  #state: WatchedFolderStatus['state'];
  #obstacle: Obstacle | null = null;
  /** The state while the folder is there and was looked through. */
  #mode: 'watching' | 'polling' | 'periodic' = 'watching';
  #expectsSongs: boolean;
  #wasLookedThrough = false;
  #nextScanMs = 0;
  #nextReportsMs = 0;
  /** Whether reports may have ceased: chokidar 6.0.0 loses some folders that were moved or took a file's place. */
  #areReportsDoubtful = false;
  /** Folders from which reports should come, as has still to be made sure. */
  #newFolders: string[] = [];

  /** @throws BangerError `usage` for an ignore pattern that cannot be read */
  constructor(path: string, options: WatchedFolderOptions, context: WatchedFolderContext) {
    const { settings, clock, tell, openChangeReports } = context;
    this.path = path;
    this.#context = context;
    this.#ignorePatterns = [...(options.ignorePatterns ?? [])];
    this.#isIgnored = compileIgnorePatterns(this.#ignorePatterns);
    this.#expectsSongs = options.heldSongs ?? false;
    this.#state = options.isPaused === true ? 'paused' : 'scanning';
    this.#outbox = new EventOutbox(tell);
    this.#jobs = new JobQueue({
      onError: (error) => this.#recover(error),
      onDone: () => {
        this.#finishJob();
      },
    });
    this.#view = new FolderView(path, settings.settleSeconds * 1000);
    this.#reports = new FolderReports({
      path,
      isIgnored: this.#isIgnored,
      openChangeReports,
      onFirstChange: () => {
        if (this.#jobs.isIdle) this.#setTimer();
      },
      onRootRemoval: () => void this.#run(() => this.#reopen()),
      onFailure: (error) => void this.#run(() => this.#fallBack(obstacleOf(codeOf(error)))),
    });
    this.#judge = new ReadyJudge({
      view: this.#view,
      settings,
      clock,
      tell,
      onDoubt: (doubted) => {
        this.#reports.add(doubted, false);
      },
    });
    const beatEveryMs = Math.min(beatMs, settings.pollSeconds * 1000, settings.rescanSeconds * 1000);
    this.#beat = setInterval(() => {
      if (this.#jobs.isIdle) void this.#run(() => this.#checkUp());
    }, beatEveryMs);
    this.#tellState();
    if (this.#state === 'scanning') void this.#run(() => this.#open());
  }

  get status(): WatchedFolderStatus {
    return {
      path: this.path,
      state: this.#state,
      reason: this.#obstacle?.reason ?? null,
      nextStep: this.#obstacle?.nextStep ?? null,
      files: this.#view.fileCount,
      skipped: this.#view.skippedCounts,
      ignorePatterns: this.#ignorePatterns,
    };
  }

  /** Whether nothing is being looked at or waiting to settle; a folder that is paused or out of reach has nothing. */
  get isSettled(): boolean {
    if (!this.#jobs.isIdle || !this.#outbox.isEmpty) return false;
    if (!this.#isActive) return true;
    const isUncertain = !this.#wasLookedThrough || this.#reports.hasChanges || this.#areReportsDoubtful;
    return !isUncertain && this.#view.settling.size === 0;
  }

  /** Whether a file was there when last looked at, in whatever state. */
  has(path: string): boolean {
    const names = relative(this.path, path).split(sep);
    const fileName = names.pop() ?? '';
    let folder: FolderNode | undefined = this.#view.root;
    for (const name of names) folder = folder?.folders.get(name);
    return folder?.files.has(fileName) ?? false;
  }

  /** The songs that were there when last looked at. */
  files(): Iterable<FileStamp> {
    return this.#view.songs().map(stampOf);
  }

  /** Looks through the whole folder now. Resolves when that is done, or when it turned out to be impossible. */
  rescan(): Promise<void> {
    return this.#run(async () => {
      if (this.#state === 'unavailable') await this.#open();
      else if (this.#isActive) await this.#scan();
    });
  }

  pause(): Promise<void> {
    return this.#run(async () => {
      await this.#reports.close();
      this.#view.settling.clear();
      this.#setState('paused', null);
    });
  }

  resume(): Promise<void> {
    return this.#run(async () => {
      if (this.#state === 'paused') await this.#open();
    });
  }

  /** Ends all timers and subscriptions. Resolves when the work in progress has stopped and its last event is dealt with. */
  async close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#beat);
    clearTimeout(this.#timer);
    await this.#jobs.whenDone;
    await this.#reports.close();
  }

  get #isActive(): boolean {
    return this.#state !== 'paused' && this.#state !== 'unavailable';
  }

  #run(job: () => Promise<unknown>): Promise<void> {
    return this.#jobs.run(() => {
      this.#stopIfClosed();
      return job();
    });
  }

  #finishJob(): void {
    this.#setTimer();
    if (this.isSettled) this.#context.onSettled();
  }

  #stopIfClosed(): void {
    if (this.#closing.signal.aborted) throw new FolderClosedError();
  }

  async #recover(error: unknown): Promise<void> {
    if (error instanceof FolderClosedError) return;
    this.#scanner?.dropPending();
    if (error instanceof RootLostError) {
      await this.#reports.close();
      this.#setState('unavailable', error);
      if (error.isReplaced) void this.#run(() => this.#open());
    } else if (error instanceof SystemLimitError) {
      await this.#fallBack(obstacleOf(error.code));
    } else {
      await this.#fallBack({ reason: asBangerError(error).message, nextStep: null });
    }
  }

  /** Does without reports: looks through the folder periodically, and tries now and then to have reports again. */
  async #fallBack(obstacle: Obstacle): Promise<void> {
    await this.#reports.close();
    const { settings, clock } = this.#context;
    this.#mode = 'periodic';
    this.#nextScanMs = clock.monotonicMs() + settings.pollSeconds * 1000;
    this.#nextReportsMs = clock.monotonicMs() + settings.rescanSeconds * 1000;
    this.#setState('periodic', obstacle);
  }

  async #open(): Promise<void> {
    const { settings, clock } = this.#context;
    this.#root = await WatchedRoot.open(this.path, this.#root);
    const isOnNetwork = settings.isNetworkDrive?.(this.path) ?? false;
    this.#scanner = new FolderScanner({
      view: this.#view,
      root: this.#root,
      isIgnored: this.#isIgnored,
      clock,
      restedAfterMs: isOnNetwork ? restedAfterOnNetworkMs : settings.settleSeconds * 1000 + timeRoundingMs,
      onPause: () => this.#tendBetween(),
      onGone: (paths) => this.#tellGone(paths),
      onFolderFound: (path) => {
        if (this.#mode === 'watching') this.#newFolders.push(path);
      },
      onFolderLost: () => {
        this.#areReportsDoubtful = this.#mode === 'watching';
      },
    });
    this.#mode = isOnNetwork ? 'polling' : 'watching';
    this.#setState('scanning', isOnNetwork ? networkDrive : null);
    if (!isOnNetwork) await this.#openReports();
    await this.#scanAfterOpening();
  }

  /** Opens again a folder that was away, however shortly: reports about what it holds have ceased. */
  async #reopen(): Promise<void> {
    if (this.#isActive) await this.#open();
  }

  async #openReports(): Promise<void> {
    const error = await this.#reports.open(this.#closing.signal);
    this.#stopIfClosed();
    this.#areReportsDoubtful = false;
    if (error !== null) {
      await this.#fallBack(obstacleOf(codeOf(error)));
      return;
    }
    this.#mode = 'watching';
    this.#obstacle = null;
  }

  /** Looks through a folder from which reports have just begun to come: what is found in it is no news to them. */
  async #scanAfterOpening(): Promise<void> {
    await this.#scan();
    this.#newFolders = [];
  }

  async #scan(): Promise<void> {
    const { settings, clock } = this.#context;
    if (this.#scanner === null) {
      await this.#open();
      return;
    }
    const startedMs = clock.monotonicMs();
    this.#reports.takeEverything();
    await this.#root?.check();
    await this.#scanner.scanAll();
    const { root } = this.#view;
    if (this.#expectsSongs && root.files.size === 0 && root.folders.size === 0) throw emptyRoot();
    this.#expectsSongs = false;
    this.#wasLookedThrough = true;
    this.#reports.setLinkedFolders(this.#view.linkedFolders());
    await this.#tendBetween();
    const finishedMs = clock.monotonicMs();
    const [leastSeconds, share] =
      this.#mode === 'watching' ? [settings.rescanSeconds, rescanShare] : [settings.pollSeconds, pollShare];
    const tookMs = finishedMs - startedMs;
    this.#nextScanMs = finishedMs + Math.max(leastSeconds * 1000, tookMs / share);
    if (this.#mode === 'watching') this.#nextReportsMs = finishedMs + tookMs / doubtShare;
    this.#setState(this.#mode, this.#obstacle);
    this.#outbox.add({ kind: 'scan-finished', folder: this.path, status: this.status });
    await this.#outbox.send();
  }

  /** Looks at what changed and tells what is ready, also in the middle of a scan. */
  async #tendBetween(): Promise<void> {
    let isMoreWaiting = true;
    while (isMoreWaiting) {
      this.#stopIfClosed();
      const { changes, isFull } = this.#reports.takeChanges();
      await this.#scanner?.scanPaths(changes);
      isMoreWaiting = isFull;
      // In order: a song that came back is not told as ready before it was told as gone.
      if (await this.#outbox.send()) while (await this.#judge.tellDue()) this.#stopIfClosed();
    }
  }

  async #tend(): Promise<void> {
    if (!this.#isActive) return;
    if (this.#reports.takeEverything()) await this.#scan();
    await this.#tendBetween();
    if (this.#scanner?.hasPending !== true) return;
    await this.#scanner.scanPending();
    this.#reports.setLinkedFolders(this.#view.linkedFolders());
  }

  async #checkUp(): Promise<void> {
    await this.#outbox.send();
    if (this.#state === 'unavailable') await this.#open();
    if (!this.#isActive || this.#root === null) return;
    await this.#root.check();
    const newFolders = this.#newFolders;
    this.#newFolders = [];
    if (newFolders.length > 0 && !this.#reports.coversAll(newFolders)) this.#areReportsDoubtful = true;
    const nowMs = this.#context.clock.monotonicMs();
    const isDue = nowMs >= this.#nextReportsMs;
    const wantsReports = isDue && (this.#mode === 'periodic' || this.#areReportsDoubtful);
    if (wantsReports) {
      await this.#openReports();
      await this.#scanAfterOpening();
    } else if (nowMs >= this.#nextScanMs) await this.#scan();
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    if (this.#closing.signal.aborted || !this.#isActive) return;
    const hasChanges = this.#reports.hasChanges || this.#scanner?.hasPending === true;
    // While the listener refuses events, nothing more is told: the next beat tries again.
    const dueMs = this.#outbox.isEmpty ? this.#view.settling.nextDueMs : null;
    if (!hasChanges && dueMs === null) return;
    const waitMs = hasChanges ? collectMs : Math.max(0, (dueMs ?? 0) - this.#context.clock.monotonicMs());
    this.#timer = setTimeout(() => {
      if (this.#jobs.isIdle) void this.#run(() => this.#tend());
    }, waitMs);
  }

  #setState(state: WatchedFolderStatus['state'], obstacle: Obstacle | null): void {
    const before = this.status;
    this.#state = state;
    this.#obstacle = obstacle === null ? null : { reason: obstacle.reason, nextStep: obstacle.nextStep };
    if (state !== before.state || before.reason !== this.status.reason) this.#tellState();
  }

  #tellState(): void {
    this.#outbox.add({ kind: 'folder-state-changed', folder: this.path, status: this.status });
    void this.#run(() => this.#outbox.send());
  }

  async #tellGone(paths: string[]): Promise<void> {
    for (let from = 0; from < paths.length; from += maxFilesPerEvent) {
      const some = paths.slice(from, from + maxFilesPerEvent);
      this.#outbox.add({ kind: 'files-gone', folder: this.path, paths: some });
    }
    await this.#outbox.send();
  }
}
