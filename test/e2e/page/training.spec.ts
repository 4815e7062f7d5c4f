/** Training in the page: a head learns from the library or a table, is used, compared, exported, and makes way. */
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { readHeadCard } from '../../../src/engine/models/head-card-file.ts';
import { strings } from '../../../src/renderer/strings/en.ts';
import { type App, expect, inLibrary, test } from '../support/fixtures.ts';
import { SongGrid } from '../support/song-grid.ts';
import { poolSongs } from '../support/song-pool.ts';
import { fillSmallRecipe, openTraining } from '../support/training-page.ts';

const words = strings.training;

/** The list, scored, with stars for its songs: many for those that stand low, few for those on top. */
async function giveStars(page: Page, titles: readonly string[]): Promise<void> {
  const songs = new SongGrid(page);
  for (const [place, title] of titles.entries()) {
    await songs.row(title).click();
    await page.keyboard.press(String(1 + Math.floor((place * 5) / titles.length)));
  }
}

async function openList(app: App, page: Page): Promise<SongGrid> {
  const songs = new SongGrid(page);
  await app.open(page);
  await songs.waitForScores(poolSongs.length);
  return songs;
}

/** Presses the button and waits for the sentence that says why it cannot be. */
async function expectRefusal(training: Locator, sentence: string | RegExp): Promise<void> {
  await training.getByRole('button', { name: words.start, exact: true }).click();
  await expect(training.getByRole('alert').filter({ hasText: sentence })).toBeVisible();
}

test('a head learns from stars, scores the library, is compared, exported and deleted', async ({
  app,
  page,
}) => {
  const songs = await openList(app, page);
  const before = await songs.titles();
  await giveStars(page, before);

  const training = await openTraining(page);
  await training.getByRole('radio', { name: words.labels.stars }).click();
  await expect(training.getByText(words.fewLabels(poolSongs.length))).toBeVisible();
  await training.getByLabel(words.name).fill('by-stars');
  await fillSmallRecipe(training, { epochs: 40, patience: 40 });
  await training.getByRole('button', { name: words.start, exact: true }).click();

  await expect(training.getByRole('heading', { name: '“by-stars” is trained' })).toBeVisible();
  await expect(training.getByText(words.doubts.few(poolSongs.length))).toBeVisible();
  for (const plot of ['Learning curve', 'Predictions and labels', 'Calibration', 'Residuals']) {
    const figure = training.getByRole('figure').filter({ has: page.getByRole('heading', { name: plot }) });
    await expect(figure.locator('svg[role="img"]').first()).toBeVisible();
  }

  await training.getByRole('button', { name: words.useHead, exact: true }).click();
  await expect(page.getByText(words.heads.used(poolSongs.length, 0))).toBeVisible();
  const scored = inLibrary(app, (library) => {
    const ranking = library.rankings.findDefault();
    return { head: ranking?.head, isDraft: ranking?.isDraft, songs: ranking?.songCount };
  });
  expect(scored).toEqual({ head: 'by-stars', isDraft: true, songs: poolSongs.length });

  await training.getByRole('tab', { name: words.tabs.compare }).click();
  await training.getByRole('button', { name: words.compare.go, exact: true }).click();
  const table = training.getByRole('table', { name: words.compare.largest });
  await expect(table.getByRole('row')).toHaveCount(poolSongs.length + 1);
  await expect(table.getByRole('columnheader', { name: words.compare.rank('by-stars') })).toBeVisible();

  await training.getByRole('tab', { name: words.tabs.heads }).click();
  await expect(training.getByRole('heading', { name: 'by-stars' })).toBeVisible();
  await training.getByRole('button', { name: words.heads.export }).click();
  const dialog = page.getByRole('dialog', { name: words.heads.exportTitle('by-stars') });
  const file = path.join(app.place.exportFolder, 'by-stars.pt');
  await dialog.getByLabel(words.heads.exportFile, { exact: true }).fill(file);
  await dialog.getByRole('button', { name: words.heads.write }).click();
  await expect(dialog).toBeHidden();
  expect(existsSync(file)).toBe(true);
  expect((await readHeadCard(file))?.data).toMatchObject({ label: 'stars', songs: poolSongs.length });

  // The list behind is in the order of the new head, whose scores say what they are.
  await page.keyboard.press('Escape');
  await expect(training).toBeHidden();
  const order = inLibrary(app, (library) =>
    library.lists.page({ ...wholeList, ranking: library.rankings.findDefault() ?? undefined }),
  );
  await expect.poll(() => songs.titles()).toEqual(order.rows.map(({ title }) => title));
  await songs.row(before[0] ?? '').click();
  await expect(page.getByText(strings.inspector.draftBy('by-stars'))).toBeVisible();

  await openTraining(page);
  await training.getByRole('tab', { name: words.tabs.heads }).click();
  await training.getByRole('button', { name: words.heads.delete }).click();
  await training.getByRole('button', { name: words.heads.deleteYes, exact: true }).click();
  await expect(
    page.getByText(words.heads.deleted('by-stars', { encoder: 'draft', head: 'draft' })),
  ).toBeVisible();
  await expect(training.getByRole('navigation', { name: words.heads.list })).not.toContainText('by-stars');
});

