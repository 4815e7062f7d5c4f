/** Folders that go away with their drive, come back, or were never there: nothing in them counts as gone. */
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { asUnprivileged } from '../../support/as-unprivileged.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { eventually, expectSongs, useWatchers, writeSong } from '../../support/watch-folder.ts';

const at = useFreshFolder();
const watch = useWatchers();

test.each([
  { changes: 'reported', state: 'watching', options: {} },
  { changes: 'not reported', state: 'polling', options: { isNetworkDrive: () => true } },
])('a folder whose changes are $changes vanishes with its drive and returns', async ({ state, options }) => {
  mkdirSync(at('drive/music/deep'), { recursive: true });
  const songs = Array.from({ length: 300 }, (_, index) => writeSong(at(`drive/music/deep/${index}.wav`)));
  const { watcher, record } = watch(options);
  watcher.addFolder(at('drive/music'));
  await expectSongs(record, songs);
  renameSync(at('drive'), at('elsewhere'));
  await eventually(() => {
    expect(watcher.folders[0]).toMatchObject({ state: 'unavailable', files: 300 });
  });
  expect(watcher.folders[0]?.reason).toBe('This folder is not there.');
  expect(record.states.at(-1)).toBe('unavailable');
  await watcher.rescan();
  expect(record.gone).toEqual([]);

  rmSync(at('elsewhere/music/deep/0.wav'));
  const added = writeSong(at('elsewhere/music/added.wav'));
  renameSync(at('elsewhere'), at('drive'));
  await expectSongs(record, [...songs.slice(1), added.replace('elsewhere', 'drive')]);
  expect(record.gone).toEqual([songs[0]]);
  expect(record.tellings).toHaveLength(301);
  expect(record.states.at(-1)).toBe(state);

  const late = writeSong(at('drive/music/deep/late.wav'));
  await expectSongs(record, [...songs.slice(1), at('drive/music/added.wav'), late]);
});

test('the watched folder itself is renamed away in the middle of a burst of deletions', async () => {
  mkdirSync(at('music'));
  const songs = Array.from({ length: 50 }, (_, index) => writeSong(at(`music/${index}.wav`)));
  const { watcher, record } = watch();
  watcher.addFolder(at('music'));
  await expectSongs(record, songs);
  for (const song of songs.slice(0, 25)) rmSync(song);
  renameSync(at('music'), at('gone'));
  await eventually(() => {
    expect(watcher.folders[0]?.state).toBe('unavailable');
  });
  expect(record.gone).toEqual([]);
  renameSync(at('gone'), at('music'));
  await expectSongs(record, songs.slice(25));
});

test('another folder takes the place of the watched one', async () => {
  mkdirSync(at('music'));
  mkdirSync(at('other'));
  const song = writeSong(at('music/song.wav'));
  writeSong(at('other/another.wav'));
  const { watcher, record } = watch();
  watcher.addFolder(at('music'));
  await expectSongs(record, [song]);
  renameSync(at('music'), at('old'));
  renameSync(at('other'), at('music'));
  await expectSongs(record, [at('music/another.wav')]);
  const late = writeSong(at('music/late.wav'));
  await expectSongs(record, [at('music/another.wav'), late]);
});

test('a folder that is deleted and made again is watched again', async () => {
  mkdirSync(at('music'));
  const song = writeSong(at('music/song.wav'));
  const { watcher, record } = watch();
  watcher.addFolder(at('music'));
  await expectSongs(record, [song]);
  rmSync(at('music'), { recursive: true });
  await eventually(() => {
    expect(watcher.folders[0]?.state).toBe('unavailable');
  });
  mkdirSync(at('music'));
  const next = writeSong(at('music/next.wav'));
  await expectSongs(record, [next]);
});

test('a folder that is not there yet is watched when it comes', async () => {
  const { watcher, record } = watch();
  watcher.addFolder(at('later'));
  await watcher.whenSettled();
  expect(watcher.folders[0]?.state).toBe('unavailable');
  expect(watcher.folders[0]?.nextStep).toContain('Connect the drive');
  mkdirSync(at('later'));
  const song = writeSong(at('later/song.wav'));
  await expectSongs(record, [song]);
});

test('a file where the folder was leaves it unavailable', async () => {
  writeFileSync(at('music'), 'a file');
  const { watcher } = watch();
  watcher.addFolder(at('music'));
  await watcher.whenSettled();
  expect(watcher.folders[0]?.state).toBe('unavailable');
});

test('an empty folder that held songs before counts as a missing drive until something is in it', async () => {
  mkdirSync(at('mount'));
  const { watcher, record } = watch();
  watcher.addFolder(at('mount'), { heldSongs: true });
  await watcher.whenSettled();
  expect(watcher.folders[0]?.state).toBe('unavailable');
  expect(watcher.folders[0]?.reason).toContain('held songs before');
  expect(record.events.filter(({ kind }) => kind === 'scan-finished')).toEqual([]);
  const song = writeSong(at('mount/song.wav'));
  await expectSongs(record, [song]);
  expect(watcher.folders[0]?.state).toBe('watching');
});

test('what a folder held that may no longer be listed is not gone', async () => {
  chmodSync(at(), 0o755);
  mkdirSync(at('closed'));
  const song = writeSong(at('closed/song.wav'));
  const other = writeSong(at('other.wav'));
  await asUnprivileged(async () => {
    const { watcher, record } = watch();
    watcher.addFolder(at());
    await expectSongs(record, [song, other]);
  });
  const { watcher, record } = watch();
  watcher.addFolder(at());
  await expectSongs(record, [song, other]);
  chmodSync(at('closed'), 0o000);
  await asUnprivileged(async () => {
    await watcher.rescan();
    await sleep(100);
    expect(watcher.folders[0]).toMatchObject({ files: 2, skipped: { unreadable: 1 } });
  });
  chmodSync(at('closed'), 0o755);
  await watcher.rescan();
  expect(watcher.folders[0]).toMatchObject({ files: 2, skipped: { unreadable: 0 } });
  expect(record.gone).toEqual([]);
});
