/** The work in the background and the settings: what failed and why, another try, folders, keys, colours. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { strings } from '../../../src/renderer/strings/en.ts';
import { expect, test } from '../support/fixtures.ts';
import { SongGrid } from '../support/song-grid.ts';
import { poolSongs, writeSong } from '../support/song-pool.ts';
import { parityFolder } from '../../support/parity.ts';

const jobs = strings.jobs;
const settings = strings.settings;

async function openSettings(page: Page, part: keyof typeof settings.parts): Promise<Locator> {
  await page.getByRole('button', { name: strings.topBar.settings }).click();
  const dialog = page.getByRole('dialog', { name: settings.title });
  await dialog.getByRole('tab', { name: settings.parts[part] }).click();
  return dialog;
}

async function closeDialog(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
}

test('a broken file is named with its reason, can be tried again, and is scored once it is whole', async ({
  app,
  page,
}) => {
  const songs = new SongGrid(page);
  const source = poolSongs[1];
  if (source === undefined) throw new Error('The pool is empty.');
  await app.open(page);
  await songs.waitForScores(poolSongs.length);
  const file = app.place.song('night 3', 'broken.ogg');
  await mkdir(path.dirname(file));
  await writeFile(file, 'The name of a song, and nothing of it inside. '.repeat(100));
  const strip = page.getByRole('button', { name: new RegExp(jobs.open) });
  await expect(strip).toContainText(jobs.failed(1), { timeout: 120_000 });

  await strip.click();
  const dialog = page.getByRole('dialog', { name: jobs.title });
  await dialog.getByRole('tab', { name: jobs.counted(jobs.tabs.failed, 1) }).click();
  await expect(dialog.getByText('broken.ogg')).toBeVisible();
  await expect(dialog).toContainText(jobs.outcomes.failed);

  // Another try of the same file fails again.
  await dialog.getByRole('button', { name: jobs.retryFailed }).click();
  await expect(page.getByRole('status').filter({ hasText: jobs.retried(1) })).toBeVisible();
  await expect(dialog.getByText('broken.ogg')).toBeVisible();
  await expect(dialog).toContainText(jobs.outcomes.failed);

  // Once it is whole it needs no asking.
  await rm(file);
  await writeSong(file, source, { title: 'Mended Song' }, 90);
  await expect(dialog.getByRole('tab', { name: jobs.counted(jobs.tabs.failed, 0) })).toBeVisible();
  await closeDialog(page);
  await songs.waitForScores(poolSongs.length + 1);
  await expect(songs.row('Mended Song')).toBeVisible();
});

test('scoring is paused and goes on', async ({ app, page }) => {
  const songs = new SongGrid(page);
  await app.open(page);
  await songs.waitForScores(poolSongs.length);
  const first = poolSongs.slice(0, 6);
  for (const [index, song] of first.entries()) {
    await writeSong(app.place.song('night 4', `late ${index}.ogg`), song, { title: `Late ${index}` }, 80);
  }
  const pause = page.getByRole('button', { name: jobs.pause });
  const resume = page.getByRole('button', { name: jobs.resume });
  await expect(pause).toBeVisible({ timeout: 60_000 });
  await pause.click();
  await expect(resume).toBeVisible();
  await resume.click();
  await songs.waitForScores(poolSongs.length + first.length);
});

test('colours follow the system or the person', async ({ app, page }) => {
  await app.open(page);
  const html = page.locator('html');
  await expect(html).toHaveAttribute('data-theme', 'dark');
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await expect(html).toHaveAttribute('data-theme', 'light');
  const dialog = await openSettings(page, 'appearance');
  await dialog.getByRole('radio', { name: settings.appearance.themes.dark }).click();
  await expect(html).toHaveAttribute('data-theme', 'dark');
  await closeDialog(page);
  await page.reload();
  await expect(html).toHaveAttribute('data-theme', 'dark');
});

test('a key is given to another action, and found again in the list of keys', async ({ app, page }) => {
  const songs = new SongGrid(page);
  const actions = strings.shortcuts.actions;
  await app.open(page);
  await songs.waitForScores(poolSongs.length);
  const dialog = await openSettings(page, 'shortcuts');
  const row = dialog.getByRole('button', { name: new RegExp(`“${actions.keep}”`) });
  await row.click();
  await page.keyboard.press('x');
  // It belongs to another action already.
  await expect(dialog.getByRole('status')).toContainText(actions.reject);
  await row.click();
  await page.keyboard.press('y');
  await expect(row).toHaveAccessibleName(settings.shortcuts.change(actions.keep, 'Y'));
  await closeDialog(page);

  await songs.row('Nebula').click();
  const bar = page.getByRole('navigation', { name: strings.sideBar.label });
  await page.keyboard.press('p');
  await page.keyboard.press('y');
  await expect(bar.getByRole('button', { name: `${strings.sideBar.kept} 1` })).toBeVisible();

  await page.keyboard.press('?');
  const list = page.getByRole('dialog', { name: strings.shortcuts.title });
  await list.getByRole('searchbox', { name: strings.shortcuts.search }).fill(actions.keep);
  await expect(list).toContainText('Y');
});

test('a folder that is watched no more keeps its songs in the library', async ({ app, page }) => {
  const songs = new SongGrid(page);
  await app.open(page);
  await songs.waitForScores(poolSongs.length);
  const dialog = await openSettings(page, 'folders');
  const folder = dialog.getByRole('article', { name: app.place.songFolder });
  await expect(folder).toContainText(settings.folders.states.watching);
  await folder.getByRole('button', { name: settings.folders.pause }).click();
  await expect(folder).toContainText(settings.folders.states.paused);
  await folder.getByRole('button', { name: settings.folders.resume }).click();
  await expect(folder).toContainText(settings.folders.states.watching);
  await folder.getByRole('button', { name: settings.folders.remove }).click();
  await folder.getByRole('button', { name: settings.folders.removeYes }).click();
  await expect(folder).toBeHidden();
  await closeDialog(page);
  await songs.waitForScores(poolSongs.length);
});

test('the library is backed up, checked and brought back', async ({ app, page }) => {
  const songs = new SongGrid(page);
  const words = settings.library;
  await app.open(page);
  await songs.waitForScores(poolSongs.length);
  const dialog = await openSettings(page, 'library');
  await dialog.getByRole('button', { name: words.backUp }).click();
  await expect(dialog.getByRole('button', { name: words.restore })).toBeVisible();
  await dialog.getByRole('button', { name: words.verify, exact: true }).click();
  await expect(dialog).toContainText(words.allWell);
  await closeDialog(page);

  await songs.row('Nebula').click();
  await page.keyboard.press('x');
  const bar = page.getByRole('navigation', { name: strings.sideBar.label });
  await expect(bar.getByRole('button', { name: `${strings.sideBar.rejected} 1` })).toBeVisible();
  const again = await openSettings(page, 'library');
  await again.getByRole('button', { name: words.restore }).click();
  await again.getByRole('button', { name: words.restoreYes }).click();
  await expect(page.getByText('The backup is in place.').first()).toBeVisible();
  await closeDialog(page);
  await expect(bar.getByRole('button', { name: `${strings.sideBar.rejected} 0` })).toBeVisible();
  await songs.waitForScores(poolSongs.length);
});

test('ways to run the encoder are measured one after another, and the fastest is named', async ({
  app,
  page,
}) => {
  const songs = new SongGrid(page);
  const words = strings.providers;
  await app.open(page);
  await songs.waitForScores(poolSongs.length);
  const dialog = await openSettings(page, 'models');
  await expect(dialog).toContainText(words.none);
  await dialog.getByRole('button', { name: words.measure, exact: true }).click();
  await dialog.getByRole('button', { name: words.cancel, exact: true }).click();
  await expect(dialog).toContainText(words.none);

  await dialog.getByRole('button', { name: words.measure, exact: true }).click();
  await expect(dialog.getByRole('progressbar', { name: words.title })).toBeVisible();
  const table = dialog.getByRole('region', { name: words.table });
  await expect(table.getByRole('row', { name: /^Processor fp32 .* 1\.000000 The fastest/ })).toBeVisible({
    timeout: 60_000,
  });
  await expect(table.getByRole('row', { name: /^Graphics \(WebGPU\) fp32/ })).toBeVisible();
  await expect(dialog).toContainText(words.usesFastest);
  await expect(dialog.getByRole('button', { name: words.measureAgain })).toBeEnabled();
});

test('another precision is chosen, compared with fp32 by itself, and has a ranking of its own', async ({
  app,
  page,
}) => {
  test.setTimeout(240_000);
  const words = strings.pace;
  const folder = path.join(parityFolder, 'encoders', 'tiny-330m-like');
  await app.place.run('models', 'import', folder, '--id', 'tiny');
  await app.place.run(
    'models',
    'import',
    path.join(folder, 'head.pt'),
    '--id',
    'tiny-head',
    '--encoder',
    'tiny',
  );
  const songs = new SongGrid(page);
  await app.open(page);
  await songs.waitForScores(poolSongs.length);
  const dialog = await openSettings(page, 'models');
  // The draft has fp32 alone.
  await expect(dialog).toContainText(words.fp32Alone);
  const encoder = dialog.getByRole('article', { name: 'Imported encoder' });
  await encoder.getByRole('button', { name: settings.models.use, exact: true }).click();
  await expect(encoder).toContainText(settings.models.inUse);
  await expect(dialog).toContainText(words.notMeasured('int8'));
  await dialog.getByLabel(words.precision, { exact: true }).selectOption(words.precisions.int8);
  const agreement = dialog.getByText(
    new RegExp(`On ${poolSongs.length} of your songs with the head tiny-head`),
  );
  await expect(agreement).toBeVisible({ timeout: 120_000 });
  await expect(dialog.getByRole('button', { name: words.measureAgain('int8') })).toBeEnabled();
  await closeDialog(page);
  await expect(page.getByRole('button', { name: strings.topBar.model('tiny', 'int8') })).toBeVisible();
  // The model was loaded, and it is told how long that took.
  await expect(await openSettings(page, 'models')).toContainText(/which took \d+\.\d s last time/);
});

test('how hard the machine works is chosen and kept', async ({ app, page }) => {
  const words = strings.pace;
  await app.open(page);
  const dialog = await openSettings(page, 'models');
  const quiet = dialog.getByRole('switch', { name: words.quiet });
  await expect(quiet).not.toBeChecked();
  await quiet.click();
  await dialog.getByLabel(words.threads, { exact: true }).selectOption(words.threadCount(1));
  await dialog.getByLabel(words.idle, { exact: true }).selectOption(words.idleOf(10));
  await closeDialog(page);
  await page.reload();
  const again = await openSettings(page, 'models');
  await expect(again.getByRole('switch', { name: words.quiet })).toBeChecked();
  await expect(again.getByLabel(words.threads, { exact: true })).toHaveValue('1');
  await expect(again.getByLabel(words.idle, { exact: true })).toHaveValue('10');
});
