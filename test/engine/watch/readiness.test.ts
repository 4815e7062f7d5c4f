/** When a file counts as ready: stillness, stated length, clocks, and a listener that has troubles of its own. */
import { appendFileSync, mkdirSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { checkExactLength } from '../../../src/engine/audio/exact-length.ts';
import { FolderWatcher } from '../../../src/engine/watch/folder-watcher.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { writeWav } from '../../support/make-audio.ts';
import { eventually, expectSongs, testSettings, useWatchers, writeSong } from '../../support/watch-folder.ts';

const at = useFreshFolder();
const watch = useWatchers();

test('a song that is shorter than it says waits for the rest, however long it stands still', async () => {
  const samples = new Int16Array(20_000);
  const song = at('song.wav');
  const { watcher, record } = watch({ checkLength: checkExactLength, giveUpSeconds: 100 });
  watcher.addFolder(at());
  await writeWav(song, samples.subarray(0, 5000), { statedDataBytes: samples.byteLength });
  await sleep(1200);
  expect(record.tellings).toEqual([]);
  appendFileSync(song, Buffer.alloc(samples.byteLength - 10_000));
  await expectSongs(record, [song]);
  expect(record.tellings).toMatchObject([{ sizeBytes: 40_044, lengthCheck: 'complete' }]);
});

test('a song whose rest never comes is told at last, and said to be incomplete', async () => {
  await writeWav(at('cut.wav'), new Int16Array(100), { statedDataBytes: 100_000 });
  await writeWav(at('open.wav'), new Int16Array(100), { statedDataBytes: 0 });
  writeFileSync(at('empty.mp3'), '');
  const { watcher, record } = watch({ checkLength: checkExactLength });
  watcher.addFolder(at());
  await expectSongs(record, [at('open.wav')]);
  await expectSongs(record, [at('open.wav'), at('cut.wav'), at('empty.mp3')]);
  expect(record.ready.get(at('open.wav'))?.lengthCheck).toBe('unknown');
  expect(record.ready.get(at('cut.wav'))?.lengthCheck).toBe('incomplete');
  expect(record.ready.get(at('empty.mp3'))?.lengthCheck).toBe('incomplete');
});

test('a song that has been incomplete for long is told at once', async () => {
  await writeWav(at('cut.wav'), new Int16Array(100), { statedDataBytes: 100_000 });
  const hourAgo = Date.now() / 1000 - 3600;
  utimesSync(at('cut.wav'), hourAgo, hourAgo);
  const { watcher, record } = watch({
    checkLength: checkExactLength,
    giveUpSeconds: 1000,
    settleSeconds: 500,
  });
  watcher.addFolder(at());
  await expectSongs(record, [at('cut.wav')]);
});

test('a file that shrinks or is overwritten is told again', async () => {
  const song = writeSong(at('song.wav'), 'a long song');
  const { watcher, record } = watch();
  watcher.addFolder(at());
  await expectSongs(record, [song]);
  truncateSync(song, 3);
  await eventually(() => {
    expect(record.ready.get(song)?.sizeBytes).toBe(3);
  });
  writeFileSync(song, 'new');
  await eventually(() => {
    expect(record.timesReady(song)).toBe(3);
  });
});

test.each([
  ['set back by a day', -86_400_000],
  ['set forward by a day', 86_400_000],
])('a clock that is %s neither holds a file up nor lets it pass while it grows', async (_, shiftMs) => {
  let shift = 0;
  const clock = { monotonicMs: () => performance.now(), wallMs: () => Date.now() + shift };
  const { watcher, record } = watch({ settleSeconds: 1.5 }, { clock });
  watcher.addFolder(at());
  await watcher.whenSettled();
  const song = writeSong(at('song.wav'), '');
  await sleep(150);
  shift = shiftMs;
  for (let part = 0; part < 8; part += 1) {
    appendFileSync(song, 'part');
    await sleep(100);
  }
  await expectSongs(record, [song]);
  expect(record.tellings.map(({ sizeBytes }) => sizeBytes)).toEqual([32]);
});

test('a file from the future is told when it has stood still', async () => {
  const song = writeSong(at('song.wav'));
  const inAYear = Date.now() / 1000 + 31_536_000;
  utimesSync(song, inAYear, inAYear);
  const { watcher, record } = watch();
  watcher.addFolder(at());
  await expectSongs(record, [song]);
});

test('on a network drive, whose clock may be wrong, no recent file passes for complete at first sight', async () => {
  const song = writeSong(at('song.wav'), '');
  const { watcher, record } = watch({
    isNetworkDrive: () => true,
    pollSeconds: 0.1,
    settleSeconds: 1.5,
  });
  watcher.addFolder(at());
  for (let part = 0; part < 10; part += 1) {
    appendFileSync(song, 'part');
    // As a server stamps it whose clock is five minutes slow.
    const slow = Date.now() / 1000 - 300 + part;
    utimesSync(song, slow, slow);
    await sleep(100);
  }
  await expectSongs(record, [song]);
  expect(record.tellings.map(({ sizeBytes }) => sizeBytes)).toEqual([40]);
  expect(watcher.folders[0]).toMatchObject({ state: 'polling' });
  expect(watcher.folders[0]?.reason).toContain('network drive');
});

test('what the listener cannot deal with is told again, in order', async () => {
  const song = writeSong(at('song.wav'));
  const watcher = new FolderWatcher({ ...testSettings, pollSeconds: 0.1 });
  const heard: string[] = [];
  let isBroken = true;
  watcher.on((event) => {
    if (isBroken) throw new Error('the database is full');
    heard.push(event.kind);
    return Promise.resolve();
  });
  watcher.addFolder(at());
  await sleep(1000);
  expect(heard).toEqual([]);
  isBroken = false;
  await eventually(() => {
    expect(heard).toContain('files-ready');
  });
  expect(heard.slice(0, 2)).toEqual(['folder-state-changed', 'folder-state-changed']);
  expect(heard.filter((kind) => kind === 'files-ready')).toHaveLength(1);
  expect(watcher.has(song)).toBe(true);
  await watcher.close();
});

test('a listener that takes its time hears one event after another', async () => {
  mkdirSync(at('a'));
  for (let index = 0; index < 1200; index += 1) writeSong(at(`a/${index}.wav`));
  const watcher = new FolderWatcher(testSettings);
  let running = 0;
  let mostRunning = 0;
  let mostFiles = 0;
  let files = 0;
  watcher.on(async (event) => {
    running += 1;
    mostRunning = Math.max(mostRunning, running);
    await sleep(20);
    if (event.kind === 'files-ready') {
      files += event.files.length;
      mostFiles = Math.max(mostFiles, event.files.length);
    }
    running -= 1;
  });
  watcher.addFolder(at());
  await watcher.whenSettled();
  expect(files).toBe(1200);
  expect(mostFiles).toBeLessThanOrEqual(500);
  expect(mostRunning).toBe(1);
  await watcher.close();
});

test('a file that nobody can judge counts as unreadable until the next scan', async () => {
  writeSong(at('odd'));
  let isBroken = true;
  const { watcher, record } = watch({
    isAudioFile: () => (isBroken ? Promise.reject(new Error('no permission')) : Promise.resolve(true)),
  });
  watcher.addFolder(at());
  await watcher.whenSettled();
  expect(watcher.folders[0]).toMatchObject({ files: 0, skipped: { unreadable: 1 } });
  isBroken = false;
  await watcher.rescan();
  await expectSongs(record, [at('odd')]);
});
