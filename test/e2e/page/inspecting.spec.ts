/** Looking closer: everything about one song, and two songs against each other. */
import { strings } from '../../../src/renderer/strings/en.ts';
import { expect, inLibrary, test } from '../support/fixtures.ts';
import { SongGrid } from '../support/song-grid.ts';
import { poolSongs } from '../support/song-pool.ts';

const words = strings.inspector;

test('the inspector says where a song stands, that its score is a draft, and how it was made', async ({
  app,
  page,
}) => {
  const songs = new SongGrid(page);
  await app.open(page);
  await songs.waitForScores(poolSongs.length);
  const titles = await songs.titles();
  const inspector = page.getByRole('complementary', { name: words.region });
  await songs.row(titles[1] ?? '').click();
  await expect(inspector.getByRole('heading', { name: titles[1] ?? '' })).toBeVisible();
  await expect(inspector).toContainText(
    words.place({ rank: 2, total: poolSongs.length }, { rank: 2, total: poolSongs.length }),
  );
  await expect(inspector).toContainText('2nd of 14');
  await expect(inspector).toContainText('top 15 %');
  await expect(inspector).toContainText(words.draft);
  const made = poolSongs.find(({ file }) => file.includes(titles[1] ?? '?'));
  await expect(inspector).toContainText(made?.caption ?? '?');
  await expect(inspector).toContainText(String(made?.seed));
  await expect(inspector).toContainText(words.generatorName('ace-step-1.5'));

  // The place is one of the list that is shown, and of the library.
  await page.getByRole('textbox', { name: strings.topBar.searchLabel }).fill(titles[1] ?? '');
  await expect.poll(() => songs.titles()).toEqual([titles[1]]);
  await expect(inspector).toContainText('1st of 1');

  await inspector.getByRole('button', { name: words.help }).click();
  await expect(page.getByText(words.helpPoints[0]?.title ?? '?')).toBeVisible();
});

test('a note is kept', async ({ app, page }) => {
  const songs = new SongGrid(page);
  await app.open(page);
  await songs.waitForScores(poolSongs.length);
  await songs.row('Nebula').click();
  const inspector = page.getByRole('complementary', { name: words.region });
  await inspector.getByRole('textbox', { name: words.note }).fill('The choir comes in late.');
  await songs.row('Awakening').click();
  await expect(songs.row('Nebula').getByLabel(strings.list.hasNote)).toBeVisible();
  await page.reload();
  await songs.row('Nebula').click();
  await expect(inspector.getByRole('textbox', { name: words.note })).toHaveValue('The choir comes in late.');
});

test('two songs are compared, switched at one position, and the better one is recorded', async ({
  app,
  page,
}) => {
  const songs = new SongGrid(page);
  await app.open(page);
  await songs.waitForScores(poolSongs.length);
  const titles = await songs.titles();
  await songs.row(titles[0] ?? '').click();
  await songs.row(titles[2] ?? '').click({ modifiers: ['ControlOrMeta'] });
  await page.keyboard.press('b');

  const compare = page.getByRole('region', { name: strings.compare.title });
  const [a, b] = ['A', 'B'].map((side) =>
    compare.getByRole('article', { name: strings.compare.side(side) }),
  ) as [ReturnType<typeof compare.locator>, ReturnType<typeof compare.locator>];
  await expect(a).toContainText(titles[0] ?? '');
  await expect(b).toContainText(titles[2] ?? '');

  // One clock: whichever is heard, both stand at the same second.
  const seconds = async () => Number(await a.getByRole('slider').getAttribute('aria-valuenow'));
  // It plays by itself as soon as both songs are there.
  await expect(compare.getByRole('button', { name: strings.compare.pause })).toBeVisible();
  await expect.poll(seconds).toBeGreaterThanOrEqual(2);
  await expect
    .poll(async () => Number(await compare.locator('[data-level-dbfs]').getAttribute('data-level-dbfs')))
    .toBeGreaterThan(-60);
  await compare.getByRole('button', { name: strings.compare.listenTo('B') }).click();
  await expect(b.getByRole('button', { name: strings.compare.listenTo('B') })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  const atSwitch = await seconds();
  await expect.poll(seconds).toBeGreaterThanOrEqual(atSwitch + 1);
  await expect
    .poll(async () => Number(await compare.locator('[data-level-dbfs]').getAttribute('data-level-dbfs')))
    .toBeGreaterThan(-60);

  await page.keyboard.press('ArrowRight');
  await expect(
    compare.getByRole('heading', { name: strings.compare.recorded.better(titles[2] ?? '') }),
  ).toBeVisible();
  const [comparison, ...others] = inLibrary(app, (library) => library.comparisons.latest(10));
  expect(others).toEqual([]);
  expect(comparison).toMatchObject({ isBlind: false });

  await page.keyboard.press('Escape');
  await expect(songs.grid).toBeVisible();
});

test('a blind comparison tells neither title nor score before the answer', async ({ app, page }) => {
  const songs = new SongGrid(page);
  await app.open(page);
  await songs.waitForScores(poolSongs.length);
  const titles = await songs.titles();
  await songs.row(titles[1] ?? '').click();
  await songs.row(titles[3] ?? '').click({ modifiers: ['ControlOrMeta'] });
  await page.keyboard.press('b');
  const compare = page.getByRole('region', { name: strings.compare.title });
  await expect(compare).toContainText(titles[1] ?? '');
  await page.keyboard.press('b');
  await expect(compare.getByRole('heading', { name: strings.compare.hidden })).toHaveCount(2);
  await expect(compare).not.toContainText(titles[1] ?? '');
  await expect(compare).not.toContainText(titles[3] ?? '');
  await page.keyboard.press('ArrowDown');
  await expect(compare.getByRole('heading', { name: strings.compare.recorded.even })).toBeVisible();
  await expect(compare).toContainText(titles[1] ?? '');
  const [comparison] = inLibrary(app, (library) => library.comparisons.latest(10));
  expect(comparison).toMatchObject({ isBlind: true, outcome: 'even' });
});
