/** Which of the paths that a person names, and of the files below them, become rows. */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { SongResult } from '../../src/shared/song-result.ts';
import { makeSound } from '../support/make-audio.ts';
import { useBangerHomes } from '../support/run-banger.ts';

const makeHome = useBangerHomes();
const home = makeHome();
const inFolder = (...names: string[]) => home.path('songs', ...names);

beforeAll(async () => {
  mkdirSync(inFolder('album', 'disc 1'), { recursive: true });
  mkdirSync(inFolder('.trash'));
  mkdirSync(home.path('empty'));
  await makeSound(inFolder('one.wav'), 'sine=f=300:d=1');
  await makeSound(inFolder('album', 'disc 1', 'two.flac'), 'sine=f=500:d=1');
  await makeSound(home.path('three.mp3'), 'sine=f=700:d=1');
});

const song = () => readFileSync(inFolder('one.wav'));
const rows = (results: readonly SongResult[]) =>
  Object.fromEntries(results.map(({ path, error }) => [path, error?.code ?? 'scored']));

describe('in a folder', () => {
  test('every song counts, whatever its name ends with, and nothing else does', async () => {
    // Songs: by name, or by their first bytes.
    writeFileSync(inFolder('LOUD.WAV'), song());
    writeFileSync(inFolder('song without ending'), song());
    writeFileSync(inFolder('broken.mp3'), 'not a song at all');
    // No songs: skipped, counted.
    writeFileSync(inFolder('cover.png'), Buffer.from('89504e470d0a1a0a', 'hex'));
    writeFileSync(inFolder('notes.txt'), 'lyrics');
    writeFileSync(inFolder('album', 'list.m3u'), 'one.wav\n');
    execFileSync('mkfifo', [inFolder('pipe.wav')]);
    symlinkSync('nowhere', inFolder('dangling'));
    // Hidden, temporary or still being written: passed over.
    for (const name of ['.hidden.wav', '~draft.wav', 'new.wav.part', 'x.crdownload', 'y.WAV.TMP']) {
      writeFileSync(inFolder(name), song());
    }
    writeFileSync(inFolder('.trash', 'old.wav'), song());
    // Links: followed once, back up not at all; one that leads nowhere but is named like a song is a missing song.
    symlinkSync('..', inFolder('album', 'back'));
    symlinkSync('loop.mp3', inFolder('loop.mp3'));
    symlinkSync('/media/gone/song.mp3', inFolder('gone.mp3'));
    symlinkSync(home.path('three.mp3'), inFolder('linked.mp3'));
    // Folders named like songs: of no matter where they hold songs, else broken.
    mkdirSync(inFolder('live.wav'));
    writeFileSync(inFolder('live.wav', 'encore.wav'), song());
    mkdirSync(inFolder('void.mp3'));

    const run = await home.score(['songs']);
    expect(rows(run.results)).toEqual({
      'songs/LOUD.WAV': 'scored',
      'songs/album/disc 1/two.flac': 'scored',
      'songs/broken.mp3': 'not-audio',
      'songs/gone.mp3': 'file-missing',
      'songs/linked.mp3': 'scored',
      'songs/live.wav/encore.wav': 'scored',
      'songs/loop.mp3': 'file-unreadable',
      'songs/one.wav': 'scored',
      'songs/song without ending': 'scored',
      'songs/void.mp3': 'file-unreadable',
    });
    expect(run.stderr).toContain('5 other files skipped: not audio.');
    expect(run.exitCode).toBe(3);
    const isFailed = run.results.map(({ score }) => score === null);
    expect(isFailed).toEqual([...isFailed].sort());
  });

  test('that is empty there is nothing to score', async () => {
    const table = await home.run(['score', 'empty']);
    expect(table).toMatchObject({ exitCode: 1, stdout: '' });
    expect(table.stderr).toContain('no songs');
    expect((await home.score(['empty'])).results).toEqual([]);
  });

  test('that cannot be listed, the others are scored and the person is told', async () => {
    const locked = makeHome();
    mkdirSync(locked.path('songs', 'locked'), { recursive: true });
    copyFileSync(inFolder('one.wav'), locked.path('songs', 'one.wav'));
    copyFileSync(inFolder('one.wav'), locked.path('songs', 'secret.wav'));
    chmodSync(locked.path('songs', 'secret.wav'), 0o000);
    chmodSync(locked.path('songs', 'locked'), 0o000);
    const run = await locked.score(['songs'], { unprivileged: true });
    chmodSync(locked.path('songs', 'locked'), 0o755);
    expect(run.exitCode).toBe(3);
    expect(rows(run.results)).toEqual({ 'songs/one.wav': 'scored', 'songs/secret.wav': 'file-unreadable' });
    expect(run.stderr).toContain('This folder could not be listed.');
    expect(run.stderr).toContain(join('songs', 'locked'));
  });
});

describe('by name', () => {
  test('a file gets a row whatever it is, and comes once', async () => {
    writeFileSync(home.path('diary.txt'), 'no song');
    writeFileSync(home.path('new.part'), song());
    writeFileSync(home.path('-f.wav'), song());
    const given = ['three.mp3', './three.mp3', home.path('three.mp3'), 'diary.txt', 'new.part', 'no.wav'];
    const twice = ['songs/album/disc 1', 'songs/album/disc 1/two.flac', 'songs/album/disc 1'];
    const run = await home.score([...given, ...twice, '--', '-f.wav']);
    expect(rows(run.results)).toEqual({
      '-f.wav': 'scored',
      'diary.txt': 'not-audio',
      'new.part': 'scored',
      'no.wav': 'file-missing',
      'songs/album/disc 1/two.flac': 'scored',
      'three.mp3': 'scored',
    });
    expect(run.results).toHaveLength(6);
    expect(run.exitCode).toBe(3);
  });

  test('a file that is missing is a row, and the only one fails the run', async () => {
    const run = await home.score(['gone.wav']);
    expect(run.exitCode).toBe(1);
    expect(run.results).toMatchObject([
      { path: 'gone.wav', score: null, rawScore: null, error: { code: 'file-missing' } },
    ]);
    const table = await home.run(['score', 'gone.wav']);
    expect(table.stdout).toContain('gone.wav  There is no such file. (file-missing)');
  });

  test('the best alone leave a word about what failed', async () => {
    const run = await home.run(['score', 'three.mp3', 'gone.wav', '--top', '1']);
    expect(run.exitCode).toBe(3);
    expect(run.stdout).not.toContain('gone.wav');
    expect(run.stderr).toContain('1 file could not be scored');
  });
});
