/**
 * Measures for which share of a long run the encoder is at work: real songs through the whole product, from file to
 * stored score, with a full-shape MERT-v1-330M of random weights.
 *
 *     node bench/pipeline.ts [folder of songs] [--songs 8] [--checkpoint <folder>] [--precision fp32] [--quiet] [--json]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { Engine } from '../src/engine/engine.ts';
import type { Precision } from '../src/shared/library.ts';
import { precisionSchema } from '../src/shared/library.ts';
import { quietPace, usualPace } from '../src/shared/pace.ts';
import { findBenchSongs } from './bench-music.ts';
import type { BenchResult } from './figures.ts';
import { printResults } from './figures.ts';
import { describeMachine } from './machine.ts';
import { median } from './statistics.ts';
import { ensureRandomCheckpoint, reportWriting } from './write-random-checkpoint.ts';

export interface PipelineBenchOptions {
  /** Where the songs lie; the games' music by default. */
  folder?: string | undefined;
  songs: number;
  /** A checkpoint's folder with a head in it; the random one by default. */
  checkpoint?: { folder: string; headFile: string } | undefined;
  precision: Precision;
  /** Whether in quiet mode. */
  isQuiet: boolean;
}

export const defaultPipelineOptions: PipelineBenchOptions = { songs: 8, precision: 'fp32', isQuiet: false };

interface EncodedSong {
  encodeSeconds: number;
  /** Between the end of the song before and the beginning of this one. */
  gapSeconds: number;
}

/** Scores songs that the library does not know, as `banger score` does. */
export async function benchPipeline(options: PipelineBenchOptions): Promise<BenchResult> {
  const checkpoint = options.checkpoint ?? (await ensureRandomCheckpoint({ onProgress: reportWriting() }));
  const files = await findBenchSongs(options.songs, options.folder);
  const home = mkdtempSync(join(tmpdir(), 'banger-bench-'));
  const engine = await Engine.open({
    folders: { libraryFile: join(home, 'library.sqlite'), cacheFolder: join(checkpoint.folder, 'cache') },
    precision: options.precision,
    pace: options.isQuiet ? quietPace(availableParallelism()) : usualPace,
  });
  try {
    const encoded: EncodedSong[] = [];
    const run: { busyShare: number | null } = { busyShare: null };
    let endedAtMs = Number.NaN;
    let songSeconds = 0;
    const request = {
      files,
      usesLibrary: true,
      encoder: checkpoint.folder,
      head: checkpoint.headFile,
    };
    const hooks = {
      onProgress: (progress: { busyShare: number | null }) => {
        run.busyShare = progress.busyShare;
      },
    };
    for await (const { result, encodeSeconds } of engine.score(request, hooks)) {
      if (encodeSeconds === null)
        throw new Error(`${result.path} was not encoded: ${result.error?.message ?? ''}`);
      const nowMs = performance.now();
      encoded.push({ encodeSeconds, gapSeconds: (nowMs - endedAtMs) / 1000 - encodeSeconds });
      endedAtMs = nowMs;
      songSeconds += result.durationSeconds ?? 0;
    }
    const gaps = encoded.slice(1).map(({ gapSeconds }) => gapSeconds);
    const measured = {
      ...{ songs: files.length, precision: options.precision, isQuiet: options.isQuiet, ...run, encoded },
      ...{ loadSeconds: engine.inference.loadSeconds, songSeconds },
    };
    const encodeSeconds = median(encoded.map((song) => song.encodeSeconds));
    return {
      bench: `pipeline (${options.precision}${options.isQuiet ? ', quiet' : ''})`,
      machine: await describeMachine(),
      measured,
      figures: [
        {
          name: 'songs',
          value: `${files.length} of ${(songSeconds / files.length).toFixed(0)} s on average`,
        },
        {
          name: 'encoder busy',
          value: `${((run.busyShare ?? Number.NaN) * 100).toFixed(2)} % (target 97 %)`,
        },
        { name: '  encoding a song, median', value: `${encodeSeconds.toFixed(3)} s` },
        { name: '  between two songs, median', value: `${(median(gaps) * 1000).toFixed(1)} ms` },
        { name: '  between two songs, longest', value: `${(Math.max(...gaps) * 1000).toFixed(1)} ms` },
        { name: 'model ready after', value: `${(engine.inference.loadSeconds ?? Number.NaN).toFixed(2)} s` },
      ],
    };
  } finally {
    await engine.close();
    rmSync(home, { recursive: true });
  }
}

if (import.meta.main) {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      songs: { type: 'string', default: String(defaultPipelineOptions.songs) },
      checkpoint: { type: 'string' },
      precision: { type: 'string', default: defaultPipelineOptions.precision },
      quiet: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const { checkpoint } = values;
  const result = await benchPipeline({
    folder: positionals[0],
    songs: z.coerce.number().int().min(2).parse(values.songs),
    ...(checkpoint !== undefined && {
      checkpoint: { folder: checkpoint, headFile: join(checkpoint, 'head.pt') },
    }),
    precision: precisionSchema.parse(values.precision),
    isQuiet: values.quiet,
  });
  printResults([result], values.json);
}
