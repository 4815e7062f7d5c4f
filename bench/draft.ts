/**
 * Measures the draft encoder on one core: how many times faster than real time it is, and how much of its time is
 * ffmpeg's.
 *
 *     node bench/draft.ts [folder of songs] [--songs 6] [--json]
 */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { decodeSong } from '../src/engine/audio/decode-song.ts';
import { findFfmpeg } from '../src/engine/audio/find-ffmpeg.ts';
import { inspectAudio } from '../src/engine/audio/inspect-audio.ts';
import { InferenceClient } from '../src/engine/inference/inference-client.ts';
import { buildDraftEncoderGraph } from '../src/engine/models/draft-graph.ts';
import { referenceWindow } from '../src/shared/audio.ts';
import { findBenchSongs } from './bench-music.ts';
import type { BenchResult } from './figures.ts';
import { printResults } from './figures.ts';
import { describeMachine } from './machine.ts';
import { median } from './statistics.ts';

export interface DraftBenchOptions {
  /** Where the songs lie; the games' music by default. */
  folder?: string | undefined;
  songs: number;
}

export const defaultDraftOptions: DraftBenchOptions = { songs: 6 };

/** Decodes each song's window and encodes it, one after the other. */
export async function benchDraft({ folder, songs }: DraftBenchOptions): Promise<BenchResult> {
  const ffmpeg = await findFfmpeg();
  const inference = new InferenceClient({ threads: 1 });
  const graph = buildDraftEncoderGraph();
  const encoder = { key: 'draft', build: () => Promise.resolve(graph) };
  try {
    await inference.load(encoder);
    const decodeSeconds: number[] = [];
    const encodeSeconds: number[] = [];
    const clipSeconds: number[] = [];
    for (const file of await findBenchSongs(songs, folder)) {
      const inspection = await inspectAudio(ffmpeg, file, {});
      const started = performance.now();
      const { samples } = await decodeSong(ffmpeg, file, inspection, {
        window: referenceWindow,
        sampleRateHz: graph.sampleRateHz,
        minimumSamples: graph.minimumSamples,
        measure: false,
      });
      decodeSeconds.push((performance.now() - started) / 1000);
      encodeSeconds.push((await inference.encode(encoder, samples)).seconds);
      clipSeconds.push(samples.length / graph.sampleRateHz);
    }
    const timesRealTime = (seconds: number[]) =>
      median(seconds.map((value, song) => (clipSeconds[song] ?? Number.NaN) / value));
    const encoding = timesRealTime(encodeSeconds);
    const both = timesRealTime(encodeSeconds.map((value, song) => value + (decodeSeconds[song] ?? 0)));
    return {
      bench: `draft encoder, one thread, ${clipSeconds.length} songs`,
      machine: await describeMachine(),
      measured: { decodeSeconds, encodeSeconds, clipSeconds, encoding, both },
      figures: [
        { name: 'encoding alone', value: `${encoding.toFixed(0)} x real time` },
        { name: 'with ffmpeg decoding before it', value: `${both.toFixed(0)} x real time` },
      ],
    };
  } finally {
    await inference.close();
  }
}

if (import.meta.main) {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      songs: { type: 'string', default: String(defaultDraftOptions.songs) },
      json: { type: 'boolean', default: false },
    },
  });
  const result = await benchDraft({
    folder: positionals[0],
    songs: z.coerce.number().int().min(1).parse(values.songs),
  });
  printResults([result], values.json);
}
