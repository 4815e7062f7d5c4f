/** Keeps an eye on one folder: opens it, looks through it, hears of changes, and tells what is ready. */
import { basename, join, relative, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { asBangerError } from '../../shared/errors.ts';
import { isPassedOver } from '../../shared/file-names.ts';
import type { FileStamp } from '../../shared/library.ts';
import type {
  FolderWatcherOptions,
  WatchEvent,
  WatchedFolderOptions,
  WatchedFolderStatus,
} from '../../shared/watch.ts';
import { maxFilesPerEvent } from '../../shared/watch.ts';
import type { ChangeReports, OpenChangeReports } from './change-reports.ts';
import { FolderScanner } from './folder-scanner.ts';
import type { FolderNode } from './folder-view.ts';
import { FolderView, stampOf } from './folder-view.ts';
import { compileIgnorePatterns, type IgnoreRules } from './ignore-rules.ts';
import { SystemLimitError, codeOf, forEachLimited } from './read-disk.ts';
import { ReadyJudge } from './ready-judge.ts';
import { networkDrive, obstacleOf, type Obstacle } from './watch-obstacles.ts';
import type { WatchClock } from './watch-clock.ts';
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
  /** Resolves when the listener has dealt with the event, rejects when it could not. */
  tell: (event: WatchEvent) => Promise<void>;
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
/** More changed paths than these are not remembered one by one: the whole folder is looked through. */
const maxChangedPaths = 20_000;
const changesAtOnce = 16;
/** So long a scan waits for the system to report changes; if it takes longer, another scan follows. */
const reportsReadyWithinMs = 30_000;
/** Looking through a folder takes at most this share of the time where changes are reported, and where they are not. */
const rescanShare = 1 / 200;
const pollShare = 1 / 5;
/** A network drive's clock may be wrong by minutes. */
const restedAfterOnNetworkMs = 600_000;
/** File systems round times by up to 2 s. */
const timeRoundingMs = 2000;

export class WatchedFolder {
  readonly path: string;
  readonly #context: WatchedFolderContext;
  readonly #isIgnored: IgnoreRules;
  readonly #view: FolderView;
  readonly #judge: ReadyJudge;
  readonly #closing = new AbortController();
  readonly #beat: NodeJS.Timeout;
  #scanner: FolderScanner | null = null;
  #root: WatchedRoot | null = null;
  #reports: ChangeReports | null = null;
  /** The folders outside that links lead to, with the paths under which they are seen. */
  #linkPaths = new Map<string, string>();
  #state: WatchedFolderStatus['state'];
  #obstacle: Obstacle | null = null;
  /** The state once the first scan is done. */
  #settledState: 'watching' | 'polling' | 'periodic' = 'watching';
  #expectsSongs: boolean;
  #changedPaths = new Set<string>();
  #mustScan = false;
  #wasLookedThrough = false;
  #nextScanMs = 0;
  #nextReportsMs = 0;
  #untold: WatchEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  #jobs = 0;
  #tail: Promise<void> = Promise.resolve();

  /** @throws BangerError `usage` for an ignore pattern that cannot be read */
  constructor(path: string, options: WatchedFolderOptions, context: WatchedFolderContext) {
    this.path = path;
    this.#context = context;
    this.#isIgnored = compileIgnorePatterns(options.ignorePatterns ?? []);
    this.#expectsSongs = options.heldSongs ?? false;
    this.#state = options.isPaused === true ? 'paused' : 'scanning';
    const { settings, clock } = context;
    this.#view = new FolderView(path, settings.settleSeconds * 1000);
    this.#judge = new ReadyJudge({
      view: this.#view,
      settings,
      clock,
      tell: context.tell,
      onDoubt: (changed) => this.#changedPaths.add(changed),
    });
    const beatEveryMs = Math.min(beatMs, settings.pollSeconds * 1000, settings.rescanSeconds * 1000);
    this.#beat = setInterval(() => {
      if (this.#jobs === 0) void this.#enqueue(() => this.#checkUp());
    }, beatEveryMs);
    this.#tellState();
    if (this.#state === 'scanning') void this.#enqueue(() => this.#open());
  }

  get status(): WatchedFolderStatus {
    return {
      path: this.path,
      state: this.#state,
      reason: this.#obstacle?.reason ?? null,
      nextStep: this.#obstacle?.nextStep ?? null,
      files: this.#view.fileCount,
      skipped: this.#view.skippedCounts,
    };
  }

  /** Whether nothing is being looked at or waiting to settle; a folder that is paused or out of reach has nothing. */
  get isSettled(): boolean {
    return this.#jobs === 0 && (!this.#isActive || !this.#hasWork);
  }

  get #isActive(): boolean {
    return this.#state !== 'paused' && this.#state !== 'unavailable';
  }

  get #hasWork(): boolean {
    return (
      this.#mustScan ||
      !this.#wasLookedThrough ||
      this.#changedPaths.size > 0 ||
      this.#view.settling.size > 0 ||
      this.#untold.length > 0
    );
  }

  /** Whether a file was there when last looked at, in whatever state. */
  has(path: string): boolean {
    const names = relative(this.path, path).split(sep);
    const name = names.pop() ?? '';
    let folder: FolderNode | undefined = this.#view.root;
    for (const part of names) folder = folder?.folders.get(part);
    return folder?.files.has(name) ?? false;
  }

  /** The songs that were there when last looked at. */
  files(): Iterable<FileStamp> {
    return this.#view.songs().map(stampOf);
  }

  /** Looks through the whole folder now. Resolves when that is done, or when it turned out to be impossible. */
  rescan(): Promise<void> {
    return this.#enqueue(async () => {
      if (this.#state === 'paused') return;
      if (this.#state === 'unavailable') await this.#open();
      else await this.#scan();
    });
  }

  pause(): Promise<void> {
    return this.#enqueue(async () => {
      await this.#closeReports();
      this.#view.settling.clear();
      this.#changedPaths.clear();
      this.#setState('paused', null);
    });
  }

  resume(): Promise<void> {
    return this.#enqueue(async () => {
      if (this.#state === 'paused') await this.#open();
    });
  }

  /** Ends all timers and subscriptions. Resolves when the work in progress has stopped and its last event is dealt with. */
  async close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#beat);
    clearTimeout(this.#timer);
    await this.#closeReports();
    await this.#tail;
    await this.#closeReports();
  }

  /** Runs jobs one after another, so that no two change the view at a time. */
  #enqueue(job: () => Promise<unknown>): Promise<void> {
    this.#jobs += 1;
    this.#tail = this.#tail.then(async () => {
      try {
        this.#stopIfClosed();
        await job();
      } catch (error) {
        await this.#recover(error);
      } finally {
        this.#jobs -= 1;
        this.#setTimer();
        if (this.isSettled) this.#context.onSettled();
      }
    });
    return this.#tail;
  }

  #stopIfClosed(): void {
    if (this.#closing.signal.aborted) throw new FolderClosedError();
  }

  async #recover(error: unknown): Promise<void> {
    if (error instanceof FolderClosedError) return;
    this.#scanner?.dropPending();
    if (error instanceof RootLostError) {
      await this.#closeReports();
      this.#changedPaths.clear();
      this.#setState('unavailable', error);
      if (error.isReplaced) void this.#enqueue(() => this.#open());
      return;
    }
    const obstacle =
      error instanceof SystemLimitError
        ? obstacleOf(error.code)
        : { reason: asBangerError(error).message, nextStep: null };
    await this.#fallBack(obstacle);
  }

  /** Does without reports: looks through the folder periodically, and tries now and then to have reports again. */
  async #fallBack(obstacle: Obstacle): Promise<void> {
    await this.#closeReports();
    const { settings, clock } = this.#context;
    this.#settledState = 'periodic';
    this.#nextScanMs = clock.monotonicMs() + settings.pollSeconds * 1000;
    this.#nextReportsMs = clock.monotonicMs() + settings.rescanSeconds * 1000;
    this.#setState('periodic', obstacle);
  }

  async #open(): Promise<void> {
    await this.#closeReports();
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
    });
    this.#setState('scanning', isOnNetwork ? networkDrive : null);
    this.#settledState = isOnNetwork ? 'polling' : 'watching';
    if (!isOnNetwork) await this.#openReports();
    await this.#scan();
  }

  async #openReports(): Promise<void> {
    this.#stopIfClosed();
    const failed = Promise.withResolvers<Error>();
    const reports = this.#context.openChangeReports(this.path, {
      isIgnored: (path, isFolder) => this.#isUnwatched(path, isFolder),
      onChange: (path) => {
        this.#noteChange(path);
      },
      onError: (error) => {
        failed.resolve(error);
      },
    });
    this.#reports = reports;
    const waiting = new AbortController();
    const patience = AbortSignal.any([this.#closing.signal, waiting.signal]);
    const outcome = await Promise.race([
      reports.ready.then(() => 'ready' as const),
      failed.promise,
      sleep(reportsReadyWithinMs, 'late' as const, { signal: patience }).catch(() => 'closed' as const),
    ]);
    waiting.abort();
    this.#stopIfClosed();
    if (outcome instanceof Error) {
      await this.#fallBack(obstacleOf(codeOf(outcome)));
      return;
    }
    this.#settledState = 'watching';
    this.#obstacle = null;
    if (outcome === 'late') {
      void reports.ready.then(() => {
        this.#mustScan = true;
      });
    }
    void failed.promise.then((error) => {
      if (this.#reports === reports) void this.#enqueue(() => this.#fallBack(obstacleOf(codeOf(error))));
    });
  }

  async #closeReports(): Promise<void> {
    const reports = this.#reports;
    this.#reports = null;
    this.#linkPaths = new Map();
    await reports?.close();
  }

  /** Whether reports about a path are of no use. Files under temporary names are, because they get others later. */
  #isUnwatched(path: string, isFolder: boolean): boolean {
    const inside = relative(this.path, path);
    if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`)) return false;
    return (
      (isFolder && isPassedOver(basename(path))) || this.#isIgnored(inside.replaceAll(sep, '/'), isFolder)
    );
  }

  #noteChange(path: string): void {
    if (this.#changedPaths.size >= maxChangedPaths) {
      this.#changedPaths.clear();
      this.#mustScan = true;
    }
    const isFirst = this.#changedPaths.size === 0;
    if (!this.#mustScan) this.#changedPaths.add(this.#asSeen(path));
    // Only the first one sets the timer: others would put it off for as long as changes keep coming.
    if (this.#jobs === 0 && isFirst) this.#setTimer();
  }

  /** A path outside, to which a link leads, as the path through that link. */
  #asSeen(path: string): string {
    for (const [target, linkPath] of this.#linkPaths) {
      if (path === target || path.startsWith(target + sep)) return join(linkPath, path.slice(target.length));
    }
    return path;
  }

  async #scan(): Promise<void> {
    const { settings, clock } = this.#context;
    if (this.#scanner === null) return;
    const startedMs = clock.monotonicMs();
    this.#mustScan = false;
    await this.#root?.check();
    await this.#scanner.scanAll();
    const { root } = this.#view;
    if (this.#expectsSongs && root.files.size === 0 && root.folders.size === 0) throw emptyRoot();
    this.#expectsSongs = false;
    this.#wasLookedThrough = true;
    this.#watchLinkedFolders();
    await this.#tendBetween();
    const finishedMs = clock.monotonicMs();
    const isReported = this.#settledState === 'watching';
    const leastMs = (isReported ? settings.rescanSeconds : settings.pollSeconds) * 1000;
    const share = isReported ? rescanShare : pollShare;
    this.#nextScanMs = finishedMs + Math.max(leastMs, (finishedMs - startedMs) / share);
    this.#setState(this.#settledState, this.#obstacle);
    this.#untold.push({ kind: 'scan-finished', folder: this.path, status: this.status });
    await this.#tellUntold();
  }

  #watchLinkedFolders(): void {
    this.#linkPaths = new Map(
      this.#view.linkedFolders().map((folder) => [folder.linkTarget ?? '', folder.path]),
    );
    this.#reports?.setFurtherFolders([...this.#linkPaths.keys()]);
  }

  /** Looks at what changed and tells what is ready, also in the middle of a scan. */
  async #tendBetween(): Promise<void> {
    this.#stopIfClosed();
    const scanner = this.#scanner;
    if (scanner !== null && this.#changedPaths.size > 0) {
      const paths = [...this.#changedPaths];
      this.#changedPaths.clear();
      await forEachLimited(paths, changesAtOnce, (path) => scanner.scanPath(path));
    }
    // In order: a song that came back is not told as ready before it was told as gone.
    if (await this.#tellUntold()) while (await this.#judge.tellDue()) this.#stopIfClosed();
  }

  async #tend(): Promise<void> {
    if (!this.#isActive) return;
    if (this.#mustScan) await this.#scan();
    await this.#tendBetween();
    if (this.#scanner?.hasPending === true) {
      await this.#scanner.scanPending();
      this.#watchLinkedFolders();
    }
  }

  async #checkUp(): Promise<void> {
    await this.#tellUntold();
    if (this.#state === 'paused') return;
    if (this.#state === 'unavailable' || this.#root === null) {
      await this.#open();
      return;
    }
    await this.#root.check();
    const nowMs = this.#context.clock.monotonicMs();
    const wantsReports = this.#settledState === 'periodic' && nowMs >= this.#nextReportsMs;
    if (wantsReports) await this.#openReports();
    if (wantsReports || nowMs >= this.#nextScanMs) await this.#scan();
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    if (this.#closing.signal.aborted || !this.#isActive) return;
    const hasChanges = this.#mustScan || this.#changedPaths.size > 0 || this.#scanner?.hasPending === true;
    const dueMs = this.#view.settling.nextDueMs;
    if (!hasChanges && dueMs === null) return;
    const waitMs = hasChanges ? collectMs : Math.max(0, (dueMs ?? 0) - this.#context.clock.monotonicMs());
    this.#timer = setTimeout(() => {
      if (this.#jobs === 0) void this.#enqueue(() => this.#tend());
    }, waitMs);
  }

  #setState(state: WatchedFolderStatus['state'], obstacle: Obstacle | null): void {
    const before = this.status;
    this.#state = state;
    this.#obstacle = obstacle === null ? null : { reason: obstacle.reason, nextStep: obstacle.nextStep };
    if (state !== before.state || before.reason !== this.status.reason) this.#tellState();
  }

  #tellState(): void {
    this.#untold.push({ kind: 'folder-state-changed', folder: this.path, status: this.status });
    void this.#enqueue(() => this.#tellUntold());
  }

  async #tellGone(paths: string[]): Promise<void> {
    for (let from = 0; from < paths.length; from += maxFilesPerEvent) {
      const some = paths.slice(from, from + maxFilesPerEvent);
      this.#untold.push({ kind: 'files-gone', folder: this.path, paths: some });
    }
    await this.#tellUntold();
  }

  /** Tells in order what has not been told, and whether all of it was; what the listener refuses waits for a beat. */
  async #tellUntold(): Promise<boolean> {
    for (let event = this.#untold[0]; event !== undefined; event = this.#untold[0]) {
      try {
        await this.#context.tell(event);
      } catch {
        return false;
      }
      this.#untold = this.#untold.filter((other) => other !== event);
    }
    return true;
  }
}
