/** Deciding: ten songs by keys alone, taken back and done again, stars, and two songs against each other. */
import { strings } from '../../../src/renderer/strings/en.ts';
import type { Verdict } from '../../../src/shared/song-query.ts';
import { songQuerySchema } from '../../../src/shared/song-query.ts';
import { type App, expect, inLibrary, test } from '../support/fixtures.ts';
import { SongGrid } from '../support/song-grid.ts';
import { poolSongs } from '../support/song-pool.ts';

const words = strings.cull;

/** Verdicts that are stored, by title. */
function storedVerdicts(app: App): Record<string, Verdict> {
  const { rows } = inLibrary(app, (library) => library.lists.page(songQuerySchema.parse({})));
  const decided = rows.filter(({ verdict }) => verdict !== 'undecided');
  return Object.fromEntries(decided.map(({ title, verdict }) => [title, verdict]));
}

test('ten songs are culled by keys alone, and undone', async ({ app, page }) => {
  const songs = new SongGrid(page);
  await app.open(page);
  await songs.waitForScores(poolSongs.length);
  const titles = await songs.titles();
  const total = titles.length;
  const cull = page.getByRole('region', { name: words.title });
  const shown = cull.getByRole('heading', { level: 2 });

  await page.keyboard.press('c');
  await expect(shown).toHaveText(titles[0] ?? '');
  await expect(cull).toContainText(words.remaining(total));

  // Keep and reject in turn; each answer leads on to the next song by itself.
  const answers: Verdict[] = titles.slice(0, 10).map((_, index) => (index % 3 === 0 ? 'keep' : 'reject'));
  for (const [index, verdict] of answers.entries()) {
    await expect(shown).toHaveText(titles[index] ?? '');
    await page.keyboard.press(verdict === 'keep' ? 'p' : 'x');
  }
  await expect(shown).toHaveText(titles[10] ?? '');
  await expect(cull).toContainText(words.remaining(total - 10));
  const expected = Object.fromEntries(answers.map((verdict, index) => [titles[index] ?? '', verdict]));
  await expect.poll(() => storedVerdicts(app)).toEqual(expected);

  // The way back: the last answer goes, and its song is shown again.
  await page.keyboard.press('z');
  await expect(shown).toHaveText(titles[9] ?? '');
  await expect(cull).toContainText(words.remaining(total - 9));
  await expect.poll(() => Object.keys(storedVerdicts(app)).length).toBe(9);

  // Stars, a look at a neighbour, and clearing.
  await page.keyboard.press('4');
  await expect(cull.getByRole('group', { name: strings.common.starsOf(4) })).toBeVisible();
  await page.keyboard.press('k');
  await expect(shown).toHaveText(titles[8] ?? '');
  await page.keyboard.press('u');
  await expect.poll(() => storedVerdicts(app)[titles[8] ?? '']).toBeUndefined();

  await page.keyboard.press('Escape');
  await expect(songs.grid).toBeVisible();
  const stars = inLibrary(app, (library) =>
    library.lists.page(songQuerySchema.parse({ filter: { stars: { min: 4 } } })),
  );
  expect(stars.rows.map(({ title }) => title)).toEqual([titles[9]]);
});

test('a song plays in culling, and the next one follows its answer', async ({ app, page }) => {
  const songs = new SongGrid(page);
  await app.open(page);
  await songs.waitForScores(poolSongs.length);
  const titles = await songs.titles();
  const cull = page.getByRole('region', { name: words.title });
  const position = cull.getByRole('slider', { name: strings.player.position });
  const seconds = async () => Number(await position.getAttribute('aria-valuenow'));

  await page.keyboard.press('c');
  await expect(cull.getByRole('heading', { level: 2 })).toHaveText(titles[0] ?? '');
  await expect
    .poll(async () => {
      if ((await seconds()) === 0 && !(await isPlaying())) await page.keyboard.press('Space');
      return seconds();
    })
    .toBeGreaterThan(0);
  await page.keyboard.press('p');
  await expect(cull.getByRole('heading', { level: 2 })).toHaveText(titles[1] ?? '');
  await expect.poll(isPlaying).toBe(true);

  function isPlaying(): Promise<boolean> {
    return page.evaluate(() => navigator.mediaSession.playbackState === 'playing');
  }
});

test('a verdict in the list can be undone from the bar', async ({ app, page }) => {
  const songs = new SongGrid(page);
  await app.open(page);
  await songs.waitForScores(poolSongs.length);
  await songs.row('Nebula').click();
  await page.keyboard.press('x');
  await expect.poll(() => storedVerdicts(app)).toEqual({ Nebula: 'reject' });
  await page.keyboard.press('ControlOrMeta+z');
  await expect.poll(() => storedVerdicts(app)).toEqual({});
  await expect(page.getByRole('status').filter({ hasText: 'Taken back' })).toBeVisible();
  await page.keyboard.press('ControlOrMeta+Shift+z');
  await expect.poll(() => storedVerdicts(app)).toEqual({ Nebula: 'reject' });
});
