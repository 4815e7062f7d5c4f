/** A run that is stopped, or that loses a process, keeps what is done, leaves nothing behind and can go on. */
import { mkdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { makeSound } from '../support/make-audio.ts';
import { waitUntil } from '../support/processes.ts';
import { makeWatchedFfmpeg, readResults, useBangerHomes, type BangerHome } from '../support/run-banger.ts';

const makeHome = useBangerHomes();

/** A home with a folder `songs` of different songs. */
async function homeWithSongs(names: readonly string[]): Promise<BangerHome> {
  const home = makeHome();
  mkdirSync(home.path('songs'));
  for (const [index, name] of names.entries()) {
    await makeSound(home.path('songs', name), `sine=f=${200 + 50 * index}:d=1`);
  }
  return home;
}

function inferenceProcessOf(home: BangerHome): number | undefined {
  return home.processes().find(({ command }) => command.includes('inference-process'))?.processId;
}

async function findInferenceProcess(home: BangerHome): Promise<number> {
  await waitUntil('inference has started', () => inferenceProcessOf(home) !== undefined);
  return inferenceProcessOf(home) ?? 0;
}

describe.each(['SIGINT', 'SIGTERM'] as const)('%s', (signal) => {
  test('while songs are decoded keeps what is done; the next run goes on', async () => {
    const home = await homeWithSongs(['a.wav', 'b.wav', 'stuck c.wav', 'stuck d.wav', 'stuck e.wav']);
    const watched = makeWatchedFfmpeg(home);
    const running = home.start(['score', 'songs', '--format', 'json'], watched);
    await waitUntil('two songs are done', () => home.count().scores === 2);
    await waitUntil('the next is being read', () => watched.songs().includes('stuck d.wav'));
    running.interrupt(signal);
    // Waiting for the end also proves that no ffmpeg and no inference process is left.
    const run = await running.ended;
    expect(run.exitCode).toBe(130);
    expect(readResults(run)).toMatchObject([
      { path: 'songs/a.wav', error: null },
      { path: 'songs/b.wav', error: null },
    ]);
    expect(run.stderr).toContain('Stopped after 2 of 5 files.');
    expect(run.stderr).toContain('the same command goes on from there');

    const next = await home.score(['songs']);
    expect(next.exitCode).toBe(0);
    const isCached = Object.fromEntries(next.results.map(({ path, cached }) => [path, cached]));
    expect(isCached).toEqual({
      'songs/a.wav': true,
      'songs/b.wav': true,
      'songs/stuck c.wav': false,
      'songs/stuck d.wav': false,
      'songs/stuck e.wav': false,
    });
  });
});

test('Ctrl-C while the model hangs ends it as well', async () => {
  const home = await homeWithSongs(['a.wav', 'b.wav']);
  const running = home.start(['score', 'songs', '--format', 'json']);
  // A stopped process answers nothing, as one in the middle of a long song.
  process.kill(await findInferenceProcess(home), 'SIGSTOP');
  running.interrupt();
  expect(await running.ended).toMatchObject({ exitCode: 130, stdout: '[]\n' });
});

test('Ctrl-C twice ends it at once, and still leaves no process', async () => {
  const home = await homeWithSongs(['a.wav', 'stuck b.wav']);
  const watched = makeWatchedFfmpeg(home);
  const running = home.start(['score', 'songs'], watched);
  await waitUntil('a song is being read', () => watched.songs().includes('stuck b.wav'));
  process.kill(await findInferenceProcess(home), 'SIGSTOP');
  running.interrupt();
  running.interrupt();
  expect((await running.ended).exitCode).toBe(130);
});

test('Ctrl-C in a terminal, which reaches the inference process too, is no crash of it', async () => {
  const home = await homeWithSongs(['a.wav', 'stuck b.wav']);
  const running = home.start(['score', 'songs', '--format', 'json'], makeWatchedFfmpeg(home));
  await waitUntil('a song is done', () => home.count().scores === 1);
  process.kill(await findInferenceProcess(home), 'SIGINT');
  running.interrupt();
  const run = await running.ended;
  expect(run.exitCode).toBe(130);
  expect(readResults(run)).toMatchObject([{ path: 'songs/a.wav', error: null }]);
});

test('a command that is killed leaves no process, and a library that the next run goes on with', async () => {
  const names = Array.from({ length: 8 }, (_, index) => `slow ${index}.wav`);
  const home = await homeWithSongs(names);
  const running = home.start(['score', 'songs'], makeWatchedFfmpeg(home));
  await waitUntil('some songs are done', () => home.count().scores >= 2);
  running.interrupt('SIGKILL');
  expect(await running.ended).toMatchObject({ exitCode: null, stdout: '' });
  const next = await home.score(['songs']);
  expect(next.exitCode).toBe(0);
  expect(next.results).toHaveLength(8);
  expect(next.results.filter(({ cached }) => cached).length).toBeGreaterThanOrEqual(2);
});

test('an inference process that is killed is started again, and every song is scored', async () => {
  const names = Array.from({ length: 6 }, (_, index) => `slow ${index}.wav`);
  const home = await homeWithSongs(names);
  const running = home.start(['score', 'songs', '--format', 'json'], makeWatchedFfmpeg(home));
  await waitUntil('a song is done', () => home.count().scores >= 1);
  const first = await findInferenceProcess(home);
  process.kill(first, 'SIGKILL');
  await waitUntil('another process takes over', () => ![first, undefined].includes(inferenceProcessOf(home)));
  const run = await running.ended;
  expect(run.exitCode).toBe(0);
  const results = readResults(run);
  expect(results).toHaveLength(6);
  expect(results.every(({ score, error }) => score !== null && error === null)).toBe(true);
});
