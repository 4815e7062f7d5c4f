/** Results as table, JSON and CSV: odd names do no harm, and a reader that leaves early is no failure. */
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeSound } from '../support/make-audio.ts';
import { readCsvTable } from '../support/parse-csv.ts';
import { useBangerHomes } from '../support/run-banger.ts';

const makeHome = useBangerHomes();
const home = makeHome();

const oddNames = [
  '=1+1.wav',
  "=cmd|' C calc'!A0.wav",
  '+1.wav',
  '-1.wav',
  '@SUM(A1).wav',
  '\t=1+1.wav',
  '\r=1+1.wav',
  'return\r=1+1.wav',
  'two\nlines.wav',
  'comma, "quoted", done.wav',
  "it's; a `test` $(x).wav",
  '歌 と 詩.wav',
  'שלום עולם.wav',
  'مرحبا.wav',
  '🎵 e\u0301.wav',
  'red \u001b[31m colour \u001b]0;title\u0007.wav',
  'c1 \u009b31m.wav',
  'evil \u202evaw.3pm.wav',
  ' leading and trailing .wav',
  `${'n'.repeat(250)}.wav`,
].sort();

beforeAll(async () => {
  mkdirSync(home.path('songs'));
  await makeSound(home.path('song.wav'), 'sine=f=440:d=1');
  for (const name of oddNames) copyFileSync(home.path('song.wav'), home.path('songs', name));
});

const score = (...options: string[]) =>
  home.run(['score', '.', '--quiet', ...options], { cwd: home.path('songs') });

describe('odd names', () => {
  test('stand in JSON as they are', async () => {
    const { results } = await home.score(['.'], { cwd: home.path('songs') });
    expect(results.map(({ path }) => path)).toEqual(oddNames);
  });

  test('stand in CSV as one cell each, none of them a formula', async () => {
    const run = await score('--format', 'csv');
    const table = readCsvTable(run.stdout);
    expect(Object.keys(table[0] ?? {})).toEqual([
      ...['path', 'score', 'rawScore', 'encoder', 'head', 'draft', 'durationSeconds', 'loudnessLufs'],
      ...['cached', 'embeddingRow', 'flags', 'errorCode', 'errorMessage'],
    ]);
    const cells = table.map(({ path = '' }) => path);
    expect(cells.filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([]);
    expect(cells.map((cell) => cell.replace(/^'/, ''))).toEqual(oddNames);
    for (const { draft, cached, durationSeconds, loudnessLufs, errorCode } of table) {
      expect({ draft, cached, durationSeconds, errorCode }).toEqual({
        draft: 'true',
        cached: 'true',
        durationSeconds: '1',
        errorCode: '',
      });
      // A negative number is a number, not a formula to be disarmed.
      expect(Number(loudnessLufs)).toBeLessThan(0);
    }
  });

  test('cannot steer the terminal or break a line of the table', async () => {
    const { stdout } = await score();
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(oddNames.length + 1);
    // eslint-disable-next-line no-control-regex -- control characters are what is looked for
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    for (const name of ['歌 と 詩.wav', 'שלום עולם.wav', '🎵 e\u0301.wav']) expect(stdout).toContain(name);
  });

  test('of failed files are harmless in errors as well', async () => {
    const run = await home.run(['score', 'songs', '--encoder', './\u001b[31m']);
    expect(run.exitCode).toBe(1);
    expect(run.stderr).not.toContain('\u001b');
  });
});

describe('nothing but results', () => {
  test('is on the standard output, in every form', async () => {
    const json = await home.run(['score', 'songs', 'gone.wav', '--format', 'json']);
    expect(() => JSON.parse(json.stdout) as unknown).not.toThrow();
    const csv = await home.run(['score', 'songs', 'gone.wav', '--format', 'csv']);
    const table = readCsvTable(csv.stdout);
    expect(table).toHaveLength(oddNames.length + 1);
    expect(table.at(-1)).toMatchObject({ path: 'gone.wav', score: '', errorCode: 'file-missing' });
    for (const run of [json, csv]) {
      expect(run.exitCode).toBe(3);
      expect(run.stderr).toContain('draft');
    }
  });
});

describe('a reader that leaves early', () => {
  test.each([
    'score . --format json',
    'score . --format csv',
    'score .',
    'doctor',
    'models list --format json',
    '--help',
  ])('is no failure of “%s”', async (line) => {
    const running = home.start(line.split(' '), { cwd: home.path('songs') });
    running.stopReading();
    const { exitCode, stderr } = await running.ended;
    expect(exitCode).toBe(0);
    expect(stderr).not.toMatch(/EPIPE|at .*\.ts:\d+/);
  });
});

describe('a place without room', () => {
  // The device that is always full exists on Linux only.
  test.runIf(existsSync('/dev/full'))('for the results is said, not swallowed', async () => {
    const run = await home.run(['score', 'songs', '--format', 'csv'], { stdoutFile: '/dev/full' });
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain('The results could not be written.');
  });

  test('for the embeddings still gives the scores', async () => {
    const run = await home.score(['songs', '--embeddings', 'no/such/folder/rows.npy']);
    expect(run.exitCode).toBe(3);
    expect(run.results).toHaveLength(oddNames.length);
    expect(run.results.every(({ score, embeddingRow }) => score !== null && embeddingRow === null)).toBe(
      true,
    );
    expect(run.stderr).toContain('The embeddings could not be written.');
  });
});
