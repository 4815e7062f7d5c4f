/** The report of the real command over real songs, opened from its file in a real browser: figures, themes, and silence. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { z } from 'zod';
import { readCsvTable } from '../../support/parse-csv.ts';
import { realSongFolders } from '../../support/real-songs.ts';
import { writeSong } from '../support/song-pool.ts';

const command = path.join(import.meta.dirname, '../../../src/cli/banger.ts');

/** Songs of each game. */
const songsOfSource = 10;

/** The last one would like to be markup. */
const prompts = ['lo-fi piano, rain', 'battle drums, low brass', '"><script>alert(1)</script></style>'];
const keys = ['A minor', 'C major'];
const thresholds = [3, 4.5];

interface MadeUpSong {
  file: string;
  prompt: string;
  key: string;
  bpm: number;
  score: number;
}

let root: string;
let reportFile: string;
let songs: MadeUpSong[];

test.beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'banger-report-'));
  const folder = path.join(root, 'songs');
  await mkdir(folder);
  songs = realSongFolders().flatMap((source) =>
    readdirSync(source)
      .filter((name) => /\.(?:ogg|opus)$/.test(name))
      .sort()
      .slice(0, songsOfSource)
      .map((name) => ({ file: path.join(source, name), prompt: '', key: '', bpm: 0, score: 0 })),
  );
  for (const [place, song] of songs.entries()) {
    const source = song.file;
    song.file = path.join(folder, `${place} ${path.basename(source)}`);
    song.prompt = prompts[place % prompts.length] ?? '';
    song.key = keys[place % keys.length] ?? '';
    song.bpm = 70 + 4 * place;
    const record = {
      source,
      file: song.file,
      caption: song.prompt,
      seed: place,
      bpm: song.bpm,
      keyscale: song.key,
    };
    await writeSong(song.file, record, {}, 0);
  }
  const library = path.join(root, 'library.sqlite');
  const scored = await banger(
    'score',
    folder,
    '--encoder',
    'draft',
    '--format',
    'json',
    '--library',
    library,
    '-q',
  );
  const results = z.array(z.looseObject({ path: z.string(), score: z.number() })).parse(JSON.parse(scored));
  for (const song of songs) {
    song.score =
      results.find((result) => path.basename(result.path) === path.basename(song.file))?.score ?? NaN;
  }
  reportFile = path.join(root, 'out', 'report.html');
  await banger('report', '--library', library, '--out', reportFile, '--thresholds', thresholds.join(','));
});

test.afterAll(async () => {
  await rm(root, { recursive: true, force: true, maxRetries: 3 });
});

