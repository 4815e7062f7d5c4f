/** Watches a folder in a test and keeps what it was told, as a listener would understand it. */
import { writeFileSync } from 'node:fs';
import { afterEach, expect, vi } from 'vitest';
import { FolderWatcher, type WatchSystem } from '../../src/engine/watch/folder-watcher.ts';
import type {
  FolderWatcherOptions,
  ReadyFile,
  WatchEvent,
  WatchedFolderStatus,
} from '../../src/shared/watch.ts';

/** What a listener knows after all events so far. */
export class WatchRecord {
  readonly events: WatchEvent[] = [];
  /** The songs that are there, by path, each with its last telling. */
  readonly ready = new Map<string, ReadyFile>();
  /** Every telling of a song, in order. */
  readonly tellings: ReadyFile[] = [];
  readonly gone: string[] = [];
  readonly sidecars: string[] = [];

  note(event: WatchEvent): void {
    this.events.push(event);
    if (event.kind === 'files-ready') {
      for (const file of event.files) this.ready.set(file.path, file);
      this.tellings.push(...event.files);
    }
    if (event.kind === 'files-gone') {
      for (const path of event.paths) this.ready.delete(path);
      this.gone.push(...event.paths);
    }
    if (event.kind === 'sidecars-changed') this.sidecars.push(...event.files.map(({ path }) => path));
  }

  /** How often a path was told as ready. */
  timesReady(path: string): number {
    return this.tellings.filter((file) => file.path === path).length;
  }

  get states(): WatchedFolderStatus['state'][] {
    return this.events.flatMap((event) =>
      event.kind === 'folder-state-changed' ? [event.status.state] : [],
    );
  }
}

export const testSettings: FolderWatcherOptions = {
  isAudioFile: (path) => Promise.resolve(/\.(wav|mp3|ogg)$/i.test(path)),
  settleSeconds: 0.4,
  giveUpSeconds: 1.5,
  rescanSeconds: 600,
  pollSeconds: 0.3,
};

/** Makes a function that starts watchers with a record each; all of them are closed after the test. */
export function useWatchers(): (
  options?: Partial<FolderWatcherOptions>,
  system?: Partial<WatchSystem>,
) => { watcher: FolderWatcher; record: WatchRecord } {
  const watchers: FolderWatcher[] = [];
  afterEach(async () => {
    await Promise.all(watchers.splice(0).map((watcher) => watcher.close()));
  });
  return (options = {}, system = {}) => {
    const watcher = new FolderWatcher({ ...testSettings, ...options }, system);
    const record = new WatchRecord();
    watcher.on((event) => {
      record.note(event);
    });
    watchers.push(watcher);
    return { watcher, record };
  };
}

/** Waits until an expectation holds. */
export function eventually(expectation: () => void, timeoutMs = 20_000): Promise<void> {
  return vi.waitFor(expectation, { timeout: timeoutMs, interval: 20 });
}

/** Writes a small file that counts as a song in these tests. */
export function writeSong(path: string, content = 'la la la'): string {
  writeFileSync(path, content);
  return path;
}

/** Waits until exactly these songs are known to be there. */
export async function expectSongs(record: WatchRecord, paths: readonly string[]): Promise<void> {
  await eventually(() => {
    expect([...record.ready.keys()].sort()).toEqual([...paths].sort());
  });
}
