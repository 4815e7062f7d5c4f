/** The list: its orders, what it lets through, its groups and columns, and titles of any length and script. */
import { strings } from '../../../src/renderer/strings/en.ts';
import { expect, test } from '../support/fixtures.ts';
import { SongGrid } from '../support/song-grid.ts';
import { poolSongs, writeSong } from '../support/song-pool.ts';

const words = strings.list;
const order = new Intl.Collator('en', { numeric: true });

test.beforeEach(async ({ app, page }) => {
  await app.open(page);
  await new SongGrid(page).waitForScores(poolSongs.length);
});

test('a column sorts both ways', async ({ page }) => {
  const songs = new SongGrid(page);
  await expect(songs.head('score')).toHaveAttribute('aria-sort', 'descending');
  await songs.expectBestFirst();

  await songs.head('title').getByRole('button').click();
  await expect(songs.head('title')).toHaveAttribute('aria-sort', 'ascending');
  const titles = poolSongs.map(({ file }) => /([^/]+)\.\w+$/.exec(file)?.[1] ?? '').sort(order.compare);
  await expect.poll(() => songs.titles()).toEqual(titles);

  await songs.head('title').getByRole('button').click();
  await expect(songs.head('title')).toHaveAttribute('aria-sort', 'descending');
  await expect.poll(() => songs.titles()).toEqual(titles.toReversed());

  await songs.head('tempo').getByRole('button').press('Enter');
  const tempos = poolSongs.map(({ bpm }) => String(bpm)).sort(order.compare);
  await expect.poll(async () => (await songs.texts('tempo')).toSorted(order.compare)).toEqual(tempos);
  await expect.poll(async () => isSorted((await songs.texts('tempo')).map(Number))).toBe(true);
});

test('the search finds words of title and prompt as they are typed', async ({ page }) => {
  const songs = new SongGrid(page);
  await page.keyboard.press('/');
  const field = page.getByRole('textbox', { name: strings.topBar.searchLabel });
  await expect(field).toBeFocused();
  await page.keyboard.type('lo-fi');
  await expect.poll(async () => (await songs.titles()).toSorted()).toEqual(['By-Product', 'Deprecation']);
  await expect(
    page.getByRole('status').filter({ hasText: words.counted(2, poolSongs.length) }),
  ).toBeVisible();

  await field.fill('no such words');
  await expect(page.getByText(words.empty.noMatch)).toBeVisible();
  await page.getByRole('button', { name: strings.topBar.clearSearch }).click();
  await expect.poll(async () => (await songs.titles()).length).toBe(poolSongs.length);
});

test('the range of scores is set by keys, and songs outside it leave', async ({ page }) => {
  const songs = new SongGrid(page);
  const chips = page.getByRole('group', { name: words.filters });
  await chips
    .getByRole('button', { name: strings.filters.changeFilter(strings.filters.draftScore) })
    .press('Enter');
  const lowest = page.getByRole('slider', { name: strings.filters.lowestScore });
  await lowest.focus();
  for (let press = 0; press < 60; press += 1) await page.keyboard.press('ArrowRight');
  await expect.poll(async () => Number(await lowest.getAttribute('aria-valuenow'))).toBeGreaterThan(2);
  const limit = Number(await lowest.getAttribute('aria-valuenow'));
  await page.keyboard.press('Escape');
  await expect.poll(async () => Math.min(...(await songs.scores()))).toBeGreaterThanOrEqual(limit - 0.005);

  await chips.getByRole('button', { name: words.clearFilters }).click();
  await expect.poll(async () => (await songs.titles()).length).toBe(poolSongs.length);
});

test('verdicts are filtered by a chip and by the side bar', async ({ page }) => {
  const songs = new SongGrid(page);
  const chips = page.getByRole('group', { name: words.filters });
  await songs.row('Nebula').click();
  await page.keyboard.press('p');
  await songs.row('Awakening').click();
  await page.keyboard.press('x');

  await chips.getByRole('button', { name: words.addFilter, exact: true }).click();
  await page.getByRole('menuitem', { name: strings.filters.names.verdicts }).click();
  await page.getByRole('checkbox', { name: strings.common.verdicts.keep }).check();
  await expect.poll(() => songs.titles()).toEqual(['Nebula']);
  await page.keyboard.press('Escape');
  await chips
    .getByRole('button', { name: strings.filters.removeFilter(strings.filters.names.verdicts) })
    .click();
  await expect.poll(async () => (await songs.titles()).length).toBe(poolSongs.length);

  const bar = page.getByRole('navigation', { name: strings.sideBar.label });
  await bar.getByRole('button', { name: strings.sideBar.rejected }).click();
  await expect.poll(() => songs.titles()).toEqual(['Awakening']);
  await bar.getByRole('button', { name: `${strings.sideBar.allSongs} ${poolSongs.length}` }).click();
  await expect.poll(async () => (await songs.titles()).length).toBe(poolSongs.length);
});

