/**
 * Takes the pictures of the README: the real app over real songs, served to a real Chromium. The songs are music that
 * Debian packages (singularity-music, wesnoth-1.16-music, warzone2100-music; those that are installed are used); what
 * a generator would have written beside them is made up.
 *
 *     npm run build && npm run screenshots
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { chromium, type Page } from '@playwright/test';
import { strings } from '../src/renderer/strings/en.ts';
import { insightTitles } from '../src/shared/insight-titles.ts';
import { chromiumOptions } from '../test/e2e/support/chromium.ts';
import { SongGrid } from '../test/e2e/support/song-grid.ts';
import { fillSmallRecipe, openTraining } from '../test/e2e/support/training-page.ts';
import { aceStep15Record } from '../test/support/generator-records.ts';
import { realSongFolder } from '../test/support/real-songs.ts';
import { type RunningServe, startServe } from '../test/support/serve.ts';

const repository = path.join(import.meta.dirname, '..');
const pictures = path.join(repository, 'docs', 'images');
const size = { width: 1440, height: 900 };
/** A report is a column of text. */
const reportSize = { width: 960, height: 1180 };

/** Folders of real songs, the first one always there. */
const sources = [
  { folder: realSongFolder, name: 'Tuesday night' },
  { folder: '/usr/share/games/wesnoth/1.16/data/core/music', name: 'Wednesday night' },
  { folder: '/usr/share/games/warzone2100/music/albums/original_soundtrack', name: 'Thursday night' },
];

const prompts = [
  'cinematic strings, rising tension, wide brass',
  'lo-fi piano, rain on a window, tape hiss',
  'dark synthwave, driving bass, neon',
  'celtic harp and flute, misty morning',
  'minimal techno, warehouse, dry kick',
  'warm pads, slow dawn, choir',
  'battle drums, low brass, 6/8',
  'glitch hop, broken drums, tense strings',
  'ambient drone, deep space',
  'acoustic guitar, campfire, gentle swing',
];
const keys = ['A minor', 'C major', 'F# minor', 'D minor', 'G major', 'E minor', 'Bb major', 'C# minor'];

/** A number from a name, the same each time. */
function drawn(name: string, below: number): number {
  return createHash('sha256').update(name).digest().readUInt32BE(0) % below;
}

/** Copies songs, their first minute and a half, and writes a record beside each. */
async function writeSongs(folder: string): Promise<number> {
  let count = 0;
  for (const [night, source] of sources.entries()) {
    if (!existsSync(source.folder)) continue;
    const target = path.join(folder, source.name);
    await mkdir(target, { recursive: true });
    const names = (await readdir(source.folder)).filter((name) => /\.(?:ogg|opus|mp3)$/.test(name));
    for (const name of names) {
      const file = path.join(target, name);
      await promisify(execFile)('ffmpeg', [
        ...[
          '-v',
          'error',
          '-i',
          path.join(source.folder, name),
          '-t',
          '90',
          '-map',
          '0:a',
          '-c',
          'copy',
          file,
        ],
      ]);
      const bpm = 60 + drawn(`${name} tempo`, 84);
      const keyscale = keys[drawn(`${name} key`, keys.length)] ?? '';
      const record = {
        ...aceStep15Record,
        caption: prompts[drawn(`${name} prompt`, prompts.length)],
        seed: 1_000_000 + drawn(`${name} seed`, 8_999_999),
        bpm,
        keyscale,
        cot_bpm: bpm,
        cot_keyscale: keyscale,
      };
      await writeFile(file.replace(/\.\w+$/, '.json'), JSON.stringify(record));
      const changedAt = new Date(Date.UTC(2026, 10, 24 + night, 2, count % 60));
      await utimes(file, changedAt, changedAt);
      count += 1;
    }
  }
  return count;
}