const wholeList = {
  filter: {},
  sort: { column: 'score', direction: 'descending' },
  offset: 0,
  limit: 100,
} as const;

test('a table labels songs, failures are told with their reasons, and a stopped training goes on', async ({
  app,
  page,
}) => {
  const table = path.join(app.place.exportFolder, 'labels.csv');
  const rows = poolSongs.map(({ file }, place) => `${file},${place * 7 + 1},${place % 2 ? 'Rock' : 'Pop'}`);
  writeFileSync(table, ['file,listens,genre', ...rows, 'night 1/broken.ogg,12,Rock', ''].join('\n'));
  writeFileSync(app.place.song('night 1', 'broken.ogg'), 'no audio');
  await openList(app, page);
  const training = await openTraining(page);
  await training.getByRole('radio', { name: words.kinds.csv }).click();
  await training.getByLabel(words.audioFolder, { exact: true }).fill(app.place.songFolder);
  await training.getByLabel(words.csvFile, { exact: true }).fill(table);
  await page.keyboard.press('Tab');
  await expectRefusal(training, words.labelColumnMissing);
  await training.getByLabel(words.labelColumn).selectOption('listens');
  await expect(training.getByLabel(words.pathColumn)).toHaveValue('');
  await fillSmallRecipe(training, { epochs: 100_000, patience: 100_000 });
  await training.getByRole('button', { name: words.start, exact: true }).click();

  const curve = training
    .getByRole('figure')
    .filter({ has: page.getByRole('heading', { name: 'Learning curve' }) });
  await expect(curve.locator('svg[role="img"]').first()).toBeVisible();
  await expect(training.getByText(words.failures(1))).toBeVisible();
  await training.getByText(words.failures(1)).click();
  await expect(training.getByText('night 1/broken.ogg')).toBeVisible();
  await training.getByRole('button', { name: words.cancel, exact: true }).click();
  await expect(training.getByText(words.cancelledLead)).toBeVisible();

  // The engine remembers what was asked for, also for a page that was opened anew.
  await page.reload();
  await openTraining(page);
  await training.getByRole('button', { name: words.resume }).click();
  await expect(training.getByText(words.resumed)).toBeVisible();
  await training.getByRole('button', { name: words.cancel, exact: true }).click();
  await expect(training.getByRole('button', { name: words.resume })).toBeVisible();
});

test('what cannot be learned from is refused with the reason', async ({ app, page }) => {
  const songs = await openList(app, page);
  const titles = await songs.titles();
  const training = await openTraining(page);
  await expect(training.getByText(words.fewLabels(0))).toBeVisible();
  await expectRefusal(training, 'No song is left to learn from.');

  await page.keyboard.press('Escape');
  for (const title of titles.slice(0, 3)) {
    await songs.row(title).click();
    await page.keyboard.press('p');
  }
  await openTraining(page);
  await training.getByRole('button', { name: words.retry }).click();
  await expect(training.getByText('All 3 songs have the same label')).toBeVisible();

  await page.keyboard.press('Escape');
  await songs.row(titles[0] ?? '').click();
  await page.keyboard.press('x');
  await openTraining(page);
  await training.getByRole('button', { name: words.retry }).click();
  await expect(training.getByText('3 songs are too few')).toBeVisible();

  await training.getByRole('button', { name: words.change }).click();
  await fillSmallRecipe(training, { batchSize: 1 });
  await expectRefusal(training, words.recipeProblem(words.recipeFields.batchSize.hint));
  await training.getByRole('radio', { name: words.kinds.embeddings }).click();
  await fillSmallRecipe(training, { batchSize: 4 });
  await expectRefusal(training, words.needsPath);
  await training.getByLabel(words.embeddingFolder, { exact: true }).fill('/etc');
  await expectRefusal(training, 'may not use this place');
});
