/** Which file plays for a song, and the cache of converted copies. */
import { copyFile, mkdir, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { inspectAudio } from '../../src/engine/audio/inspect-audio.ts';
import { newPartialPath } from '../../src/engine/curate/partial-files.ts';
import { Engine } from '../../src/engine/engine.ts';
import { openMedia } from '../../src/engine/open-media.ts';
import { PlaybackCache } from '../../src/engine/playback-cache.ts';
import { readStamp } from '../../src/engine/scoring/file-stamp.ts';
import { BangerError } from '../../src/shared/errors.ts';
import { useFreshFolder } from '../support/fresh-folder.ts';
import { makeSong, makeSound } from '../support/make-audio.ts';
import { waitUntil } from '../support/processes.ts';
import { useSongFolder } from '../support/song-folder.ts';

const made = useSongFolder();
const inFolder = useFreshFolder();
let engine: Engine;
let cache: PlaybackCache;

beforeAll(async () => {
  await makeSong(made('song.mp3'));
  await makeSong(made('alac.m4a'), '-c:a', 'alac');
  await makeSound(made('long.aiff'), 'anoisesrc=d=600:r=48000', '-ac', '2');
});
beforeEach(async () => {
  engine = await openEngine();
  cache = new PlaybackCache({ folder: inFolder('playback') });
});
afterEach(async () => {
  await cache.close();
  await engine.close();
});

function openEngine(ffmpegPath?: string): Promise<Engine> {
  const folders = {
    libraryFile: inFolder('library.sqlite'),
    modelsFolder: inFolder('models'),
    cacheFolder: inFolder('cache'),
  };
  return Engine.open({ folders, ffmpegPath });
}

/** Puts a song into the library, as a scan does. @returns its id */
async function record(path: string): Promise<number> {
  const { probe, identity } = await inspectAudio(await engine.findFfmpeg(), path);
  const stamp = await readStamp(path);
  return engine.library.files.record({ stamp, identities: [{ scheme: 1, hash: identity }], probe }).songId;
}

async function recordCopy(name: string, as = name): Promise<number> {
  await copyFile(made(name), inFolder(as));
  return record(inFolder(as));
}

const copies = () => readdir(inFolder('playback')).catch(() => []);

test('what browsers play is named as it is, by what it holds and not by its name', async () => {
  const songId = await recordCopy('song.mp3', 'song.wav');
  const withoutFfmpeg = await openEngine('/no/such/ffmpeg');
  try {
    expect(await openMedia(withoutFfmpeg, cache, songId)).toEqual({
      path: inFolder('song.wav'),
      mimeType: 'audio/mpeg',
      isConverted: false,
    });
    const alac = await recordCopy('alac.m4a');
    await expect(openMedia(withoutFfmpeg, cache, alac)).rejects.toMatchObject({ code: 'ffmpeg-missing' });
  } finally {
    await withoutFfmpeg.close();
  }
});

test('what they do not play is converted once', async () => {
  const songId = await recordCopy('alac.m4a');
  const opened = await openMedia(engine, cache, songId);
  expect(opened).toMatchObject({ mimeType: 'audio/flac', isConverted: true });
  expect(await copies()).toHaveLength(1);
  const { probe } = await inspectAudio(await engine.findFfmpeg(), opened.path);
  expect(probe).toMatchObject({ container: 'flac', codec: 'flac', sampleFormat: 's16', durationSeconds: 4 });
  const before = await stat(opened.path);
  expect(await openMedia(engine, cache, songId)).toEqual(opened);
  expect((await stat(opened.path)).ino).toBe(before.ino);
});

test('requests for one song share one conversion, and one that leaves takes it from nobody', async () => {
  const songId = await recordCopy('long.aiff');
  const leaving = new AbortController();
  const left = openMedia(engine, cache, songId, leaving.signal);
  const stays = [openMedia(engine, cache, songId), openMedia(engine, cache, songId)];
  await waitUntil('it has begun', async () => (await copies()).length > 0);
  leaving.abort();
  await expect(left).rejects.toMatchObject({ code: 'cancelled' });
  expect(await copies()).toHaveLength(1);
  const [one, other] = await Promise.all(stays);
  expect(one).toEqual(other);
  expect(await copies()).toHaveLength(1);
});

test('a conversion that nobody waits for any more ends and leaves nothing, and can begin anew', async () => {
  const songId = await recordCopy('long.aiff');
  const leaving = new AbortController();
  const left = openMedia(engine, cache, songId, leaving.signal);
  await waitUntil('it has begun', async () => (await copies()).length > 0);
  leaving.abort();
  await expect(left).rejects.toMatchObject({ code: 'cancelled' });
  const anew = openMedia(engine, cache, songId);
  await expect(anew).resolves.toMatchObject({ isConverted: true });
  await waitUntil('the first one is gone', async () => (await copies()).length === 1);
  await expect(openMedia(engine, cache, songId, leaving.signal)).rejects.toMatchObject({ code: 'cancelled' });
});

test('closing ends what is being converted', async () => {
  const songId = await recordCopy('long.aiff');
  const ended = openMedia(engine, cache, songId);
  ended.catch(() => undefined);
  await waitUntil('it has begun', async () => (await copies()).length > 0);
  await cache.close();
  await expect(ended).rejects.toMatchObject({ code: 'cancelled' });
  expect(await copies()).toEqual([]);
});

test('another file plays when the first is gone, and none is an error with the path', async () => {
  const songId = await recordCopy('song.mp3', 'a.mp3');
  await recordCopy('song.mp3', 'b.mp3');
  await rm(inFolder('a.mp3'));
  expect(await openMedia(engine, cache, songId)).toMatchObject({ path: inFolder('b.mp3') });
  await rm(inFolder('b.mp3'));
  await expect(openMedia(engine, cache, songId)).rejects.toMatchObject({
    code: 'file-missing',
    file: inFolder('a.mp3'),
  });
  // A drive that came back is noticed before the next scan.
  engine.library.files.markMissing([inFolder('a.mp3'), inFolder('b.mp3')]);
  await copyFile(made('song.mp3'), inFolder('b.mp3'));
  expect(await openMedia(engine, cache, songId)).toMatchObject({ path: inFolder('b.mp3') });
});

test('a file that was written over since gives way to one that still holds the song', async () => {
  const songId = await recordCopy('song.mp3', 'a.mp3');
  await recordCopy('song.mp3', 'b.mp3');
  await writeFile(inFolder('a.mp3'), 'another song');
  expect(await openMedia(engine, cache, songId)).toMatchObject({ path: inFolder('b.mp3') });
});

test('an unknown song and one that cannot be decoded are told apart', async () => {
  await expect(openMedia(engine, cache, 999)).rejects.toMatchObject({ code: 'song-unknown' });
  const songId = await recordCopy('alac.m4a');
  await writeFile(inFolder('alac.m4a'), 'no song any more');
  await expect(openMedia(engine, cache, songId)).rejects.toMatchObject({
    code: 'media-unplayable',
    file: inFolder('alac.m4a'),
  });
  expect(await copies()).toEqual([]);
  await rm(inFolder('alac.m4a'));
  await copyFile(made('alac.m4a'), inFolder('alac.m4a'));
  await expect(openMedia(engine, cache, songId)).resolves.toMatchObject({ isConverted: true });
});

test('copies that were played longest ago make room', async () => {
  const small = new PlaybackCache({ folder: inFolder('playback'), limitBytes: 2500 });
  const make = (target: string) => writeFile(target, Buffer.alloc(1000));
  const first = await small.open('first', make);
  await small.open('second', make);
  for (const [name, seconds] of [
    ['first', 1000],
    ['second', 2000],
  ] as const)
    await utimes(inFolder('playback', `${name}.flac`), seconds, seconds);
  // Played again, so that it is the other's turn.
  expect(await small.open('first', () => Promise.reject(new Error('made again')))).toBe(first);
  await small.open('third', make);
  expect((await copies()).sort()).toEqual(['first.flac', 'third.flac']);
  await small.open('huge', (target) => writeFile(target, Buffer.alloc(5000)));
  expect(await copies()).toEqual(['huge.flac']);
});

test('what a killed process left is removed; what fails leaves nothing', async () => {
  await mkdir(inFolder('playback'), { recursive: true });
  const partial = newPartialPath(inFolder('playback'));
  await writeFile(partial.replace(`-${process.pid}-`, '-999999999-'), 'half');
  await writeFile(partial, 'of this process');
  const failing = cache.open('song', async (target) => {
    await writeFile(target, 'half');
    throw new BangerError('media-unplayable', 'It broke.');
  });
  await expect(failing).rejects.toMatchObject({ code: 'media-unplayable' });
  expect(await copies()).toEqual([partial.slice(join(inFolder('playback'), '/').length)]);
});
