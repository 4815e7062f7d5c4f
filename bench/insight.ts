/**
 * Measures what scores are found to say in a library of 100,000 songs: all analyses, each alone, and how long other work
 * waits meanwhile, beside one plain scan of what lists read.
 *
 *     node bench/insight.ts [--songs 100000] [--runs 5] [--json]
 */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { analyseSongs } from '../src/engine/insight/analyse-songs.ts';
import type { Library } from '../src/engine/library/library.ts';
import { openLibrary } from '../src/engine/library/open-library.ts';
import { insightRequestSchema, type InsightRequest } from '../src/shared/insight-commands.ts';
import { ensureBenchLibrary } from './bench-library.ts';
import type { BenchResult } from './figures.ts';
import { printResults } from './figures.ts';
import { describeMachine } from './machine.ts';
import { median } from './statistics.ts';

export interface InsightBenchOptions {
  songs: number;
  /** How often each is asked for. */
  runs: number;
}

export const defaultInsightOptions: InsightBenchOptions = { songs: 100_000, runs: 5 };

const requests: readonly { name: string; request: InsightRequest }[] = [
  { name: 'all analyses', request: {} },
  { name: 'all analyses of one genre', request: { filter: { genres: ['ambient'] } } },
  { name: 'histogram and hit rates', request: { analyses: ['scores', 'hit-rates'] } },
  { name: 'genres', request: { analyses: ['genres'] } },
  { name: 'words and styles', request: { analyses: ['terms'] } },
  { name: 'tempo against score', request: { analyses: ['tempo'] } },
];

interface InsightMeasurement {
  name: string;
  milliseconds: number[];
  /** The longest that a timer waited in each run. */
  longestWaitMs: number[];
}

/** Analyses of one large library. */
export async function benchInsight({ songs, runs }: InsightBenchOptions): Promise<BenchResult> {
  const library = openLibrary(ensureBenchLibrary(songs).file);
  try {
    const scanMs = Array.from({ length: runs }, () => measureScan(library));
    const analyses: InsightMeasurement[] = [];
    for (const { name, request } of requests) {
      const measured: InsightMeasurement = { name, milliseconds: [], longestWaitMs: [] };
      for (let run = 0; run < runs; run++) await measureOnce(library, request, measured);
      analyses.push(measured);
    }
    const scan = median(scanMs);
    return {
      bench: `what ${songs} scores say`,
      machine: await describeMachine(),
      measured: { songs, scanMs, analyses },
      figures: [
        { name: 'one plain scan', value: `${scan.toFixed(1)} ms` },
        ...analyses.map(({ name, milliseconds, longestWaitMs }) => ({
          name,
          value: `${median(milliseconds).toFixed(0)} ms = ${(median(milliseconds) / scan).toFixed(1)}× the scan; others wait ${median(longestWaitMs).toFixed(0)} ms at most`,
        })),
      ],
    };
  } finally {
    library.close();
  }
}

/** One plain pass over the rows that lists read; a count is kept until something changes. */
function measureScan(library: Library): number {
  library.changes.bump('songs');
  const started = performance.now();
  library.lists.count({ missing: 'shown', durationSeconds: { min: 0 } });
  return performance.now() - started;
}

async function measureOnce(
  library: Library,
  request: InsightRequest,
  measured: InsightMeasurement,
): Promise<void> {
  // As after a change: nothing is kept in memory.
  library.changes.bump('songs');
  let last = performance.now();
  let longest = 0;
  const look = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(look, 1);
  const started = performance.now();
  try {
    await analyseSongs(library, insightRequestSchema.parse(request));
  } finally {
    clearInterval(timer);
  }
  look();
  measured.milliseconds.push(performance.now() - started);
  measured.longestWaitMs.push(longest);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      songs: { type: 'string', default: String(defaultInsightOptions.songs) },
      runs: { type: 'string', default: String(defaultInsightOptions.runs) },
      json: { type: 'boolean', default: false },
    },
  });
  const count = z.coerce.number().int().min(1);
  const result = await benchInsight({ songs: count.parse(values.songs), runs: count.parse(values.runs) });
  printResults([result], values.json);
}
