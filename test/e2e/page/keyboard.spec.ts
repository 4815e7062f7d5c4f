/** From an empty home to an export without a pointer: every step by keys, and the focus always somewhere visible. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { strings } from '../../../src/renderer/strings/en.ts';
import { expect, test } from '../support/fixtures.ts';
import { SongGrid } from '../support/song-grid.ts';
import { poolSongs } from '../support/song-pool.ts';

test.use({ beginning: 'fresh' });

/** More than there are controls on any screen. */
const mostSteps = 80;

/** Goes on by Tab until a control has the focus, and sees to it that its focus is drawn. */
async function tabTo(page: Page, control: Locator): Promise<void> {
  await expect(control).toBeVisible();
  for (let step = 0; step < mostSteps; step += 1) {
    if (await control.evaluate((element) => element === document.activeElement)) {
      await expectVisibleFocus(page);
      return;
    }
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${String(control)}.`);
}

/** The focused element is on the screen and wears an outline or another sign that it has without focus not. */
async function expectVisibleFocus(page: Page): Promise<void> {
  const isShown = await page.evaluate(() => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement) || element === document.body) return false;
    const { width, height } = element.getBoundingClientRect();
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const isDrawn = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0;
    return width > 0 && height > 0 && (isDrawn || element.matches('input, textarea'));
  });
  expect(isShown, 'the focus can be seen').toBe(true);
}

test('first run, listening, deciding and exporting by keys alone', async ({ app, page }) => {
  const songs = new SongGrid(page);
  await app.open(page);

  // A folder.
  await tabTo(page, page.getByRole('button', { name: strings.firstRun.chooseFolder }));
  await page.keyboard.press('Enter');
  const picker = page.getByRole('dialog', { name: strings.firstRun.picker.title });
  await expect(picker.getByRole('button', { name: app.place.songFolder, exact: true })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(picker.getByRole('button', { name: 'night 1', exact: true })).toBeFocused();
  await tabTo(page, picker.getByRole('button', { name: strings.firstRun.picker.watch }));
  await page.keyboard.press('Enter');
  await songs.waitForScores(poolSongs.length);
  await songs.expectBestFirst();
  const titles = await songs.titles();

  // The list: down, play, keep, stars, a selection of three.
  await tabTo(page, songs.grid);
  await page.keyboard.press('ArrowDown');
  await expect(songs.row(titles[0] ?? '')).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowDown');
  await expect(songs.row(titles[1] ?? '')).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  const player = page.getByRole('region', { name: strings.player.region });
  await expect(player).toContainText(titles[1] ?? '');
  await expect(player.getByRole('button', { name: strings.player.pause })).toBeVisible();
  await page.keyboard.press('Space');
  await expect(player.getByRole('button', { name: strings.player.play, exact: true })).toBeVisible();
  await page.keyboard.press('p');
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+ArrowDown');
  await expect(songs.selected()).toHaveCount(3);

  // Sorting by a column's head, and back.
  await tabTo(page, songs.head('rank').getByRole('button'));
  const head = songs.head('score').getByRole('button');
  await page.keyboard.press('ArrowRight');
  await expect(head).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(songs.head('score')).toHaveAttribute('aria-sort', 'ascending');
  await page.keyboard.press('Enter');
  await expect(songs.head('score')).toHaveAttribute('aria-sort', 'descending');

  // The export: five songs into a playlist.
  await page.keyboard.press('Control+e');
  const dialog = page.getByRole('dialog', { name: strings.export.title });
  const count = dialog.getByRole('spinbutton', { name: strings.export.scopes.count.field });
  await tabTo(page, count);
  await page.keyboard.press('Control+a');
  await page.keyboard.type('5');
  const field = dialog.getByRole('textbox', { name: strings.export.playlistFile });
  await tabTo(page, field);
  await page.keyboard.press('Control+a');
  const playlist = path.join(app.place.exportFolder, 'by keys.m3u8');
  await page.keyboard.type(playlist);
  await tabTo(page, dialog.getByRole('button', { name: strings.export.export(5) }));
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('heading', { name: strings.export.done })).toBeVisible();
  expect(existsSync(playlist)).toBe(true);
  const paths = readFileSync(playlist, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(paths).toHaveLength(5);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  // The focus is back where keys do something.
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: strings.shortcuts.title })).toBeVisible();
});
