/** What the scores say, in the page: it follows the list, compares, leads to songs, exports, and writes its report. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { strings } from '../../../src/renderer/strings/en.ts';
import { insightTitles } from '../../../src/shared/insight-titles.ts';
import { insightKinds, type InsightKind } from '../../../src/shared/insight.ts';
import { readCsvTable } from '../../support/parse-csv.ts';
import { type App, expect, inLibrary, test } from '../support/fixtures.ts';
import { SongGrid } from '../support/song-grid.ts';
import { poolSongs, writeSong, type PoolSong } from '../support/song-pool.ts';

const words = strings.insight;

interface ScoredSong extends PoolSong {
  score: number;
}

/** The songs of the pool with the scores that the library has of them. */
function scoredSongs(app: App): ScoredSong[] {
  const { rows } = inLibrary(app, (library) =>
    library.lists.page({
      filter: {},
      sort: { column: 'score', direction: 'descending' },
      offset: 0,
      limit: 100,
    }),
  );
  return rows.flatMap(({ path: file, score }) => {
    const song = poolSongs.find((one) => file === app.place.song(one.file));
    return song === undefined || score === null ? [] : [{ ...song, score }];
  });
}

const mean = (songs: readonly ScoredSong[]) =>
  songs.reduce((sum, { score }) => sum + score, 0) / songs.length;

async function openInsight(app: App, page: Page): Promise<Locator> {
  await app.open(page);
  await new SongGrid(page).waitForScores(poolSongs.length);
  await page.keyboard.press('g');
  const insight = page.getByRole('region', { name: words.title, exact: true });
  await expect(insight).toBeFocused();
  await expect(basisOf(insight, poolSongs.length)).toBeVisible();
  return insight;
}

const basisOf = (insight: Locator, songs: number) => insight.getByText(`${songs} songs with draft scores.`);

function sectionOf(insight: Locator, kind: InsightKind): Locator {
  return insight.getByRole('region', { name: insightTitles[kind], exact: true });
}

/** Brings an analysis into view by the list of contents, and opens the data of its first plot. */
async function openData(insight: Locator, kind: InsightKind): Promise<Locator> {
  const contents = insight.getByRole('navigation', { name: words.contents });
  await contents.getByRole('button', { name: insightTitles[kind], exact: true }).click();
  const section = sectionOf(insight, kind);
  const toggle = section.getByRole('button', { name: /^Data of/ }).first();
  if ((await toggle.getAttribute('aria-expanded')) !== 'true') await toggle.click();
  await expect(section.locator('svg[role="img"]').first()).toBeVisible();
  return section.getByRole('table').first();
}

/** The texts of a table's rows, without its head. */
async function rowsOf(table: Locator): Promise<string[][]> {
  return table
    .locator('tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.innerText)));
}

test('what the scores say follows the list, and leads to the songs behind it', async ({ app, page }) => {
  const songs = scoredSongs(app);
  const insight = await openInsight(app, page);
  await expect(insight.getByText(words.draft, { exact: true })).toBeVisible();
  await expect(insight.getByRole('heading', { level: 2 })).toHaveText(
    insightKinds.map((kind) => insightTitles[kind]),
  );

  const sorted = songs.map(({ score }) => score).sort((one, other) => one - other);
  const [low, high] = [Math.floor(sorted[3] ?? 0), Math.ceil((sorted.at(-2) ?? 0) * 10) / 10];
  const field = insight.getByLabel(words.thresholds);
  await field.fill(`${high}; nothing`);
  await field.press('Enter');
  await expect(insight.getByText(words.thresholdsWrong)).toBeVisible();
  await field.fill(`${high}, ${low}`);
  await field.press('Enter');
  const rates = await openData(insight, 'hit-rates');
  const hits = [low, high].map((threshold) => sorted.filter((score) => score >= threshold).length);
  await expect
    .poll(async () => (await rowsOf(rates)).map((row) => row.slice(0, 3)))
    .toEqual([low, high].map((threshold, place) => [threshold.toFixed(1), '14', String(hits[place])]));

  const prompt = 'lo-fi beats, tape hiss';
  const lofi = songs.filter(({ caption }) => caption === prompt);
  const prompts = await openData(insight, 'prompts');
  const rows = await rowsOf(prompts);
  expect(rows.find(([name]) => name === prompt)?.slice(0, 3)).toEqual([
    prompt,
    String(lofi.length),
    mean(lofi).toFixed(2),
  ]);
  await sectionOf(insight, 'prompts')
    .getByRole('button', { name: /^Export/ })
    .click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: strings.plots.csv('prompts') }).click(),
  ]);
  const csv = readFileSync(await download.path(), 'utf8');
  const row = readCsvTable(csv.replace(/^\u{FEFF}/u, '')).find(({ name }) => name === prompt);
  expect(Number(row?.['mean'])).toBeCloseTo(mean(lofi), 9);

  // By the keyboard from the table to the list, and back: the screen is about what the list shows now.
  await prompts.getByRole('button', { name: words.showSongs(prompt) }).press('Enter');
  const grid = new SongGrid(page);
  await expect(insight).toBeHidden();
  await expect.poll(async () => (await grid.titles()).length).toBe(lofi.length);
  await page.getByRole('button', { name: words.open, exact: true }).click();
  await expect(basisOf(insight, lofi.length)).toBeVisible();
  await expect(sectionOf(insight, 'scores')).toContainText('Only 2 songs here have a score');
  await page.getByRole('textbox', { name: strings.topBar.searchLabel }).fill('no such words');
  await expect(insight.getByText(words.noMatch)).toBeVisible();
  await insight.getByRole('button', { name: strings.list.clearFilters }).click();
  await expect(basisOf(insight, songs.length)).toBeVisible();

  // By the pointer from a row of the plot.
  await openData(insight, 'hit-rates');
  await sectionOf(insight, 'hit-rates').locator('[data-row="1"]').click();
  await expect(insight).toBeHidden();
  await expect.poll(async () => (await grid.titles()).length).toBe(hits[1]);
});

