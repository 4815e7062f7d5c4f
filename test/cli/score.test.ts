/** `banger score` gives the reference's scores, best first, and does no work twice. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { decodeNpy } from '../../src/shared/npy.ts';
import type { SongResult } from '../../src/shared/song-result.ts';
import { writeConstantHead } from '../support/linear-head.ts';
import { ffmpeg, makeSound } from '../support/make-audio.ts';
import { maxAbsDifference, parityFolder, readParityArray, readExpectedScores } from '../support/parity.ts';
import { makeWatchedFfmpeg, useBangerHomes, type BangerHome } from '../support/run-banger.ts';

const makeHome = useBangerHomes();

const waveforms = join(parityFolder, 'encoders', 'waveforms');
const encoder = join(parityFolder, 'encoders', 'tiny-330m-like');
const headFile = join(encoder, 'head.pt');
const tiny = ['--encoder', encoder, '--head', headFile];
const expectedScores = readExpectedScores('tiny-330m-like');
/** The waveforms in the order of their expected scores. */
const bestFirst = Object.keys(expectedScores).sort((a, b) => scoreOf(b) - scoreOf(a));

function scoreOf(wave: string): number {
  return expectedScores[wave]?.score ?? Number.NaN;
}

function waveOf({ path }: SongResult): string {
  return path.split('/').at(-1)?.replace('.wav', '') ?? '';
}

/** All files below a folder, as paths relative to it. */
function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

