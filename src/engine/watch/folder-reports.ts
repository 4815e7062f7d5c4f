/** Collects the paths that the system reports as changed in one folder, and in those that links in it lead to. */
import { basename, join, relative, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isPassedOver } from '../../shared/file-names.ts';
import type { ChangeReports, OpenChangeReports, ReportedChange } from './change-reports.ts';
import type { FolderNode } from './folder-view.ts';
import type { IgnoreRules } from './ignore-rules.ts';

/** More changed paths than these are not remembered one by one: the whole folder is looked through. */
const maxChangedPaths = 20_000;
/** Few enough that what is ready in the meantime is not held up. */
const changesAtOnce = 500;
/** So long is waited for the system to begin to report; a large tree takes seconds. */
const readyWithinMs = 30_000;

/** What is left of reports on one path. */
export type CollectedChange = Pick<ReportedChange, 'path' | 'isRemoval'>;

export interface FolderReportsOptions {
  path: string;
  isIgnored: IgnoreRules;
  openChangeReports: OpenChangeReports;
  /** Called when something is reported and nothing was before. */
  onFirstChange: () => void;
  /** Called when the watched folder itself is reported as gone, even if it came back since. */
  onRootRemoval: () => void;
  /** Called once when reports cease, not for those that never began. */
  onFailure: (error: Error) => void;
}

export class FolderReports {
  readonly #options: FolderReportsOptions;
  #reports: ChangeReports | null = null;
  /** Changed paths, and whether they were reported as gone. */
  readonly #changedPaths = new Map<string, boolean>();
  #isEverythingChanged = false;
  readonly #announcedFolders = new Set<string>();
  /** The folders outside that links lead to, with the paths under which they are seen. */
  #linkPaths = new Map<string, string>();

  constructor(options: FolderReportsOptions) {
    this.#options = options;
  }

  /**
   * Begins to collect.
   *
   * @returns when every later change will be reported; with the error where the system refuses
   */
  async open(signal: AbortSignal): Promise<Error | null> {
    await this.close();
    if (signal.aborted) return null;
    const failed = Promise.withResolvers<Error>();
    const reports = this.#options.openChangeReports(this.#options.path, {
      isIgnored: (path, isFolder) => this.#isUnwatched(path, isFolder),
      onChange: (change) => {
        if (change.isRemoval && change.path === this.#options.path) this.#options.onRootRemoval();
        const path = this.#asSeen(change.path);
        if (change.isNewFolder) this.#announcedFolders.add(path);
        if (change.isRemoval) this.#announcedFolders.delete(path);
        this.add(path, change.isRemoval);
      },
      onError: failed.resolve,
    });
    this.#reports = reports;
    const waiting = new AbortController();
    const patience = AbortSignal.any([signal, waiting.signal]);
    const outcome = await Promise.race([
      reports.ready.then(() => null),
      failed.promise,
      sleep(readyWithinMs, 'late' as const, { signal: patience }).catch(() => null),
    ]);
    waiting.abort();
    if (outcome instanceof Error) return outcome;
    if (outcome === 'late') {
      void reports.ready.then(() => {
        this.addEverything();
      });
    }
    void failed.promise.then((error) => {
      if (this.#reports === reports) this.#options.onFailure(error);
    });
    return null;
  }

  /** Stops collecting, and forgets what was collected. */
  async close(): Promise<void> {
    const reports = this.#reports;
    this.#reports = null;
    this.#changedPaths.clear();
    this.#announcedFolders.clear();
    this.#linkPaths.clear();
    await reports?.close();
  }

  /** Takes note of one path. */
  add(path: string, isRemoval: boolean): void {
    if (this.#isEverythingChanged) return;
    if (this.#changedPaths.size >= maxChangedPaths) {
      this.addEverything();
      return;
    }
    const isFirst = this.#changedPaths.size === 0;
    this.#changedPaths.set(path, isRemoval || this.#changedPaths.get(path) === true);
    if (isFirst) this.#options.onFirstChange();
  }

  /** Takes note that anything may have changed. */
  addEverything(): void {
    this.#changedPaths.clear();
    this.#isEverythingChanged = true;
    this.#options.onFirstChange();
  }

  get hasChanges(): boolean {
    return this.#isEverythingChanged || this.#changedPaths.size > 0;
  }

  /** Takes out some of what was collected, the oldest first: a full portion, or all. */
  takeChanges(): { changes: CollectedChange[]; isFull: boolean } {
    const changes = this.#changedPaths
      .entries()
      .take(changesAtOnce)
      .map(([path, isRemoval]) => ({ path, isRemoval }))
      .toArray();
    for (const { path } of changes) this.#changedPaths.delete(path);
    return { changes, isFull: changes.length === changesAtOnce };
  }

  /** Whether anything may have changed; no longer so afterwards. */
  takeEverything(): boolean {
    const isEverythingChanged = this.#isEverythingChanged;
    this.#isEverythingChanged = false;
    return isEverythingChanged;
  }

  /** Collects changes in these folders too, to which links lead. */
  setLinkedFolders(folders: Iterable<FolderNode>): void {
    const known = new Set(this.#linkPaths.keys());
    this.#linkPaths.clear();
    for (const { linkTarget, path } of folders) {
      if (linkTarget !== null) this.#linkPaths.set(linkTarget, path);
    }
    this.#reports?.watchAlso([...this.#linkPaths.keys()].filter((target) => !known.has(target)));
  }

  /**
   * Whether changes in these folders, which appeared since reports began, are collected. Chokidar 6.0.0 overlooks some
   * that take the place of something else.
   */
  coversAll(newFolders: readonly string[]): boolean {
    return this.#reports === null || newFolders.every((folder) => this.#announcedFolders.has(folder));
  }

  /** A path outside, to which a link leads, as the path through that link. */
  #asSeen(path: string): string {
    for (const [target, linkPath] of this.#linkPaths) {
      if (path === target || path.startsWith(target + sep)) return join(linkPath, path.slice(target.length));
    }
    return path;
  }

  /** Whether reports about a path are of no use. Files under temporary names are of use: they get others later. */
  #isUnwatched(path: string, isFolder: boolean): boolean {
    const inside = relative(this.#options.path, path);
    if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`)) return false;
    if (isFolder && isPassedOver(basename(path))) return true;
    return this.#options.isIgnored(inside.replaceAll(sep, '/'), isFolder);
  }
}
