/** Names that disks can hold and programs stumble over. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { eventually, expectSongs, useWatchers, writeSong } from '../../support/watch-folder.ts';

const at = useFreshFolder();
const watch = useWatchers();

const isLinux = process.platform === 'linux';
const oddNames = [
  'caf\u00e9.wav',
  ...(isLinux
    ? ['cafe\u0301.wav', 'two\nlines.wav', 'tab\there.wav', 'back\\slash.wav', 'a*?"<>|:b.wav']
    : []),
  '🎷 日本語 𝄞.wav',
  'שלום.wav',
  ' blank .wav',
  "it's 100% (final) [v2] {x} !important #1.wav",
  'COM1.wav',
  '-rf.wav',
  `${'x'.repeat(200)}.wav`,
];

test('songs with odd names are told letter for letter, when they lie there and when they arrive', async () => {
  mkdirSync(at('before'));
  mkdirSync(at('after'));
  const before = oddNames.map((name) => writeSong(at('before', name)));
  const { watcher, record } = watch();
  watcher.addFolder(at());
  await expectSongs(record, before);
  const after = oddNames.map((name) => writeSong(at('after', name)));
  await expectSongs(record, [...before, ...after]);
  for (const path of after) rmSync(path);
  await expectSongs(record, before);
  expect(watcher.has(before[0] ?? '')).toBe(true);
});

test('a folder may have an odd name too', async () => {
  const name = isLinux ? 'nøt\n🎷 [x]*' : 'nøt 🎷 [x]';
  mkdirSync(at(name, 'below'), { recursive: true });
  const { watcher, record } = watch();
  watcher.addFolder(at(name));
  await watcher.whenSettled();
  const song = writeSong(at(name, 'below', 'song.wav'));
  await expectSongs(record, [song]);
});

test.runIf(isLinux)('names that are no UTF-8 are counted, and nothing else is disturbed', async () => {
  const name = (bytes: string) => Buffer.concat([Buffer.from(`${at()}/`), Buffer.from(bytes, 'latin1')]);
  writeFileSync(name('b\xffd.wav'), 'la');
  mkdirSync(name('f\xfelder'));
  const song = writeSong(at('good.wav'));
  const { watcher, record } = watch();
  watcher.addFolder(at());
  await watcher.whenSettled();
  expect(watcher.folders[0]).toMatchObject({ files: 1, skipped: { unreadableName: 2, notAudio: 0 } });
  writeFileSync(name('w\xf0rse.wav'), 'la');
  const last = writeSong(at('last.wav'));
  await expectSongs(record, [song, last]);
  await watcher.rescan();
  expect(watcher.folders[0]?.skipped.unreadableName).toBe(3);
  rmSync(name('b\xffd.wav'));
  await watcher.rescan();
  expect(watcher.folders[0]?.skipped.unreadableName).toBe(2);
});

test('a rename that changes only case, or only the Unicode form, is followed', async () => {
  writeSong(at('Song.wav'));
  writeSong(at('caf\u00e9.wav'));
  const { watcher, record } = watch();
  watcher.addFolder(at());
  await watcher.whenSettled();
  renameSync(at('Song.wav'), at('SONG.wav'));
  renameSync(at('caf\u00e9.wav'), at('cafe\u0301.wav'));
  await eventually(() => {
    expect([...record.ready.keys()].sort()).toEqual([at('SONG.wav'), at('cafe\u0301.wav')].sort());
  });
});

test('a path far longer than 260 letters is a path like any other', async () => {
  const folder = at(...Array.from({ length: 12 }, (_, level) => `${level}-${'long'.repeat(20)}`));
  mkdirSync(folder, { recursive: true });
  const song = writeSong(join(folder, 'song.wav'));
  const { watcher, record } = watch();
  watcher.addFolder(at());
  await expectSongs(record, [song]);
  const next = writeSong(join(folder, 'next.wav'));
  await expectSongs(record, [song, next]);
  expect(song.length).toBeGreaterThan(900);
});

test.runIf(isLinux)('folders deeper than a path can name are counted, and the rest is told', async () => {
  const song = writeSong(at('good.wav'));
  const made = spawnSync('bash', [
    '-c',
    `cd "${at()}" && name=$(printf 'd%.0s' {1..250}) && for i in {1..20}; do mkdir $name && cd $name; done && touch deep.wav`,
  ]);
  expect(made.status).toBe(0);
  const { watcher, record } = watch();
  watcher.addFolder(at());
  await expectSongs(record, [song]);
  await watcher.whenSettled();
  expect(watcher.folders[0]).toMatchObject({ state: 'watching', skipped: { unreadable: 1 } });
  spawnSync('rm', ['-rf', at('d'.repeat(250))]);
  expect(existsSync(at('d'.repeat(250)))).toBe(false);
});
