/** Whatever watching starts, it ends. */
import { mkdirSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FolderWatcher } from '../../../src/engine/watch/folder-watcher.ts';
import { hasErrorCode } from '../../../src/shared/errors.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { eventually, testSettings, writeSong } from '../../support/watch-folder.ts';

const at = useFreshFolder();

/** What keeps a process alive or holds a file open. */
function resources(): { timers: number; watches: number; files: number } {
  const active = process.getActiveResourcesInfo();
  return {
    timers: active.filter((kind) => kind === 'Timeout').length,
    watches: active.filter((kind) => kind === 'FSEventWrap').length,
    files: process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0,
  };
}

/** Opens the one handle through which all of a process's watches run, which stays open. */
async function warmUp(): Promise<void> {
  const watcher = new FolderWatcher(testSettings);
  watcher.addFolder(at());
  await watcher.whenSettled();
  await watcher.close();
  await sleep(100);
}

test.each([
  ['at once', 0],
  ['while it opens', 5],
  ['while it looks through the folder', 60],
  ['while songs settle', 300],
  ['when it is done', 1500],
])('a watcher that is closed %s leaves nothing behind and tells nothing more', async (_, afterMs) => {
  await warmUp();
  for (let folder = 0; folder < 30; folder += 1) {
    mkdirSync(at(`${folder}`));
    for (let song = 0; song < 20; song += 1) writeSong(at(`${folder}/${song}.wav`));
  }
  const before = resources();
  const watcher = new FolderWatcher(testSettings);
  let events = 0;
  watcher.on(async () => {
    events += 1;
    await sleep(5);
  });
  watcher.addFolder(at());
  watcher.addFolder(at('3'), { isPaused: true });
  watcher.addFolder(at('missing'));
  await sleep(afterMs);
  await watcher.close();
  const eventsAtClose = events;
  await sleep(100);
  expect(resources()).toEqual(before);
  writeSong(at('late.wav'));
  await sleep(600);
  expect(events).toBe(eventsAtClose);
});

test('a folder that is removed is told of no more, while others are', async () => {
  mkdirSync(at('a'));
  mkdirSync(at('b'));
  const watcher = new FolderWatcher(testSettings);
  const ready: string[] = [];
  const stopHearing = watcher.on((event) => {
    if (event.kind === 'files-ready') ready.push(...event.files.map(({ path }) => path));
  });
  watcher.addFolder(at('a'));
  watcher.addFolder(at('b'));
  await watcher.whenSettled();
  await watcher.removeFolder(at('a'));
  expect(watcher.folders.map(({ path }) => path)).toEqual([at('b')]);
  writeSong(at('a/unheard.wav'));
  const song = writeSong(at('b/song.wav'));
  await eventually(() => {
    expect(ready).toEqual([song]);
  });
  stopHearing();
  writeSong(at('b/later.wav'));
  await eventually(() => {
    expect(watcher.has(at('b/later.wav'))).toBe(true);
  });
  await watcher.whenSettled();
  expect(ready).toEqual([song]);
  await watcher.close();
});

test('mistakes of the caller are named', async () => {
  const watcher = new FolderWatcher(testSettings);
  watcher.addFolder(at());
  const failureOf = (act: () => unknown): unknown => {
    try {
      act();
    } catch (error) {
      return error;
    }
    return null;
  };
  expect(
    hasErrorCode(
      failureOf(() => {
        watcher.addFolder(at());
      }),
      'usage',
    ),
  ).toBe(true);
  expect(
    hasErrorCode(
      failureOf(() => watcher.pauseFolder(at('other'))),
      'usage',
    ),
  ).toBe(true);
  expect(
    hasErrorCode(
      failureOf(() => {
        watcher.addFolder(at('b'), { ignorePatterns: ['x'.repeat(70_000)] });
      }),
      'usage',
    ),
  ).toBe(true);
  await watcher.close();
  await watcher.close();
});