describe('a folder of waveforms', () => {
  let home: BangerHome;
  let first: Awaited<ReturnType<BangerHome['score']>>;
  beforeAll(async () => {
    home = makeHome();
    first = await home.score([waveforms, ...tiny, '--embeddings', 'rows.npy']);
  });

  test('has the scores of the reference, best first', () => {
    expect(first.exitCode).toBe(0);
    expect(first.results.map(waveOf)).toEqual(bestFirst);
    for (const result of first.results) {
      expect(Math.abs((result.score ?? Number.NaN) - scoreOf(waveOf(result)))).toBeLessThanOrEqual(0.01);
      expect(result).toMatchObject({ encoder: 'tiny-330m-like', head: 'head', draft: false, error: null });
      expect(result.rawScore).toBe(result.score);
      expect(result.cached).toBe(false);
    }
    const half = first.results.find((result) => waveOf(result) === 'w0p5');
    expect(half).toMatchObject({ durationSeconds: 0.5, flags: ['short'] });
    expect(first.results.every(({ loudnessLufs }) => loudnessLufs !== null && loudnessLufs < 0)).toBe(true);
  });

  test('gives its embeddings in the order of the output', () => {
    const { shape, data } = decodeNpy(readFileSync(home.path('rows.npy')));
    expect(shape).toEqual([3, 64]);
    expect(first.results.map(({ embeddingRow }) => embeddingRow)).toEqual([0, 1, 2]);
    for (const result of first.results) {
      const row = result.embeddingRow ?? -1;
      const name = `expected.${waveOf(result)}.embedding.npy`;
      const expected = readParityArray('encoders', 'tiny-330m-like', name);
      expect(maxAbsDifference(data.slice(row * 64, (row + 1) * 64), expected.data)).toBeLessThanOrEqual(2e-4);
    }
  });

  test('leaves nothing in the home but the library and the fingerprints of the weights', () => {
    expect(listFiles(home.folder)).toEqual([
      'cache/banger-scorer/fingerprints.json',
      'data/banger-scorer/library.sqlite',
      'rows.npy',
    ]);
  });

  test('is not read again by a second run', async () => {
    const watched = makeWatchedFfmpeg(home);
    const embeddingsFile = home.path('again.npy');
    const second = await home.score([waveforms, ...tiny, '--embeddings', embeddingsFile], watched);
    expect(second.results).toEqual(first.results.map((result) => ({ ...result, cached: true })));
    expect(readFileSync(embeddingsFile)).toEqual(readFileSync(home.path('rows.npy')));
    expect(watched.songs()).toEqual([]);
  });

  test('can be cut to the best, and to rows of embeddings for those alone', async () => {
    const run = await home.score([waveforms, ...tiny, '--top', '2', '--embeddings', 'top.npy']);
    expect(run.results.map(waveOf)).toEqual(bestFirst.slice(0, 2));
    expect(decodeNpy(readFileSync(home.path('top.npy'))).shape).toEqual([2, 64]);
  });

  test('reads as a table without anything else on the standard output', async () => {
    const { stdout, stderr } = await home.run(['score', waveforms, ...tiny]);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^rank +score +length +LUFS +song$/);
    for (const [index, wave] of bestFirst.entries()) {
      expect(lines[index + 1]).toMatch(
        new RegExp(`^ +${index + 1} +${scoreOf(wave).toFixed(2)} .*${wave}\\.wav`),
      );
    }
    expect(lines).toHaveLength(4);
    expect(stderr).toContain('3 other files skipped: not audio.');
  });

  test('is computed anew, and nothing is kept, without the cache', async () => {
    const other = makeHome();
    const run = await other.score([waveforms, ...tiny, '--no-cache', '--quiet']);
    expect(run.results).toEqual(first.results.map((result) => ({ ...result, embeddingRow: null })));
    expect(run.stderr).toBe('');
    expect(existsSync(other.libraryFile)).toBe(false);
  });

  test('can be kept in a library elsewhere', async () => {
    const other = makeHome();
    const library = other.path('deep', 'down', 'songs.sqlite');
    const tested = [waveforms, ...tiny, '--library', library];
    expect((await other.score(tested)).results.map(({ cached }) => cached)).toEqual([false, false, false]);
    expect((await other.score(tested)).results.map(({ cached }) => cached)).toEqual([true, true, true]);
    expect(existsSync(other.libraryFile)).toBe(false);
  });

  test('gets new scores from a new head without being read or encoded again', async () => {
    const watched = makeWatchedFfmpeg(makeHome());
    const heads = [
      { rawScore: 7.25, score: 7.25 },
      { rawScore: 12.5, score: 10 },
      { rawScore: -3, score: 0 },
    ];
    for (const { rawScore, score } of heads) {
      const head = home.path(`constant${rawScore}.safetensors`);
      writeConstantHead(head, 64, rawScore);
      const { results } = await home.score([waveforms, '--encoder', encoder, '--head', head], watched);
      expect(results).toHaveLength(3);
      for (const result of results) expect(result).toMatchObject({ rawScore, score, cached: true });
      expect(results.map(({ path }) => path)).toEqual(results.map(({ path }) => path).sort());
    }
    expect(watched.songs()).toEqual([]);
    expect(home.count().embeddings).toBe(3);
  });

  test('is refused by a head of another encoder, with the reason', async () => {
    const other = join(parityFolder, 'encoders', 'tiny-95m-like', 'head.pt');
    const run = await home.run(['score', waveforms, '--encoder', encoder, '--head', other]);
    expect(run).toMatchObject({ exitCode: 1, stdout: '' });
    expect(run.stderr).toContain('takes embeddings of 48 values; the encoder “tiny-330m-like” makes 64');
  });

  test('fails song by song where the head gives no number', async () => {
    const head = home.path('not-a-number.safetensors');
    writeConstantHead(head, 64, Number.NaN);
    const run = await home.score([waveforms, '--encoder', encoder, '--head', head]);
    expect(run.exitCode).toBe(1);
    expect(run.results.map(({ score, error }) => [score, error?.code])).toEqual(
      Array.from({ length: 3 }, () => [null, 'inference-failed']),
    );
  });
});