test('a filter is saved under a name, and shows what it lets through after a reload', async ({ page }) => {
  const songs = new SongGrid(page);
  await page.getByRole('textbox', { name: strings.topBar.searchLabel }).fill('uplifting');
  await expect.poll(async () => (await songs.titles()).length).toBe(2);
  await page.getByRole('button', { name: words.saveFilter }).click();
  await page.getByRole('textbox', { name: strings.filters.saveName }).fill('Uplifting ones');
  await page.keyboard.press('Enter');
  const bar = page.getByRole('navigation', { name: strings.sideBar.label });
  const entry = bar.getByRole('button', { name: 'Uplifting ones' }).first();
  await expect(entry).toContainText('2');

  await page.reload();
  await expect.poll(async () => (await songs.titles()).length).toBe(poolSongs.length);
  await entry.click();
  await expect
    .poll(async () => (await songs.titles()).toSorted())
    .toEqual(['A New Journey', 'Through Space']);
});

test('songs are grouped by folder and by prompt', async ({ page }) => {
  const songs = new SongGrid(page);
  const groups = songs.grid
    .getByRole('row')
    .filter({ hasNot: page.getByRole('columnheader') })
    .and(songs.grid.locator('[role="row"]:not([aria-selected])'));
  await page.getByRole('button', { name: words.view }).click();
  await page.getByRole('menuitemradio', { name: words.groups.folder }).click();
  await expect(groups).toHaveCount(2);
  await expect(groups.nth(0)).toContainText('night');
  await expect(groups.nth(0)).toContainText('7');

  await page.getByRole('button', { name: words.view }).click();
  await page.getByRole('menuitemradio', { name: words.groups.prompt }).click();
  await expect(groups.filter({ hasText: 'lo-fi beats, tape hiss' })).toContainText('2');
  await expect.poll(async () => (await songs.titles()).length).toBeGreaterThan(5);
});

test('columns are shown, hidden and moved, and stay so', async ({ page }) => {
  const songs = new SongGrid(page);
  await page.getByRole('button', { name: words.view }).click();
  await page.getByRole('menuitemcheckbox', { name: words.columns.seed }).click();
  await page.getByRole('menuitemcheckbox', { name: words.columns.key }).click();
  await page.keyboard.press('Escape');
  await expect(songs.head('seed')).toBeVisible();
  await expect(songs.head('key')).toBeHidden();
  await expect(songs.row('Nebula')).toContainText('4106');

  const before = await songs.columns();
  const seed = songs.head('seed').getByRole('button');
  await seed.focus();
  await page.keyboard.press('Alt+ArrowLeft');
  await expect.poll(() => songs.columns()).not.toEqual(before);
  const moved = await songs.columns();
  expect(moved.indexOf(words.columns.seed)).toBe(before.indexOf(words.columns.seed) - 1);

  await page.reload();
  await songs.waitForScores(poolSongs.length);
  await expect.poll(() => songs.columns()).toEqual(moved);
});

test('titles of any length and script keep their rows in order', async ({ app, page }) => {
  const songs = new SongGrid(page);
  const source = poolSongs[2];
  if (source === undefined) throw new Error('The pool is empty.');
  const titles = [
    'A title that goes on and on '.repeat(12).trim(),
    'أغنية عن الليل والمطر',
    '夜明け前の静かな街を歩く歌',
  ];
  for (const [index, title] of titles.entries()) {
    await writeSong(app.place.song('night 3', `song ${index}.ogg`), source, { title }, 80 + 20 * index);
  }
  await songs.waitForScores(poolSongs.length + titles.length);
  for (const title of titles) {
    const row = songs.row(title);
    await expect(row).toBeVisible();
    // No title makes its row taller or the list wider than the window.
    expect((await row.boundingBox())?.height).toBe((await songs.row('Nebula').boundingBox())?.height);
    await row.click();
    await expect(page.getByRole('complementary', { name: strings.inspector.region })).toContainText(title);
  }
  await expect(songs.row(titles[1] ?? '').getByText(titles[1] ?? '')).toHaveCSS('direction', 'rtl');
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
});

test('in a narrow window everything of the bars is there, and nothing lies over anything else', async ({
  page,
}) => {
  const parts = page
    .getByRole('banner')
    .or(page.getByRole('main').getByRole('group', { name: strings.list.filters }).locator('..'))
    .or(page.getByRole('region', { name: strings.player.region }))
    .locator('button, input, [role="status"]');
  for (const width of [480, 640, 900]) {
    await page.setViewportSize({ width, height: 760 });
    const boxes = await parts.evaluateAll((found) =>
      found.map((part) => {
        const { left, right, top, bottom } = part.getBoundingClientRect();
        const name = part.getAttribute('aria-label') ?? part.textContent.trim();
        return { name, left, right, top, bottom };
      }),
    );
    expect(boxes.map(({ name }) => name)).toContain(strings.topBar.export);
    expect(boxes.filter(({ left, right }) => left < 0 || right > width)).toEqual([]);
    const overlaps = boxes.flatMap((one, place) =>
      boxes
        .slice(place + 1)
        .filter(
          (other) =>
            Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1 &&
            Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 1,
        )
        .map((other) => `${one.name} over ${other.name}, ${width} px wide`),
    );
    expect(overlaps).toEqual([]);
  }
});

function isSorted(values: readonly number[]): boolean {
  return values.every((value, index) => index === 0 || (values[index - 1] ?? 0) <= value);
}