/** Saves what is on the screen once nothing moves any more. */
async function take(page: Page, name: string): Promise<void> {
  await page.mouse.move(size.width - 1, size.height - 1);
  await page.waitForLoadState('networkidle').catch(() => undefined);
  await page.evaluate('document.fonts.ready');
  await page.screenshot({ path: path.join(pictures, `${name}.png`), animations: 'disabled' });
  process.stdout.write(`${name}.png\n`);
}

async function takeFirstRun(page: Page): Promise<void> {
  await page.getByRole('heading', { name: strings.firstRun.title }).waitFor();
  await take(page, 'first-run-dark');
}

/** Judges some songs, so that the list looks as after an hour with it. */
async function judge(page: Page, titles: readonly string[]): Promise<void> {
  const songs = new SongGrid(page);
  for (const [place, key] of [
    [0, 'p'],
    [3, 'x'],
    [4, 'p'],
    [6, '4'],
    [9, 'x'],
  ] as const) {
    await songs.row(titles[place] ?? '').click();
    await page.keyboard.press(key);
  }
}

async function takeList(page: Page, theme: string): Promise<void> {
  const songs = new SongGrid(page);
  const titles = await songs.titles();
  await songs.row(titles[1] ?? '').dblclick();
  const player = page.getByRole('region', { name: strings.player.region });
  await player.getByRole('button', { name: strings.player.pause }).waitFor();
  const position = player.getByRole('slider', { name: strings.player.position });
  const { x, y, width, height } = (await position.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  await page.mouse.click(x + width * 0.38, y + height / 2);
  await player.getByRole('button', { name: strings.player.pause }).click();
  const inspector = page.getByRole('complementary', { name: strings.inspector.region });
  await inspector.getByText(/^2nd of/).waitFor();
  await inspector.getByRole('heading', { name: strings.inspector.soundsLike }).waitFor();
  await take(page, `list-${theme}`);
}

async function takeCull(page: Page, theme: string): Promise<void> {
  await page.keyboard.press('c');
  const cull = page.getByRole('region', { name: strings.cull.title });
  await cull.getByRole('heading', { level: 2 }).waitFor();
  const { x, y, width, height } = (await cull.getByRole('slider').first().boundingBox()) ?? {
    x: 0,
    y: 0,
    width: 0,
    height: 0,
  };
  await page.mouse.click(x + width * 0.45, y + height / 2);
  await take(page, `cull-${theme}`);
  await page.keyboard.press('Escape');
}

async function takeComparison(page: Page, theme: string): Promise<void> {
  const songs = new SongGrid(page);
  const titles = await songs.titles();
  await songs.row(titles[1] ?? '').click();
  await songs.row(titles[2] ?? '').click({ modifiers: ['ControlOrMeta'] });
  await page.keyboard.press('b');
  const compare = page.getByRole('region', { name: strings.compare.title });
  await compare.getByRole('slider').first().waitFor();
  const { x, y, width, height } = (await compare.getByRole('slider').first().boundingBox()) ?? {
    x: 0,
    y: 0,
    width: 0,
    height: 0,
  };
  await page.mouse.click(x + width * 0.55, y + height / 2);
  await take(page, `compare-${theme}`);
  await page.keyboard.press('Escape');
}

async function takeExport(page: Page, theme: string): Promise<void> {
  // Nothing is selected: the best of all are offered.
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+e');
  const dialog = page.getByRole('dialog', { name: strings.export.title });
  await dialog.getByRole('listitem').nth(9).waitFor();
  await take(page, `export-${theme}`);
  await page.keyboard.press('Escape');
}

/** Trains a small head on stars that were given from top to bottom, and shows what came of it. */
async function takeTraining(page: Page, theme: string): Promise<void> {
  const words = strings.training;
  const songs = new SongGrid(page);
  // Two songs may share a title; then the first of them is rated twice.
  for (const [place, title] of (await songs.titles()).slice(0, 20).entries()) {
    await songs.row(title).first().click();
    await page.keyboard.press(String(5 - Math.floor(place / 4)));
  }
  const training = await openTraining(page);
  if (await training.getByRole('button', { name: words.again }).isVisible()) {
    await training.getByRole('button', { name: words.again }).click();
  }
  await training.getByRole('radio', { name: words.labels.stars }).click();
  await fillSmallRecipe(training, { epochs: 60, patience: 60 });
  await training.getByRole('button', { name: words.start, exact: true }).click();
  await training.getByRole('heading', { name: 'Calibration' }).waitFor();
  await take(page, `training-${theme}`);
  await page.keyboard.press('Escape');
}

async function takeInsight(page: Page, theme: string): Promise<void> {
  await page.keyboard.press('g');
  const insight = page.getByRole('region', { name: strings.insight.title, exact: true });
  const contents = insight.getByRole('navigation', { name: strings.insight.contents });
  await contents.getByRole('button', { name: insightTitles.prompts, exact: true }).click();
  await insight
    .getByRole('region', { name: insightTitles.prompts, exact: true })
    .locator('svg[role="img"]')
    .waitFor();
  await take(page, `insight-${theme}`);
  await page.keyboard.press('Escape');
}

async function takeAll(server: RunningServe, folder: string): Promise<void> {
  const browser = await chromium.launch(chromiumOptions());
  try {
    const context = await browser.newContext({
      viewport: size,
      colorScheme: 'dark',
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    await page.goto(server.address);
    await takeFirstRun(page);
    await page.getByRole('button', { name: strings.firstRun.chooseFolder }).click();
    const picker = page.getByRole('dialog', { name: strings.firstRun.picker.title });
    await picker
      .getByRole('button', { name: path.basename(folder) })
      .first()
      .waitFor();
    const count = await writeSongs(folder);
    await picker.getByRole('button', { name: strings.firstRun.picker.watch }).click();
    const songs = new SongGrid(page);
    await songs.grid.waitFor();
    await page
      .getByRole('button', { name: new RegExp(`^${strings.jobs.idle}`) })
      .waitFor({ timeout: 600_000 });
    process.stdout.write(`${count} songs\n`);
    await page.reload();
    await songs.rows.first().waitFor();
    await judge(page, await songs.titles());
    for (const theme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await takeList(page, theme);
      await takeCull(page, theme);
      await takeComparison(page, theme);
      await takeExport(page, theme);
      await takeInsight(page, theme);
    }
    // Last, as it gives stars to songs that the other pictures show.
    for (const theme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await takeTraining(page, theme);
    }
  } finally {
    await browser.close();
  }
}

/** Writes the report of the library by the real command, and takes its beginning. */
async function takeReport(home: string): Promise<void> {
  const file = path.join(home, 'report.html');
  const node = path.join(repository, 'node_modules', '.bin', 'node');
  await promisify(execFile)(
    node,
    [path.join(repository, 'src', 'cli', 'banger.ts'), 'report', '--out', file],
    {
      env: { ...process.env, HOME: home, XDG_DATA_HOME: path.join(home, 'data') },
    },
  );
  const browser = await chromium.launch(chromiumOptions());
  try {
    const page = await browser.newPage({ viewport: reportSize });
    await page.goto(pathToFileURL(file).href);
    for (const theme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme: theme });
      await take(page, `report-${theme}`);
    }
  } finally {
    await browser.close();
  }
}

const root = await mkdtemp(path.join(tmpdir(), 'banger-pictures-'));
try {
  const folder = path.join(root, 'Generated');
  const home = path.join(root, 'home');
  await Promise.all([folder, home, pictures].map((place) => mkdir(place, { recursive: true })));
  const server = await startServe({ home, arguments: ['--allow', folder] });
  try {
    await takeAll(server, folder);
  } finally {
    await server.stop();
  }
  await takeReport(home);
} finally {
  await rm(root, { recursive: true, force: true, maxRetries: 3 });
}
