/** Exporting: what is shown is what is written; a move can be undone; rejected songs go to the trash and come back. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { strings } from '../../../src/renderer/strings/en.ts';
import { expect, test } from '../support/fixtures.ts';
import { SongGrid } from '../support/song-grid.ts';
import { poolSongs } from '../support/song-pool.ts';

const words = strings.export;

/** Opens the dialog by its key. */
async function openExport(page: Page): Promise<Locator> {
  await page.keyboard.press('ControlOrMeta+e');
  const dialog = page.getByRole('dialog', { name: words.title });
  await expect(dialog).toBeVisible();
  return dialog;
}

/** Songs in a folder, their records left out. */
function songsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /\.(?:ogg|mp3)$/.test(name))
    .sort();
}

test('the best five become a playlist and copies', async ({ app, page }) => {
  const songs = new SongGrid(page);
  await app.open(page);
  await songs.waitForScores(poolSongs.length);
  const best = (await songs.titles()).slice(0, 5);

  const dialog = await openExport(page);
  await dialog.getByLabel(words.scopes.count.field).fill('5');
  const preview = dialog.getByRole('group', { name: words.preview }).getByRole('listitem');
  await expect(preview).toHaveCount(5);
  for (const [index, title] of best.entries()) await expect(preview.nth(index)).toContainText(title);

  const playlist = path.join(app.place.exportFolder, 'best.m3u8');
  const folder = path.join(app.place.exportFolder, 'best');
  await dialog.getByLabel(words.playlistFile).fill(playlist);
  await dialog.getByRole('radio', { name: words.fileModes.copy }).click();
  await dialog.getByLabel(words.filesFolder, { exact: true }).fill(folder);
  await dialog.getByRole('button', { name: words.export(5) }).click();
  await expect(dialog.getByRole('heading', { name: words.done })).toBeVisible();

  const lines = readFileSync(playlist, 'utf8').split('\n');
  expect(lines[0]).toBe('#EXTM3U');
  const paths = lines.filter((line) => line !== '' && !line.startsWith('#'));
  expect(paths).toHaveLength(5);
  for (const [index, line] of paths.entries()) {
    expect(existsSync(path.resolve(app.place.exportFolder, line))).toBe(true);
    const song = poolSongs.find(({ file }) => line.endsWith(path.basename(file)));
    expect(song?.file).toContain(best[index] === undefined ? '?' : path.basename(song?.file ?? ''));
  }
  expect(songsIn(folder)).toHaveLength(5);
  // Copies: the songs are where they were.
  for (const { file } of poolSongs) expect(existsSync(app.place.song(file))).toBe(true);
});

test('a move is undone, and every file is back', async ({ app, page }) => {
  const songs = new SongGrid(page);
  await app.open(page);
  await songs.waitForScores(poolSongs.length);
  const folder = path.join(app.place.exportFolder, 'moved');

  const dialog = await openExport(page);
  await dialog.getByLabel(words.scopes.count.field).fill('3');
  const noPlaylist = dialog.getByRole('switch', { name: words.playlist });
  if (await noPlaylist.isChecked()) await noPlaylist.click();
  await dialog.getByRole('radio', { name: words.fileModes.move }).click();
  await dialog.getByLabel(words.filesFolder, { exact: true }).fill(folder);
  await dialog.getByRole('button', { name: words.export(3) }).click();
  await expect(dialog.getByRole('heading', { name: words.done })).toBeVisible();
  expect(songsIn(folder)).toHaveLength(3);
  expect(poolSongs.filter(({ file }) => !existsSync(app.place.song(file)))).toHaveLength(3);

  await dialog.getByRole('button', { name: words.undoMove }).click();
  await expect(dialog).toContainText(words.takenBack);
  for (const { file } of poolSongs) expect(existsSync(app.place.song(file))).toBe(true);
  expect(existsSync(folder) ? songsIn(folder) : []).toEqual([]);
});

test('rejected songs go into the trash after they were shown, and come back', async ({ app, page }) => {
  const songs = new SongGrid(page);
  await app.open(page);
  await songs.waitForScores(poolSongs.length);
  for (const title of ['Nebula', 'Awakening']) {
    await songs.row(title).click();
    await page.keyboard.press('x');
  }
  const files = poolSongs
    .filter(({ file }) => /Nebula|Awakening/.test(file))
    .flatMap(({ file }) => [file, file.replace(/\.\w+$/, '.json')])
    .map((file) => app.place.song(file));
  const bar = page.getByRole('navigation', { name: strings.sideBar.label });
  await expect(bar.getByRole('button', { name: `${strings.sideBar.rejected} 2` })).toBeVisible();

  await page.keyboard.press('ControlOrMeta+Backspace');
  const dialog = page.getByRole('dialog', { name: words.rejects.title });
  for (const file of files) await expect(dialog).toContainText(path.basename(file));
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
  await dialog.getByRole('button', { name: words.rejects.go(files.length) }).click();
  await expect(dialog).toContainText(words.rejects.done(files.length));
  expect(files.filter((file) => existsSync(file))).toEqual([]);
  // Nothing is deleted: the system's trash holds them.
  const trash = path.join(app.place.home, 'data', 'Trash', 'files');
  expect(readdirSync(trash)).toHaveLength(files.length);

  await dialog.getByRole('button', { name: words.rejects.undo }).click();
  await expect(dialog).toContainText(words.rejects.undone);
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
});