describe('a song that is known', () => {
  let home: BangerHome;
  let watched: ReturnType<typeof makeWatchedFfmpeg>;
  beforeAll(async () => {
    home = makeHome();
    watched = makeWatchedFfmpeg(home);
    mkdirSync(home.path('songs'));
    await makeSound(home.path('songs', 'a.mp3'), 'sine=f=330:d=1.5', '-metadata', 'title=Before');
  });
  const score = () => home.score(['songs'], watched);

  test('is scored with the draft where nothing else is installed, and the person is told so', async () => {
    const { results, stderr, exitCode } = await score();
    expect(exitCode).toBe(0);
    expect(results).toMatchObject([{ path: 'songs/a.mp3', encoder: 'draft', head: 'draft', draft: true }]);
    expect(stderr).toContain('banger models pull mert-v1-330m banger');
    const table = await home.run(['score', 'songs', '--quiet']);
    expect(table.stdout).toMatch(/^rank +draft +length/);
    expect(table.stderr).toBe('');
  });

  test('keeps its score when it is renamed', async () => {
    const [before] = (await score()).results;
    renameSync(home.path('songs', 'a.mp3'), home.path('songs', 'b.mp3'));
    expect((await score()).results).toEqual([{ ...before, path: 'songs/b.mp3', cached: true }]);
    expect(home.count().embeddings).toBe(1);
  });

  test('keeps its score when its tags are edited, and shares it with its copies', async () => {
    const [before] = (await score()).results;
    const edited = home.path('songs', 'edited.mp3');
    await ffmpeg('-i', home.path('songs', 'b.mp3'), '-c', 'copy', '-metadata', 'title=After', edited);
    expect((await score()).results).toEqual([before, { ...before, path: 'songs/edited.mp3' }]);
    expect(home.count().embeddings).toBe(1);
    // Once seen under their new names, they are not even opened.
    const songsRead = watched.songs().length;
    expect((await score()).results.map(({ cached }) => cached)).toEqual([true, true]);
    expect(watched.songs()).toHaveLength(songsRead);
  });

  test('is another song when its audio changes under its name', async () => {
    const [before] = (await score()).results;
    await makeSound(home.path('songs', 'b.mp3'), 'anoisesrc=d=2:a=0.3:seed=3');
    const after = (await score()).results.find(({ path }) => path === 'songs/b.mp3');
    expect(after).toMatchObject({ cached: false, error: null });
    expect(after?.score).not.toBe(before?.score);
    expect(home.count().embeddings).toBe(2);
  });

  test('comes first of its copies only by name: equal scores keep the order of paths', async () => {
    for (const name of ['z.mp3', 'A.mp3', 'm.mp3']) {
      copyFileSync(home.path('songs', 'edited.mp3'), home.path('songs', name));
    }
    const equal = (await score()).results.filter(({ path }) => path !== 'songs/b.mp3');
    expect(equal.map(({ path }) => path)).toEqual(
      ['A', 'edited', 'm', 'z'].map((name) => `songs/${name}.mp3`),
    );
  });
});

test('a long run is announced with its length, as soon as one song has been measured', async () => {
  // What is missing takes no time, but nobody knows that before its turn.
  const missing = Array.from({ length: 8000 }, (_, index) => `no${index}`);
  const { stderr, results } = await makeHome().score([join(waveforms, 'w7p3.wav'), ...missing, ...tiny]);
  expect(stderr).toMatch(/^The first song took \d+\.\d s; 8000 more take about (?:\d+:)+\d\d/m);
  expect(results).toHaveLength(8001);
});

test('two commands at once share one library', async () => {
  const home = makeHome();
  mkdirSync(home.path('songs'));
  for (const pitch of [220, 330, 440, 550]) {
    await makeSound(home.path('songs', `${pitch}.wav`), `sine=f=${pitch}:d=1`);
  }
  const [one, other] = await Promise.all([home.score(['songs']), home.score(['songs'])]);
  expect([one.exitCode, other.exitCode]).toEqual([0, 0]);
  const scores = (run: typeof one) => run.results.map(({ path, score }) => [path, score]);
  expect(scores(one)).toEqual(scores(other));
  expect(home.count().embeddings).toBe(4);
});
