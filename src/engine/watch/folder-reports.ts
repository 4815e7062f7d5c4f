/** Collects the paths that the system reports as changed in one folder, and in those that links in it lead to. */
import { basename, join, relative, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isPassedOver } from '../../shared/file-names.ts';
import type { ChangeReports, OpenChangeReports } from './change-reports.ts';
import type { FolderView } from './folder-view.ts';
import type { IgnoreRules } from './ignore-rules.ts';

/** More changed paths than these are not remembered one by one: the whole folder is looked through. */
const maxChangedPaths = 20_000;
/** Few enough that what is ready in the meantime is not held up. */
const changesAtOnce = 500;
/** So long is waited for the system to begin to report; a large tree takes seconds. */
const readyWithinMs = 30_000;

/** A path of which something was reported. */
export interface ReportedChange {
  path: string;
  /** Whether it was reported to be gone; it may have come back since. */
  isRemoval: boolean;
}

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
      onChange: ({ path, isRemoval }) => {
        if (isRemoval && path === this.#options.path) this.#options.onRootRemoval();
        this.add({ path: this.#asSeen(path), isRemoval });
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
    this.#linkPaths.clear();
    await reports?.close();
  }

  /** Takes note of one path. */
  add({ path, isRemoval }: ReportedChange): void {
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

  /** Takes out some of what was collected, the oldest first. */
  takeChanges(): ReportedChange[] {
    const changes = this.#changedPaths
      .entries()
      .take(changesAtOnce)
      .map(([path, isRemoval]) => ({ path, isRemoval }))
      .toArray();
    for (const { path } of changes) this.#changedPaths.delete(path);
    return changes;
  }

  /** Whether anything may have changed; no longer so afterwards. */
  takeEverything(): boolean {
    const isEverythingChanged = this.#isEverythingChanged;
    this.#isEverythingChanged = false;
    return isEverythingChanged;
  }

  /** Collects changes in the folders too to which links lead, and in those that took the place of a file. */
  followView(view: FolderView, replaced: Iterable<string>): void {
    const known = new Set(this.#linkPaths.keys());
    this.#linkPaths.clear();
    for (const { linkTarget, path } of view.linkedFolders()) {
      if (linkTarget !== null) this.#linkPaths.set(linkTarget, path);
    }
    const targets = [...this.#linkPaths.keys()].filter((target) => !known.has(target));
    this.#reports?.watchAlso([...targets, ...Array.from(replaced, (path) => this.#truePath(path))]);
  }

  /** Makes sure that changes are collected in every folder. Takes a while where there are many files. */
  followAll(view: FolderView): void {
    this.followView(view, []);
    this.#reports?.watchAlso(this.#reports.unwatchedOf(view.truePaths()));
  }

  /** The path outside of what is seen through a link. */
  #truePath(path: string): string {
    for (const [target, linkPath] of this.#linkPaths) {
      if (path.startsWith(linkPath + sep)) return join(target, path.slice(linkPath.length));
    }
    return path;
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
