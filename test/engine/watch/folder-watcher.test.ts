/** The main path of watching: what lies there, what arrives, grows, is renamed and goes. */
import { appendFileSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { eventually, expectSongs, useWatchers, writeSong } from '../../support/watch-folder.ts';

const at = useFreshFolder();
const watch = useWatchers();

test('tells what lies there already, in every folder below', async () => {
  mkdirSync(at('a/b/c'), { recursive: true });
  const songs = [writeSong(at('one.wav')), writeSong(at('a/two.wav')), writeSong(at('a/b/c/three.wav'))];
  writeFileSync(at('a/picture.png'), 'x');
  const { watcher, record } = watch();
  watcher.addFolder(at());
  await watcher.whenSettled();
  expect([...record.ready.keys()].sort()).toEqual(songs.sort());
  expect(record.states).toEqual(['scanning', 'watching']);
  expect(watcher.folders[0]).toMatchObject({ state: 'watching', files: 3, skipped: { notAudio: 1 } });
  expect([...watcher.files(at())].map(({ path }) => path).sort()).toEqual(songs.sort());
  expect(watcher.has(at('a/two.wav'))).toBe(true);
  expect(watcher.has(at('a/four.wav'))).toBe(false);
});

test('tells a file that arrives, once, and again when it grows', async () => {
  const { watcher, record } = watch();
  watcher.addFolder(at());
  await watcher.whenSettled();
  const song = writeSong(at('new.wav'));
  await expectSongs(record, [song]);
  expect(record.timesReady(song)).toBe(1);
  appendFileSync(song, ' and more');
  await eventually(() => {
    expect(record.ready.get(song)?.sizeBytes).toBe(17);
  });
  expect(record.timesReady(song)).toBe(2);
});

test('never tells a file while it grows', async () => {
  const { watcher, record } = watch({ settleSeconds: 1.5 });
  watcher.addFolder(at());
  await watcher.whenSettled();
  const song = writeSong(at('slow.wav'), '');
  for (let part = 0; part < 25; part += 1) {
    appendFileSync(song, 'part');
    await sleep(100);
  }
  await expectSongs(record, [song]);
  expect(record.tellings.map(({ sizeBytes }) => sizeBytes)).toEqual([100]);
});

test('tells a file at once that gets its name when it is complete', async () => {
  const { watcher, record } = watch({ settleSeconds: 1000 });
  watcher.addFolder(at());
  await eventually(() => {
    expect(watcher.folders[0]?.state).toBe('watching');
  });
  writeFileSync(at('take.wav.part'), 'la la');
  await sleep(300);
  renameSync(at('take.wav.part'), at('take.wav'));
  await expectSongs(record, [at('take.wav')]);
});

test('tells a file at once whose own time says that it is old', async () => {
  mkdirSync(at('watched'));
  const { watcher, record } = watch({ settleSeconds: 30 });
  watcher.addFolder(at('watched'));
  await eventually(() => {
    expect(watcher.folders[0]?.state).toBe('watching');
  });
  const hourAgo = Date.now() / 1000 - 3600;
  writeSong(at('old.wav'));
  utimesSync(at('old.wav'), hourAgo, hourAgo);
  renameSync(at('old.wav'), at('watched/old.wav'));
  await expectSongs(record, [at('watched/old.wav')]);
});

test('tells what is gone, also when its whole folder is', async () => {
  mkdirSync(at('a/b'), { recursive: true });
  const [one, two, three] = [
    writeSong(at('one.wav')),
    writeSong(at('a/two.wav')),
    writeSong(at('a/b/3.wav')),
  ];
  const { watcher, record } = watch();
  watcher.addFolder(at());
  await expectSongs(record, [one, two, three]);
  rmSync(one);
  await expectSongs(record, [two, three]);
  rmSync(at('a'), { recursive: true });
  await expectSongs(record, []);
  expect(record.gone.sort()).toEqual([one, two, three].sort());
});

test('follows songs and folders that are renamed or moved', async () => {
  mkdirSync(at('a'));
  mkdirSync(at('b'));
  writeSong(at('a/song.wav'));
  const { watcher, record } = watch();
  watcher.addFolder(at());
  await expectSongs(record, [at('a/song.wav')]);
  renameSync(at('a/song.wav'), at('a/hit.wav'));
  await expectSongs(record, [at('a/hit.wav')]);
  renameSync(at('a'), at('b/a'));
  await expectSongs(record, [at('b/a/hit.wav')]);
  renameSync(at('b/a/hit.wav'), at('hit.wav'));
  await expectSongs(record, [at('hit.wav')]);
});

test('tells sidecars that are written after the song', async () => {
  writeSong(at('song.wav'));
  writeFileSync(at('song.json'), '{}');
  const { watcher, record } = watch();
  watcher.addFolder(at());
  await watcher.whenSettled();
  expect(record.sidecars).toEqual([at('song.json')]);
  writeFileSync(at('song.json'), '{"bpm": 120}');
  await eventually(() => {
    expect(record.sidecars).toEqual([at('song.json'), at('song.json')]);
  });
});

test('passes over hidden, temporary and ignored names', async () => {
  mkdirSync(at('drafts'));
  mkdirSync(at('.cache'));
  for (const name of ['.hidden.wav', '~x.wav', 'a.wav.tmp', 'drafts/b.wav', '.cache/c.wav', 'take-1.mp3']) {
    writeSong(at(name));
  }
  const song = writeSong(at('good.wav'));
  const { watcher, record } = watch();
  watcher.addFolder(at(), { ignorePatterns: ['drafts/', 'take-*.mp3'] });
  await expectSongs(record, [song]);
  const last = writeSong(at('last.wav'));
  writeSong(at('drafts/late.wav'));
  writeSong(at('take-2.mp3'));
  await expectSongs(record, [song, last]);
  await watcher.whenSettled();
  expect(record.tellings.map(({ path }) => path)).toEqual([song, last]);
  expect(watcher.folders[0]?.ignorePatterns).toEqual(['drafts/', 'take-*.mp3']);
});

test('pauses, and then tells what changed meanwhile', async () => {
  const kept = writeSong(at('kept.wav'));
  const removed = writeSong(at('removed.wav'));
  const { watcher, record } = watch();
  watcher.addFolder(at());
  await expectSongs(record, [kept, removed]);
  await watcher.pauseFolder(at());
  rmSync(removed);
  const added = writeSong(at('added.wav'));
  await sleep(800);
  expect(record.gone).toEqual([]);
  expect(record.states.at(-1)).toBe('paused');
  await watcher.resumeFolder(at());
  await expectSongs(record, [kept, added]);
  expect(record.timesReady(kept)).toBe(1);
});
