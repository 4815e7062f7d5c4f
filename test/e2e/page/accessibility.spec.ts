/** axe-core over every screen and every dialog, dark and light: it must find nothing. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { strings } from '../../../src/renderer/strings/en.ts';
import { expect, test } from '../support/fixtures.ts';
import { SongGrid } from '../support/song-grid.ts';
import { poolSongs } from '../support/song-pool.ts';
import { fillSmallRecipe, openTraining } from '../support/training-page.ts';

const themes = ['dark', 'light'] as const;

// The longest file of all: its tests are shared out among the workers.
test.describe.configure({ mode: 'parallel' });

// A dozen screens in one test, each looked through from end to end.
test.setTimeout(480_000);

/** What axe finds on the screen as it is, in words. The page has no frames, so that one pass sees all. */
async function expectNoViolation(page: Page, screen: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode()
    // Reading the style sheets would copy those of shadow roots to where the page's own policy forbids them.
    .options({ preload: false })
    .analyze();
  const found = violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}\n${target.join(' ')}\n${failureSummary ?? ''}`),
  );
  expect.soft(found, screen).toEqual([]);
}

/** Opens something, looks, and leaves it by Escape. */
async function lookAt(page: Page, screen: string, open: () => Promise<void>): Promise<void> {
  await open();
  await expectNoViolation(page, screen);
  await page.keyboard.press('Escape');
}

for (const theme of themes) {
  test.describe(`in ${theme} colours`, () => {
    test.use({ colorScheme: theme });

    test.describe('at first', () => {
      test.use({ beginning: 'fresh' });

      test('the first run', async ({ app, page }) => {
        await app.open(page);
        await expect(page.getByRole('heading', { name: strings.firstRun.title })).toBeVisible();
        await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
        await expectNoViolation(page, 'first run');
        await lookAt(page, 'folder picker', async () => {
          await page.getByRole('button', { name: strings.firstRun.chooseFolder }).click();
          const dialog = page.getByRole('dialog', { name: strings.firstRun.picker.title });
          await dialog.getByRole('button', { name: app.place.songFolder, exact: true }).click();
          await expect(dialog.getByRole('button', { name: 'night 1', exact: true })).toBeVisible();
        });
        await lookAt(page, 'models', async () => {
          await page.getByRole('button', { name: strings.topBar.getMert }).click();
          await expect(page.getByRole('dialog')).toBeVisible();
        });
        await lookAt(page, 'import', async () => {
          await page.getByRole('button', { name: strings.firstRun.offer.alreadyHave }).click();
          await expect(page.getByRole('dialog', { name: strings.firstRun.models.importTitle })).toBeVisible();
        });
      });
    });

    test('the list and what opens over it', async ({ app, page }) => {
      const songs = new SongGrid(page);
      await app.open(page);
      await songs.waitForScores(poolSongs.length);
      await expectNoViolation(page, 'list');

      // Kept, rejected, starred, playing and selected rows beside one another.
      for (const [title, key] of [
        ['Nebula', 'p'],
        ['Awakening', 'x'],
        ['Deprecation', '4'],
      ] as const) {
        await songs.row(title).click();
        await page.keyboard.press(key);
      }
      await songs.row('Coherence').dblclick();
      const player = page.getByRole('region', { name: strings.player.region });
      await expect(player.getByRole('button', { name: strings.player.pause })).toBeVisible();
      await page.keyboard.press('Space');
      await page.getByRole('button', { name: strings.list.view }).click();
      for (const column of ['stars', 'genre', 'prompt', 'seed', 'flags', 'added', 'folder'] as const) {
        await page.getByRole('menuitemcheckbox', { name: strings.list.columns[column] }).click();
      }
      await expectNoViolation(page, 'menu of columns');
      await page.keyboard.press('Escape');
      await expectNoViolation(page, 'list with every column, and the inspector');

      await songs.row('Inevitable').click({ modifiers: ['ControlOrMeta'] });
      await expectNoViolation(page, 'inspector of two songs');
      await lookAt(page, 'menu of a song', () => songs.row('Nebula').click({ button: 'right' }));
      await lookAt(page, 'menu of a column', () =>
        songs.head('title').getByRole('button').click({ button: 'right' }),
      );
      await lookAt(page, 'score range', () =>
        page.getByRole('button', { name: strings.filters.changeFilter(strings.filters.draftScore) }).click(),
      );
      await lookAt(page, 'filter of verdicts', async () => {
        await page.getByRole('button', { name: strings.list.addFilter, exact: true }).click();
        await page.getByRole('menuitem', { name: strings.filters.names.verdicts }).click();
      });
      await lookAt(page, 'options of the player', () =>
        player.getByRole('button', { name: strings.player.options }).click(),
      );
      await page.getByRole('textbox', { name: strings.topBar.searchLabel }).fill('no such words');
      await expect(page.getByText(strings.list.empty.noMatch)).toBeVisible();
      await expectNoViolation(page, 'empty list');
    });

    test('every dialog', async ({ app, page }) => {
      const songs = new SongGrid(page);
      await app.open(page);
      await songs.waitForScores(poolSongs.length);
      await songs.row('Nebula').click();
      await page.keyboard.press('x');

      const keys = [
        ['Control+e', strings.export.title],
        ['?', strings.shortcuts.title],
        ['Control+j', strings.jobs.title],
        ['h', strings.history.title],
        ['Control+Backspace', strings.export.rejects.title],
      ] as const;
      for (const [key, title] of keys) {
        await lookAt(page, title, async () => {
          await page.keyboard.press(key);
          await expect(page.getByRole('dialog', { name: title })).toBeVisible();
        });
        await expect(page.getByRole('dialog')).toBeHidden();
      }

      await page.getByRole('button', { name: strings.topBar.settings }).click();
      const settings = page.getByRole('dialog', { name: strings.settings.title });
      for (const part of Object.values(strings.settings.parts)) {
        await settings.getByRole('tab', { name: part }).click();
        await expect(settings.getByRole('group', { name: part })).toBeVisible();
        if (part === strings.settings.parts.models) {
          await settings.getByRole('button', { name: strings.providers.measure, exact: true }).click();
          await expect(settings.getByRole('row', { name: /Processor.*fastest/ })).toBeVisible({
            timeout: 60_000,
          });
        }
        await expectNoViolation(page, `settings: ${part}`);
      }
    });

    test('training and heads', async ({ app, page }) => {
      const words = strings.training;
      const songs = new SongGrid(page);
      await app.open(page);
      await songs.waitForScores(poolSongs.length);
      for (const [place, title] of (await songs.titles()).entries()) {
        await songs.row(title).click();
        await page.keyboard.press(String(1 + (place % 5)));
      }
      const training = await openTraining(page);
      await training.getByRole('radio', { name: words.labels.stars }).click();
      await fillSmallRecipe(training, { epochs: 100_000, patience: 100_000 });
      await expectNoViolation(page, 'the form of a training');
      const start = training.getByRole('button', { name: words.start, exact: true });
      await training.getByRole('radio', { name: words.kinds.csv }).click();
      await start.click();
      await expectNoViolation(page, 'the form with what is missing');
      await training.getByRole('radio', { name: words.kinds.library }).click();
      await start.click();
      await expect(training.getByRole('heading', { name: 'Learning curve' })).toBeVisible();
      await training.getByRole('button', { name: words.cancel, exact: true }).click();
      await expect(training.getByRole('button', { name: words.resume })).toBeVisible();
      await expectNoViolation(page, 'a training that was stopped');

      await training.getByRole('button', { name: words.change }).click();
      await fillSmallRecipe(training);
      await training.getByLabel(words.name).fill('looked-at');
      await start.click();
      await expect(training.getByRole('heading', { name: '“looked-at” is trained' })).toBeVisible();
      await expect(training.getByRole('heading', { name: 'Calibration' })).toBeVisible();
      await expectNoViolation(page, 'the result of a training');
      await training.getByRole('button', { name: words.heads.card.title }).click();
      await training.getByText(words.heads.judge).click();
      await training.getByRole('radio', { name: words.labels.stars }).click();
      await training.getByRole('button', { name: words.heads.judgeButton, exact: true }).click();
      await expect(training.getByText(words.heads.judgedByTest)).toBeVisible();
      await training.getByRole('button', { name: words.heads.delete }).click();
      await expectNoViolation(page, 'a head, judged, about to be deleted');
      await page.keyboard.press('Escape');
      await lookAt(page, 'export of a head', async () => {
        await training.getByRole('button', { name: words.heads.export }).click();
        await expect(page.getByRole('dialog')).toBeVisible();
      });
      await training.getByRole('tab', { name: words.tabs.compare }).click();
      await training.getByRole('button', { name: words.compare.go, exact: true }).click();
      await expect(training.getByRole('table', { name: words.compare.largest })).toBeVisible();
      await expectNoViolation(page, 'two heads compared');
    });

    test('culling and comparing', async ({ app, page }) => {
      const songs = new SongGrid(page);
      await app.open(page);
      await songs.waitForScores(poolSongs.length);
      const titles = await songs.titles();
      await songs.row(titles[0] ?? '').click();
      await songs.row(titles[1] ?? '').click({ modifiers: ['ControlOrMeta'] });
      await page.keyboard.press('b');
      const compare = page.getByRole('region', { name: strings.compare.title });
      await expect(compare).toContainText(titles[1] ?? '');
      await expectNoViolation(page, 'comparing');
      await page.keyboard.press('ArrowLeft');
      await expect(compare.getByRole('button', { name: strings.compare.again })).toBeVisible();
      await expectNoViolation(page, 'a comparison that was recorded');
      await page.keyboard.press('Escape');

      await page.keyboard.press('c');
      const cull = page.getByRole('region', { name: strings.cull.title });
      const shown = cull.getByRole('heading', { level: 2 });
      await expect(shown).toBeVisible();
      await expectNoViolation(page, 'culling');
      const first = (await shown.textContent()) ?? '';
      for (const [index, title] of titles.slice(titles.indexOf(first)).entries()) {
        await expect(shown).toHaveText(title);
        await page.keyboard.press(index % 2 === 0 ? 'p' : 'x');
      }
      await expect(cull).not.toContainText(titles.at(-1) ?? '');
      await expectNoViolation(page, 'the end of culling');
    });
  });
}
