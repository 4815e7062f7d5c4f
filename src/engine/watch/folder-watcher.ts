/** Watches folders: tells which songs in them are ready to be read, which are gone, and how each folder is doing. */
import { resolve } from 'node:path';
import { BangerError } from '../../shared/errors.ts';
import type { FileStamp } from '../../shared/library.ts';
import type {
  FolderWatcherOptions,
  WatchEvent,
  WatchListener,
  WatchedFolderOptions,
  WatchedFolderStatus,
} from '../../shared/watch.ts';
import { openChangeReports, type OpenChangeReports } from './change-reports.ts';
import { systemClock, type WatchClock } from './watch-clock.ts';
import { WatchedFolder, type WatchSettings } from './watched-folder.ts';

/** What a watcher takes from the system; tests put others in their place. */
export interface WatchSystem {
  clock: WatchClock;
  openChangeReports: OpenChangeReports;
}

const defaults = { settleSeconds: 3, giveUpSeconds: 60, rescanSeconds: 300, pollSeconds: 10 };

/**
 * Owns every timer and subscription of the folders that are added to it, until `close`. None of its methods that
 * give a promise may be awaited inside a listener: they wait for the listener themselves.
 */
export class FolderWatcher {
  readonly #settings: WatchSettings;
  readonly #system: WatchSystem;
  readonly #folders = new Map<string, WatchedFolder>();
  readonly #listeners = new Set<WatchListener>();
  #settledWaiters: (() => void)[] = [];
  #telling: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: FolderWatcherOptions, system: Partial<WatchSystem> = {}) {
    this.#settings = { ...defaults, ...options };
    this.#system = { clock: systemClock, openChangeReports, ...system };
  }

  /** Hears all events from now on. Gives the function that ends it. */
  on(listener: WatchListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /**
   * Begins to watch a folder; it need not be there yet. Whatever lies in it is told, also what lay there before.
   *
   * @throws BangerError `usage` where it is watched already or an ignore pattern cannot be read
   */
  addFolder(path: string, options: WatchedFolderOptions = {}): void {
    const absolute = resolve(path);
    if (this.#isClosed) throw new BangerError('internal', 'The watcher is closed.');
    if (this.#folders.has(absolute)) {
      throw new BangerError('usage', 'This folder is watched already.', { file: absolute });
    }
    const folder = new WatchedFolder(absolute, options, {
      settings: this.#settings,
      ...this.#system,
      tell: (event) => this.#tell(event),
      onSettled: () => {
        this.#noteSettled();
      },
    });
    this.#folders.set(absolute, folder);
  }

  /** Stops watching a folder. Nothing is told about what lies in it. */
  async removeFolder(path: string): Promise<void> {
    const folder = this.#folders.get(resolve(path));
    this.#folders.delete(resolve(path));
    await folder?.close();
    this.#noteSettled();
  }

  /** Stops watching a folder until `resumeFolder`, which then tells what changed meanwhile. */
  pauseFolder(path: string): Promise<void> {
    return this.#folder(path).pause();
  }

  /** Resolves when the folder has been looked through. */
  resumeFolder(path: string): Promise<void> {
    return this.#folder(path).resume();
  }

  /** Looks through one folder, or all, now. Resolves when that is done or turned out to be impossible. */
  async rescan(path?: string): Promise<void> {
    const folders = path === undefined ? [...this.#folders.values()] : [this.#folder(path)];
    await Promise.all(folders.map((folder) => folder.rescan()));
  }

  /**
   * Resolves when every folder was looked through and nothing waits to settle. Folders that are paused or out of
   * reach are not waited for; a file that never stops growing is.
   */
  async whenSettled(): Promise<void> {
    while ([...this.#folders.values()].some((folder) => !folder.isSettled)) {
      await new Promise<void>((settled) => this.#settledWaiters.push(settled));
    }
  }

  /** How each folder is doing, in the order in which they were added. */
  get folders(): WatchedFolderStatus[] {
    return [...this.#folders.values()].map((folder) => folder.status);
  }

  /**
   * Whether a file was there when last looked at. True means that it is there, ready or not; false says nothing
   * about what is ignored, out of reach, or not looked through yet.
   */
  has(path: string): boolean {
    return [...this.#folders.values()].some((folder) => folder.has(resolve(path)));
  }

  /** The songs in a folder that were there when last looked at, ready or not, without copying them. */
  files(path: string): Iterable<FileStamp> {
    return this.#folder(path).files();
  }

  /** Ends everything. Resolves when no event will follow and no timer or subscription is left. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#folders.values()].map((folder) => folder.close()));
    this.#folders.clear();
    this.#noteSettled();
    await this.#telling;
    this.#listeners.clear();
  }

  #folder(path: string): WatchedFolder {
    const folder = this.#folders.get(resolve(path));
    if (folder === undefined) {
      throw new BangerError('usage', 'This folder is not watched.', { file: resolve(path) });
    }
    return folder;
  }

  /** One event after another, so that a slow listener slows the watcher down instead of filling memory. */
  #tell(event: WatchEvent): Promise<void> {
    const told = this.#telling.then(async () => {
      for (const listener of this.#listeners) await listener(event);
    });
    this.#telling = told.catch(() => undefined);
    return told;
  }

  #noteSettled(): void {
    const waiters = this.#settledWaiters;
    this.#settledWaiters = [];
    for (const settled of waiters) settled();
  }
}
