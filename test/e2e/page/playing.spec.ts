/** Playing: real sound through real ranges of real files, onwards in the order of the list, and files that vanish. */
import { rm } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { strings } from '../../../src/renderer/strings/en.ts';
import { expect, test } from '../support/fixtures.ts';
import { SongGrid } from '../support/song-grid.ts';
import { poolSongs } from '../support/song-pool.ts';

const words = strings.player;

/** Sound is what lies well above the noise of 16 bits, and silence is what an origin without permission gives. */
const audibleDbfs = -60;

function playerOf(page: Page) {
  const bar = page.getByRole('region', { name: words.region });
  const position = bar.getByRole('slider', { name: words.position });
  return {
    bar,
    position,
    seconds: async () => Number(await position.getAttribute('aria-valuenow')),
    levelDbfs: async () => Number(await bar.locator('[data-level-dbfs]').getAttribute('data-level-dbfs')),
  };
}

test('a song sounds, moves on, and can be sought in', async ({ app, page }) => {
  const songs = new SongGrid(page);
  const player = playerOf(page);
  const statuses: number[] = [];
  page.on('response', (response) => {
    if (new URL(response.url()).pathname.startsWith('/media/')) statuses.push(response.status());
  });
  await app.open(page);
  await songs.waitForScores(poolSongs.length);

  await songs.row('Nebula').dblclick();
  await expect(player.bar).toContainText('Nebula');
  await expect(player.bar.getByRole('button', { name: words.pause })).toBeVisible();
  await expect.poll(player.seconds).toBeGreaterThanOrEqual(2);
  await expect.poll(player.levelDbfs).toBeGreaterThan(audibleDbfs);
  expect(statuses).toContain(206);

  // A key on the position leads to its end; there the next song of the list goes on by itself.
  await player.position.press('End');
  const titles = await songs.titles();
  const next = titles[titles.indexOf('Nebula') + 1] ?? '';
  await expect(player.bar).toContainText(next);
  await expect.poll(player.levelDbfs).toBeGreaterThan(audibleDbfs);

  await player.bar.getByRole('button', { name: words.pause }).click();
  await expect(player.bar.getByRole('button', { name: words.play, exact: true })).toBeVisible();
  const stopped = await player.seconds();
  await expect.poll(player.levelDbfs).toBeLessThan(audibleDbfs);
  expect(await player.seconds()).toBe(stopped);
});

test('next and previous follow the order of the list', async ({ app, page }) => {
  const songs = new SongGrid(page);
  const player = playerOf(page);
  await app.open(page);
  await songs.waitForScores(poolSongs.length);
  await songs.head('title').getByRole('button').click();
  await expect(songs.head('title')).toHaveAttribute('aria-sort', 'ascending');
  const titles = await songs.titles();

  await songs.row(titles[0] ?? '').dblclick();
  await expect(player.bar).toContainText(titles[0] ?? '');
  await expect(player.bar.getByRole('button', { name: words.previous })).toBeDisabled();
  await player.bar.getByRole('button', { name: words.next }).click();
  await expect(player.bar).toContainText(titles[1] ?? '');
  await page.keyboard.press('ControlOrMeta+ArrowRight');
  await expect(player.bar).toContainText(titles[2] ?? '');
  await page.keyboard.press('ControlOrMeta+ArrowLeft');
  await expect(player.bar).toContainText(titles[1] ?? '');
  await expect.poll(player.levelDbfs).toBeGreaterThan(audibleDbfs);
});

test('a file that vanished is told in a sentence, and the next song plays', async ({
  app,
  page,
  problems,
}) => {
  // The browser's own words about the answer that says so.
  problems.expect(/the server responded with a status of 4\d\d .*\/media\//);
  const songs = new SongGrid(page);
  const player = playerOf(page);
  await app.open(page);
  await songs.waitForScores(poolSongs.length);
  const titles = await songs.titles();
  const gone = titles[3] ?? '';
  const song = poolSongs.find(({ file }) => file.includes(gone));
  if (song === undefined) throw new Error(`There is no file of ${gone}.`);

  await rm(app.place.song(song.file));
  await songs.row(gone).dblclick();
  await expect(player.bar.getByRole('status')).toContainText('not there');
  await expect(player.bar.getByRole('button', { name: words.pause })).toBeHidden();

  await page.keyboard.press('ControlOrMeta+ArrowRight');
  await expect(player.bar).toContainText(titles[4] ?? '');
  await expect.poll(player.levelDbfs).toBeGreaterThan(audibleDbfs);
});

test('songs are played equally loud, unless one wants them as they are', async ({ app, page }) => {
  const songs = new SongGrid(page);
  const player = playerOf(page);
  await app.open(page);
  await songs.waitForScores(poolSongs.length);
  await songs.row('Nebula').dblclick();
  await expect(player.bar).toContainText('dB');
  await expect(player.bar).toContainText('LUFS');
  await player.bar.getByRole('button', { name: words.options }).click();
  await page.getByRole('menuitemcheckbox', { name: words.matchLoudness(-14) }).click();
  await page.keyboard.press('Escape');
  await expect(player.bar).not.toContainText('dB');
  await expect(player.bar).toContainText('LUFS');
});
