/** What lasts and what comes back: after a restart, a crash, a lost connection, and an inference process that died. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { strings } from '../../../src/renderer/strings/en.ts';
import { expect, test } from '../support/fixtures.ts';
import { SongGrid } from '../support/song-grid.ts';
import { poolSongs } from '../support/song-pool.ts';

test('after a restart, verdicts, stars, columns, theme and folders are as they were', async ({
  app,
  page,
  problems,
}) => {
  problems.expect(/WebSocket|ERR_CONNECTION|403/);
  const songs = new SongGrid(page);
  await app.open(page);
  await songs.waitForScores(poolSongs.length);
  const scores = await songs.scores();
  await songs.row('Nebula').click();
  await page.keyboard.press('p');
  await page.keyboard.press('5');
  await page.getByRole('button', { name: strings.list.view }).click();
  for (const column of ['seed', 'stars'] as const) {
    await page.getByRole('menuitemcheckbox', { name: strings.list.columns[column] }).click();
  }
  await page.keyboard.press('Escape');
  await chooseTheme(page, strings.settings.appearance.themes.light);
  const columns = await songs.columns();

  await app.restart();
  await app.open(page);
  await songs.waitForScores(poolSongs.length);
  expect(await songs.scores()).toEqual(scores);
  await expect.poll(() => songs.columns()).toEqual(columns);
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  await expect(songs.row('Nebula').getByLabel(strings.common.stars(5))).toBeVisible();
  const bar = page.getByRole('navigation', { name: strings.sideBar.label });
  await bar.getByRole('button', { name: strings.sideBar.kept }).click();
  await expect.poll(() => songs.titles()).toEqual(['Nebula']);
  await expect(bar.getByRole('button', { name: 'music' }).first()).toBeVisible();
});

test('a server that crashed and was started again lets the page in by a new address', async ({
  app,
  page,
  problems,
}) => {
  problems.expect(/WebSocket|ERR_CONNECTION|403/);
  const songs = new SongGrid(page);
  await app.open(page);
  await songs.waitForScores(poolSongs.length);
  await songs.row('Nebula').click();
  await page.keyboard.press('x');
  const bar = page.getByRole('navigation', { name: strings.sideBar.label });
  await expect(bar.getByRole('button', { name: `${strings.sideBar.rejected} 1` })).toBeVisible();

  const port = Number(new URL(app.server.origin).port);
  await app.server.stop('SIGKILL');
  await expect(page.getByRole('alert').filter({ hasText: strings.common.lost })).toBeVisible();
  await app.startAgain(port);
  // The new server knows nobody from before, and says how to come in.
  await expect(page.getByText('This page opens by the address')).toBeVisible();
  await app.open(page);
  await songs.waitForScores(poolSongs.length);
  await bar.getByRole('button', { name: strings.sideBar.rejected }).click();
  await expect.poll(() => songs.titles()).toEqual(['Nebula']);
});

test('a page that lost its connection catches up with what it missed', async ({ app, page, context }) => {
  const line = await interruptibleLine(page);
  const songs = new SongGrid(page);
  await app.open(page);
  await songs.waitForScores(poolSongs.length);
  const bar = page.getByRole('navigation', { name: strings.sideBar.label });
  await expect(bar.getByRole('button', { name: `${strings.sideBar.kept} 0` })).toBeVisible();

  line.cut();
  await expect(page.getByRole('alert').filter({ hasText: strings.common.lost })).toBeVisible();
  // Meanwhile another window decides.
  const other = await context.newPage();
  await app.open(other);
  const otherSongs = new SongGrid(other);
  await otherSongs.waitForScores(poolSongs.length);
  await otherSongs.row('Awakening').click();
  await other.keyboard.press('p');
  const otherBar = other.getByRole('navigation', { name: strings.sideBar.label });
  await expect(otherBar.getByRole('button', { name: `${strings.sideBar.kept} 1` })).toBeVisible();

  line.mend();
  await expect(page.getByRole('alert').filter({ hasText: strings.common.lost })).toBeHidden();
  await expect(bar.getByRole('button', { name: `${strings.sideBar.kept} 1` })).toBeVisible();
  await bar.getByRole('button', { name: strings.sideBar.kept }).click();
  await expect.poll(() => songs.titles()).toEqual(['Awakening']);
});

test.describe('while songs are scored', () => {
  test.use({ beginning: 'fresh' });

  test('a killed inference process is replaced, and every song gets its score', async ({ app, page }) => {
    const songs = new SongGrid(page);
    await app.open(page);
    await page.getByRole('button', { name: strings.firstRun.chooseFolder }).click();
    const dialog = page.getByRole('dialog', { name: strings.firstRun.picker.title });
    await dialog.getByRole('button', { name: app.place.songFolder, exact: true }).click();
    await dialog.getByRole('button', { name: strings.firstRun.picker.watch }).click();
    await expect.poll(() => inferenceProcesses(app.server.processId).length, { timeout: 60_000 }).toBe(1);
    const [first] = inferenceProcesses(app.server.processId);
    process.kill(first ?? 0, 'SIGKILL');
    await songs.waitForScores(poolSongs.length);
    expect(inferenceProcesses(app.server.processId)).not.toContain(first);
  });
});

async function chooseTheme(page: Page, theme: string): Promise<void> {
  await page.getByRole('button', { name: strings.topBar.settings }).click();
  const dialog = page.getByRole('dialog', { name: strings.settings.title });
  await dialog.getByRole('tab', { name: strings.settings.parts.appearance }).click();
  await dialog.getByRole('radio', { name: theme }).click();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
}

/** Leads the page's socket through the test, which can cut it and keep it cut. */
async function interruptibleLine(page: Page): Promise<{ cut: () => void; mend: () => void }> {
  let isCut = false;
  let hangUp = () => {};
  await page.routeWebSocket('**/socket', (socket) => {
    if (isCut) {
      void socket.close();
      return;
    }
    const server = socket.connectToServer();
    hangUp = () => {
      void server.close();
      void socket.close();
    };
  });
  return {
    cut: () => {
      isCut = true;
      hangUp();
    },
    mend: () => {
      isCut = false;
    },
  };
}

/** Ids of the inference processes that a server started. */
function inferenceProcesses(serverId: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const parent = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1];
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
        return Number(parent) === serverId && command.includes('inference-process');
      } catch {
        // It ended in this moment.
        return false;
      }
    })
    .map(Number);
}