test('two groups are compared, new songs come in, a report is written, and axe finds nothing', async ({
  app,
  page,
}) => {
  const songs = scoredSongs(app);
  const insight = await openInsight(app, page);
  const half = songs.filter(({ file }) => file.startsWith('night 1'));
  const search = page.getByRole('textbox', { name: strings.topBar.searchLabel });
  await search.fill('"night 1"');
  await expect(basisOf(insight, half.length)).toBeVisible();
  const comparison = sectionOf(insight, 'comparison');
  await comparison.getByLabel(words.first).selectOption({ label: words.sets.all });
  await comparison.getByLabel(words.second).selectOption({ label: words.sets.present });
  await expect(comparison.getByText(/in both groups count in the smaller one only/)).toBeVisible();
  const rows = await rowsOf(await openData(insight, 'comparison'));
  const rest = songs.filter((song) => !half.includes(song));
  expect(rows.map((row) => row.slice(0, 3))).toEqual([
    [words.sets.all, String(rest.length), mean(rest).toFixed(2)],
    [words.sets.present, String(half.length), mean(half).toFixed(2)],
  ]);
  const reference = sectionOf(insight, 'reference');
  await reference.getByLabel(words.reference).selectOption({ label: words.sets.all });
  await expect(reference).toContainText(`${rest.length} scores of ${words.sets.all}`);
  await insight.getByRole('radio', { name: words.percent(50) }).click();
  await expect(sectionOf(insight, 'top-bottom')).toContainText('It takes at least 20.');

  const [added] = poolSongs;
  if (added === undefined) throw new Error('The pool has songs.');
  await writeSong(app.place.song('night 1', 'another.ogg'), added, {}, 60);
  // The song takes a while to settle.
  for (const kind of ['prompts', 'keys', 'tempo', 'tempo-keys'] as const) await openData(insight, kind);
  await page.emulateMedia({ colorScheme: 'light' });
  await expectNoViolation(page);
  await page.setViewportSize({ width: 800, height: 900 });
  await expectNoViolation(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  await expectNoViolation(page);
  await expect(basisOf(insight, half.length + 1)).toBeVisible({ timeout: 90_000 });

  await insight.getByRole('button', { name: words.report.open }).click();
  const dialog = page.getByRole('dialog', { name: words.report.title });
  await expect(dialog).toBeVisible();
  await expectNoViolation(page);
  const file = path.join(app.place.exportFolder, 'what they say.html');
  const fileField = dialog.getByLabel(words.report.file, { exact: true });
  await fileField.fill('/etc/report.html');
  await dialog.getByRole('button', { name: words.report.write, exact: true }).click();
  await expect(dialog.getByRole('alert')).toContainText('may not use this place');
  await fileField.fill(file);
  await dialog.getByLabel(words.report.heading).fill('Night one');
  await dialog.getByRole('button', { name: words.report.write, exact: true }).click();
  await expect(dialog.getByText(file)).toBeVisible();
  const report = readFileSync(file, 'utf8');
  expect(report).toContain('<title>Night one</title>');
  expect(report).toContain('8 songs with draft scores');
  expect(report).toContain(words.sets.present);
  await dialog.getByRole('button', { name: strings.common.done }).click();
  await page.keyboard.press('Escape');
  await expect(insight).toBeHidden();
});

/** What axe finds on the screen as it is. */
async function expectNoViolation(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().options({ preload: false }).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`);
  expect(found).toEqual([]);
}
