/** An empty home: choosing a folder, scores while one looks on, and a list that stays calm while songs arrive. */
import { strings } from '../../../src/renderer/strings/en.ts';
import { expect, test } from '../support/fixtures.ts';
import { SongGrid } from '../support/song-grid.ts';
import { poolSongs, writeSong } from '../support/song-pool.ts';

const words = strings.firstRun;

test.use({ beginning: 'fresh' });

test('a folder is chosen, and its songs get draft scores as one looks on', async ({ app, page }) => {
  const songs = new SongGrid(page);
  await app.open(page);
  await expect(page.getByRole('heading', { name: words.title })).toBeVisible();
  await expect(songs.grid).toBeHidden();

  await page.getByRole('button', { name: words.chooseFolder }).click();
  const dialog = page.getByRole('dialog', { name: words.picker.title });
  await dialog.getByRole('button', { name: app.place.songFolder, exact: true }).click();
  await expect(dialog.getByRole('button', { name: 'night 1', exact: true })).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'night 2', exact: true })).toBeVisible();
  await dialog.getByRole('button', { name: words.picker.watch }).click();
  await expect(dialog).toBeHidden();

  await songs.waitForScores(poolSongs.length);
  await songs.expectBestFirst();
  const scores = await songs.scores();
  expect(new Set(scores).size).toBeGreaterThan(5);
  for (const text of await songs.texts('score')) expect(text).toContain(strings.common.draft);
  // What the generators wrote beside them.
  await expect(songs.row('Nebula')).toContainText('drone, deep space, choir');
});

test('the page may look at no other folder than those it was given', async ({ app, page }) => {
  await app.open(page);
  await page.getByRole('button', { name: words.chooseFolder }).click();
  const dialog = page.getByRole('dialog', { name: words.picker.title });
  const folders = dialog.getByRole('group', { name: words.picker.folders }).getByRole('button');
  await expect(folders).toHaveText([app.place.songFolder, app.place.exportFolder]);
  await dialog.getByRole('button', { name: app.place.songFolder, exact: true }).click();
  await dialog.getByRole('button', { name: words.picker.up }).click();
  await expect(folders).toHaveText([app.place.songFolder, app.place.exportFolder]);
});

test.describe('while songs arrive', () => {
  test.use({ beginning: 'scored' });

  test('they are held back from whoever works in the list', async ({ app, page }) => {
    const songs = new SongGrid(page);
    await app.open(page);
    await songs.waitForScores(poolSongs.length);
    const before = await songs.titles();
    const chosen = songs.row('Deprecation');
    await chosen.click();
    await expect(chosen).toHaveAttribute('aria-selected', 'true');
    const place = await chosen.boundingBox();

    const [loud, quiet] = [poolSongs[0], poolSongs[13]];
    if (loud === undefined || quiet === undefined) throw new Error('The pool is empty.');
    await writeSong(app.place.song('night 3', 'first.ogg'), loud, { title: 'Arrived First' }, 60);
    await writeSong(app.place.song('night 3', 'second.ogg'), quiet, { title: 'Arrived Second' }, 60);

    const bringIn = page.getByRole('button', { name: strings.list.arrivals(2) });
    await expect(bringIn).toBeVisible({ timeout: 60_000 });
    expect(await songs.titles()).toEqual(before);
    expect(await chosen.boundingBox()).toEqual(place);

    // A score that comes later still is held back in turn.
    await expect(async () => {
      if (await bringIn.or(page.getByRole('button', { name: strings.list.arrivals(1) })).isVisible()) {
        await page.keyboard.press('n');
      }
      const scores = await songs.scores();
      expect(scores).toHaveLength(poolSongs.length + 2);
      expect(scores).toEqual(scores.toSorted((one, other) => other - one));
    }).toPass();
    expect(await songs.titles()).toContain('Arrived First');
    await expect(chosen).toHaveAttribute('aria-selected', 'true');
    await expect(chosen).toBeInViewport();
  });
});
