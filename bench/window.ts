/**
 * Measures the window with 100,000 songs, as the page that `banger serve` serves to a real Chromium: time until the
 * list can be used, a change of its order, frames while it scrolls, and the memory of the page's process.
 *
 *     node bench/window.ts [--songs 100000] [--runs 5] [--scroll 5] [--json]
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, type CDPSession, chromium, type Page } from '@playwright/test';
import { z } from 'zod';
import { chromiumOptions } from '../test/e2e/support/chromium.ts';
import { type RunningServe, startServe } from '../test/support/serve.ts';
import { ensureBenchLibrary } from './bench-library.ts';
import type { BenchResult, Figure } from './figures.ts';
import { printResults } from './figures.ts';
import { describeMachine, readProcessMemory } from './machine.ts';
import { median } from './statistics.ts';

export interface WindowBenchOptions {
  songs: number;
  /** How often the page is opened, and how often each order is asked for. */
  runs: number;
  /** How long the list is scrolled. */
  scrollSeconds: number;
}

export const defaultWindowOptions: WindowBenchOptions = { songs: 100_000, runs: 5, scrollSeconds: 5 };

/** What the window is meant to reach. */
const goals = { firstRowsMs: 1500, otherOrderMs: 100, lateFrames: 0.01, memoryBytes: 250e6 };

const probe = path.join(import.meta.dirname, 'window-probe.js');
const frameMs = 1000 / 60;
/** Two and a half rows in a hundredth of a second: as fast as a person reads along. */
const scrollPixelsPerSecond = 1500;
/** Columns whose headers are clicked, one after the other. */
const orders = ['Title', 'Score', 'Time', 'Score'] as const;

interface Frames {
  frames: number;
  /** Frames that should have been there and were not. */
  late: number;
  longestMs: number;
}

interface WindowMeasurement {
  /** From the start of the navigation until rows are painted; the first one right after the server was started. */
  firstRowsMs: number[];
  /** From click to painted rows. */
  otherOrderMs: number[];
  scroll: Frames;
  /** The same gesture over a plain page, which is what browser and machine manage at all. */
  plainScroll: Frames;
  /** What of the page's process is not a file's, and all of it; null where the system does not tell. */
  privateBytes: number | null;
  residentBytes: number;
  heapBytes: number;
}

/** The window over one large library. */
export async function benchWindow(options: WindowBenchOptions): Promise<BenchResult> {
  const { file, songs } = ensureBenchLibrary(options.songs);
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'banger-bench-home-'));
  // A copy, so that the next run finds the library as it was made.
  const copy = path.join(home, 'library.sqlite');
  fs.copyFileSync(file, copy);
  try {
    const server = await startServe({ home, arguments: ['--library', copy, '--allow', home] });
    const browser = await chromium.launch(chromiumOptions());
    try {
      const measured = await measure(browser, server, options);
      return {
        bench: `window over ${songs} songs`,
        machine: await describeMachine(),
        measured: { songs, ...measured },
        figures: figuresOf(measured),
      };
    } finally {
      await browser.close();
      await server.stop();
    }
  } finally {
    fs.rmSync(home, { recursive: true, force: true });
  }
}

async function measure(
  browser: Browser,
  server: RunningServe,
  { runs, scrollSeconds }: WindowBenchOptions,
): Promise<WindowMeasurement> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const plainScroll = await measurePlainScroll(page, scrollSeconds);
  await page.addInitScript({ path: probe });
  // The session, without the page.
  await page.route('**/*.js', (route) => route.abort(), { times: 1 });
  await page.goto(await server.newAddress());
  await page.waitForURL((url) => url.pathname === '/');
  const firstRowsMs: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    await page.goto(server.origin);
    firstRowsMs.push(z.number().parse(await page.evaluate('bangerProbe.firstRows')));
  }
  const otherOrderMs: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    for (const column of orders) otherOrderMs.push(await measureOrder(page, column));
  }
  const scroll = await measureScroll(page, scrollSeconds);
  return { firstRowsMs, otherOrderMs, scroll, plainScroll, ...(await measureMemory(browser, page)) };
}

async function measureOrder(page: Page, column: string): Promise<number> {
  await page.evaluate('bangerProbe.expectOtherRows()');
  await page.getByRole('columnheader', { name: column, exact: true }).getByRole('button').click();
  return z.number().parse(await page.evaluate('bangerProbe.otherRows'));
}

async function measureScroll(page: Page, seconds: number): Promise<Frames> {
  return scrolled(page, await page.context().newCDPSession(page), seconds);
}

