/** Links, and things that take each other's place. */
import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { eventually, expectSongs, useWatchers, writeSong } from '../../support/watch-folder.ts';

const at = useFreshFolder();
const watch = useWatchers();

test('links that lead in circles are not followed, whatever comes first', async () => {
  mkdirSync(at('root/m/deep'), { recursive: true });
  const song = writeSong(at('root/m/song.wav'));
  symlinkSync(at('root'), at('root/a-circle'));
  symlinkSync('..', at('root/m/deep/up'));
  symlinkSync(at('root/m'), at('root/a-second-way'));
  symlinkSync('itself', at('root/itself'));
  symlinkSync('nowhere', at('root/broken.wav'));
  const { watcher, record } = watch();
  watcher.addFolder(at('root'));
  await watcher.whenSettled();
  expect(record.tellings.map(({ path }) => path)).toEqual([song]);
  const next = writeSong(at('root/m/deep/next.wav'));
  await expectSongs(record, [song, next]);
  expect(record.timesReady(next)).toBe(1);
});

test('a link to a folder outside is followed once, also while it is watched', async () => {
  mkdirSync(at('root'));
  mkdirSync(at('outside/inner'), { recursive: true });
  writeSong(at('outside/inner/song.wav'));
  symlinkSync(at('outside'), at('root/link'));
  symlinkSync(at('outside/inner'), at('root/link-to-the-same'));
  const { watcher, record } = watch();
  watcher.addFolder(at('root'));
  await expectSongs(record, [at('root/link/inner/song.wav')]);
  await watcher.whenSettled();
  writeSong(at('outside/inner/next.wav'));
  await expectSongs(record, [at('root/link/inner/song.wav'), at('root/link/inner/next.wav')]);
  rmSync(at('outside/inner/song.wav'));
  await expectSongs(record, [at('root/link/inner/next.wav')]);
});

test('a link that comes to lead elsewhere, or goes, changes what is there', async () => {
  for (const name of ['root', 'one', 'two']) mkdirSync(at(name));
  writeSong(at('one/first.wav'));
  writeSong(at('two/second.wav'));
  const { watcher, record } = watch();
  watcher.addFolder(at('root'));
  await watcher.whenSettled();
  symlinkSync(at('one'), at('root/link'));
  await expectSongs(record, [at('root/link/first.wav')]);
  symlinkSync(at('two'), at('root/new-link'));
  renameSync(at('root/new-link'), at('root/link'));
  await expectSongs(record, [at('root/link/second.wav')]);
  unlinkSync(at('root/link'));
  await expectSongs(record, []);
});

test('a link to a song is a song', async () => {
  mkdirSync(at('root'));
  writeSong(at('elsewhere.wav'));
  symlinkSync(at('elsewhere.wav'), at('root/song.wav'));
  const { watcher, record } = watch();
  watcher.addFolder(at('root'));
  await expectSongs(record, [at('root/song.wav')]);
});

test('a song is replaced by a folder, and a folder by a song', async () => {
  writeSong(at('x.wav'));
  mkdirSync(at('y.wav/below'), { recursive: true });
  writeSong(at('y.wav/below/z.wav'));
  const { watcher, record } = watch();
  watcher.addFolder(at());
  await expectSongs(record, [at('x.wav'), at('y.wav/below/z.wav')]);
  rmSync(at('x.wav'));
  mkdirSync(at('x.wav'));
  writeSong(at('x.wav/inside.wav'));
  rmSync(at('y.wav'), { recursive: true });
  writeSong(at('y.wav'));
  await expectSongs(record, [at('x.wav/inside.wav'), at('y.wav')]);
  await watcher.whenSettled();
  expect(watcher.folders[0]?.files).toBe(2);
});

test('a folder is deleted and made again, with other songs in it', async () => {
  mkdirSync(at('a/b'), { recursive: true });
  const old = writeSong(at('a/b/old.wav'));
  const same = writeSong(at('a/b/same.wav'), 'before');
  const { watcher, record } = watch();
  watcher.addFolder(at());
  await expectSongs(record, [old, same]);
  for (let round = 0; round < 3; round += 1) {
    rmSync(at('a'), { recursive: true });
    mkdirSync(at('a/b'), { recursive: true });
    writeSong(same, `round ${round}`);
    const added = writeSong(at(`a/b/new-${round}.wav`));
    await expectSongs(record, [same, added]);
    expect(watcher.has(old)).toBe(false);
  }
  const late = writeSong(at('a/b/late.wav'));
  await expectSongs(record, [same, at('a/b/new-2.wav'), late]);
});

test('one song is put in the place of another', async () => {
  const song = writeSong(at('song.wav'), 'one');
  const { watcher, record } = watch();
  watcher.addFolder(at());
  await expectSongs(record, [song]);
  writeSong(at('other.wav'), 'another');
  renameSync(at('other.wav'), song);
  await eventually(() => {
    expect(record.ready.get(song)?.sizeBytes).toBe(7);
  });
  expect([...record.ready.keys()]).toEqual([song]);
});