/** Runs the real command in a home of its own. */
async function banger(...words: string[]): Promise<string> {
  const home = {
    HOME: root,
    XDG_DATA_HOME: root,
    XDG_CACHE_HOME: root,
    XDG_CONFIG_HOME: root,
    HF_HOME: root,
  };
  const { stdout } = await promisify(execFile)(process.execPath, [command, ...words], {
    env: { ...process.env, ...home },
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

/** Opens the report and notes whatever it complains about or asks for. */
async function openReport(page: Page): Promise<string[]> {
  const heard: string[] = [];
  page.on('console', (message) => heard.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => heard.push(String(error)));
  page.on('dialog', (dialog) => heard.push(`dialog: ${dialog.message()}`));
  page.on('request', (request) => {
    if (request.url() !== pathToFileURL(reportFile).href) heard.push(`request: ${request.url()}`);
  });
  await page.goto(pathToFileURL(reportFile).href);
  return heard;
}

/** The rows of a table's CSV, as its link carries it. */
async function csvOf(page: Page, name: string): Promise<Record<string, string>[]> {
  const address = await page.getByRole('link', { name: `${name}.csv`, exact: true }).getAttribute('href');
  const content = Buffer.from((address ?? '').split(',')[1] ?? '', 'base64').toString();
  expect(content).toMatch(/^\u{FEFF}/u);
  return readCsvTable(content.slice(1));
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

test('every plot is there, and its figures are those of the songs', async ({ page }) => {
  const heard = await openReport(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('What the scores say');
  const charts = [
    'Scores',
    'Hit rates',
    'Prompts',
    'Tempo against score',
    'Keys',
    'Major and minor',
    'Tempo and key',
  ];
  for (const name of [...charts, 'Length against score', 'Loudness against score']) {
    const picture = page.getByRole('img', { name, exact: true });
    await expect(picture).toBeVisible();
    expect(await picture.locator('path, rect, circle, line').count(), name).toBeGreaterThan(2);
  }

  const scores = await csvOf(page, 'scores');
  for (const { from, to, songs: count } of scores) {
    const within = songs.filter(
      ({ score }) => score >= Number(from) && (score < Number(to) || Number(to) === 10),
    );
    expect(Number(count), `${from} to ${to}`).toBe(within.length);
  }

  const rates = await csvOf(page, 'hit-rates');
  expect(rates.map(({ threshold }) => Number(threshold))).toEqual(thresholds);
  for (const [place, threshold] of thresholds.entries()) {
    const hits = songs.filter(({ score }) => score >= threshold).length;
    const [z2, n] = [1.959963984540054 ** 2, songs.length];
    const share = hits / n;
    const middle = (share + z2 / (2 * n)) / (1 + z2 / n);
    const half = Math.sqrt(z2 * ((share * (1 - share)) / n + z2 / (4 * n * n))) / (1 + z2 / n);
    const row = rates[place];
    expect([row?.['songs'], row?.['hits']]).toEqual([String(n), String(hits)]);
    expect(Number(row?.['rate'])).toBeCloseTo(share, 9);
    expect(Number(row?.['rate_low'])).toBeCloseTo(Math.max(0, middle - half), 6);
    expect(Number(row?.['rate_high'])).toBeCloseTo(middle + half, 6);
  }

  const groups = await csvOf(page, 'prompts');
  expect(groups).toHaveLength(prompts.length);
  for (const prompt of prompts) {
    const own = songs.filter((song) => song.prompt === prompt).map(({ score }) => score);
    const row = groups.find(({ name }) => name === prompt);
    expect(row?.['songs']).toBe(String(own.length));
    expect(Number(row?.['mean'])).toBeCloseTo(mean(own), 9);
    expect(Number(row?.['best'])).toBeCloseTo(Math.max(...own), 9);
    expect(Number(row?.['worst'])).toBeCloseTo(Math.min(...own), 9);
  }
  const means = groups.map((row) => Number(row['mean']));
  expect(means).toEqual(means.toSorted((a, b) => b - a));

  const points = await csvOf(page, 'tempo-songs');
  const drawn = points.map((row) => `${row['x'] ?? ''}: ${Number(row['score']).toFixed(6)}`);
  expect(drawn.sort()).toEqual(songs.map(({ bpm, score }) => `${bpm}: ${score.toFixed(6)}`).sort());

  // The table on the page says the same, with two decimals; it is read by keys alone.
  const section = page.getByRole('region', { name: 'Prompts', exact: true });
  await section.locator('summary').focus();
  await page.keyboard.press('Enter');
  const cells = section.getByRole('table').getByRole('row').nth(1).getByRole('cell');
  await expect(cells.first()).toHaveText(groups[0]?.['name'] ?? '');
  await expect(cells.nth(2)).toHaveText(Number(groups[0]?.['mean']).toFixed(2));

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'prompts.csv', exact: true }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('prompts.csv');
  expect(heard.filter((line) => !line.startsWith('request: data:text/csv'))).toEqual([]);
});

for (const theme of ['light', 'dark'] as const) {
  test(`axe finds nothing in ${theme} colours, with every table open`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme });
    const heard = await openReport(page);
    const ground = await page.locator('body').evaluate((body) => getComputedStyle(body).backgroundColor);
    expect(ground).toBe(theme === 'dark' ? 'rgb(20, 21, 24)' : 'rgb(251, 250, 248)');
    for (const summary of await page.locator('summary').all()) await summary.click();
    const { violations } = await new AxeBuilder({ page })
      .setLegacyMode()
      .options({ preload: false })
      .analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`)).toEqual(
      [],
    );
    expect(heard).toEqual([]);
  });
}