/** As many rows in a plain page, laid out beforehand. */
async function measurePlainScroll(page: Page, seconds: number): Promise<Frames> {
  const rows = Math.ceil((seconds * scrollPixelsPerSecond) / 46) + 100;
  await page.setContent('<p style="height: 46px; margin: 0">A song</p>'.repeat(rows));
  await page.evaluate(fs.readFileSync(probe, 'utf8'));
  return scrolled(page, await page.context().newCDPSession(page), seconds);
}

/** Scrolls as a wheel does, steadily, and counts frames meanwhile. */
async function scrolled(page: Page, devtools: CDPSession, seconds: number): Promise<Frames> {
  await page.evaluate('bangerProbe.startFrames()');
  await devtools.send('Input.synthesizeScrollGesture', {
    x: 700,
    y: 500,
    yDistance: -seconds * scrollPixelsPerSecond,
    speed: scrollPixelsPerSecond,
    gestureSourceType: 'mouse',
    preventFling: true,
  });
  const times = z.array(z.number()).parse(await page.evaluate('bangerProbe.stopFrames()'));
  const gapsMs = times.slice(1).map((time, index) => time - (times[index] ?? time));
  return {
    frames: gapsMs.length,
    late: gapsMs.reduce((late, gapMs) => late + Math.max(0, Math.round(gapMs / frameMs) - 1), 0),
    longestMs: Math.max(...gapsMs),
  };
}

const processesSchema = z.object({
  processInfo: z.array(z.object({ type: z.string(), id: z.number() })),
});

/** Memory after garbage was collected. */
async function measureMemory(
  browser: Browser,
  page: Page,
): Promise<Pick<WindowMeasurement, 'privateBytes' | 'residentBytes' | 'heapBytes'>> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  const system = await browser.newBrowserCDPSession();
  const { processInfo } = processesSchema.parse(await system.send('SystemInfo.getProcessInfo'));
  const renderers = processInfo.filter(({ type }) => type === 'renderer');
  const memories = await Promise.all(renderers.map(({ id }) => readProcessMemory(id, 0)));
  // The other one is kept ready by the browser for the next page.
  const [largest] = memories.toSorted((one, other) => other.peakResidentBytes - one.peakResidentBytes);
  return {
    privateBytes: largest?.anonymousBytes ?? null,
    residentBytes: largest?.peakResidentBytes ?? 0,
    heapBytes: usedSize,
  };
}

function figuresOf(measured: WindowMeasurement): Figure[] {
  const { firstRowsMs, otherOrderMs, scroll, plainScroll, privateBytes, residentBytes, heapBytes } = measured;
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
  const share = ({ frames, late }: Frames) => late / (frames + late);
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  const against = (isMet: boolean, goal: string) => `goal ${goal}: ${isMet ? 'met' : 'missed'}`;
  const first = median(firstRowsMs);
  const order = median(otherOrderMs);
  return [
    {
      name: 'navigation to painted rows',
      value: `${ms(first)}, right after the start ${ms(firstRowsMs[0] ?? 0)}; ${against(first <= goals.firstRowsMs, '1.5 s')}`,
    },
    {
      name: 'click on a column to painted rows',
      value: `${ms(order)}, at most ${ms(Math.max(...otherOrderMs))}; ${against(order <= goals.otherOrderMs, '100 ms')}`,
    },
    {
      name: 'frames late while scrolling',
      value: `${percent(share(scroll))} of ${scroll.frames}, longest ${ms(scroll.longestMs)}; ${against(share(scroll) < goals.lateFrames, 'under 1 %')}; a plain page ${percent(share(plainScroll))}`,
    },
    {
      name: 'memory of the page’s process',
      value: `${privateBytes === null ? 'unknown' : megabytes(privateBytes)} of its own, at most ${megabytes(residentBytes)} with shared files, ${megabytes(heapBytes)} in objects; ${against((privateBytes ?? residentBytes) <= goals.memoryBytes, '250 MB')}`,
    },
  ];
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      songs: { type: 'string', default: String(defaultWindowOptions.songs) },
      runs: { type: 'string', default: String(defaultWindowOptions.runs) },
      scroll: { type: 'string', default: String(defaultWindowOptions.scrollSeconds) },
      json: { type: 'boolean', default: false },
    },
  });
  const count = z.coerce.number().int().min(1);
  const result = await benchWindow({
    songs: count.parse(values.songs),
    runs: count.parse(values.runs),
    scrollSeconds: count.parse(values.scroll),
  });
  printResults([result], values.json);
}
