/**
 * Measures what memory the encoder takes over many clips of mixed lengths: a full-shape MERT-v1-330M with random
 * weights in the real inference process.
 *
 *     node bench/memory.ts [folder] [--precision fp32] [--clips 200] [--json]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { InferenceClient } from '../src/engine/inference/inference-client.ts';
import { prepareEncoder } from '../src/engine/models/prepared-encoder.ts';
import type { RunGraph } from '../src/shared/graphs.ts';
import type { Precision } from '../src/shared/library.ts';
import { precisionSchema } from '../src/shared/library.ts';
import type { BenchResult } from './figures.ts';
import { printResults } from './figures.ts';
import { findInferenceLauncher, isBuilt } from './inference-process.ts';
import { describeMachine, readProcessMemory } from './machine.ts';
import { randomValues } from './random-weights.ts';
import { ensureRandomCheckpoint, reportWriting } from './write-random-checkpoint.ts';

export interface MemoryBenchOptions {
  /** Where the random checkpoint lies, or is to lie. */
  folder?: string | undefined;
  precision: Precision;
  clips: number;
}

export const defaultMemoryOptions: Omit<MemoryBenchOptions, 'precision'> = { clips: 200 };

const SAMPLE_RATE_HZ = 24_000;

/** Lengths of all kinds, short ones more often so that 200 do not take hours, full windows among them. */
function clipSeconds(index: number): number {
  return index % 10 === 1 ? 30 : 1 + 29 * (((index * 7.3) % 29) / 29) ** 3;
}

/** Encodes the clips one after another; memory is read after each. */
export async function benchMemory({ folder, precision, clips }: MemoryBenchOptions): Promise<BenchResult> {
  const checkpoint = await ensureRandomCheckpoint({ folder, onProgress: reportWriting() });
  const prepared = await prepareEncoder(
    {
      source: 'folder',
      id: 'random-330m',
      folder: checkpoint.folder,
      weightsFiles: [join(checkpoint.folder, 'model.safetensors')],
    },
    { cacheFolder: join(checkpoint.folder, 'cache') },
  );
  const inference = new InferenceClient({ launch: await findInferenceLauncher() });
  try {
    const encoder = {
      key: 'random-330m',
      build: (runGraph: RunGraph) => prepared.buildGraph({ form: 'chunked', precision }, runGraph),
    };
    await inference.load(encoder);
    const peaks = [await readPeak(inference)];
    for (let clip = 0; clip < clips; clip++) {
      const seconds = clipSeconds(clip);
      await inference.encode(encoder, randomValues(`clip ${clip}`, Math.round(seconds * SAMPLE_RATE_HZ)));
      peaks.push(await readPeak(inference));
    }
    const [loaded = Number.NaN] = peaks;
    const early = peaks[Math.min(10, clips)] ?? Number.NaN;
    const last = peaks.at(-1) ?? Number.NaN;
    const inMegabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
    return {
      bench: `memory (330M, ${precision}, ${clips} clips of 1 to 30 s)`,
      machine: await describeMachine(),
      measured: { precision, clips, isBuilt, peakBytes: peaks },
      figures: [
        { name: 'peak after loading', value: inMegabytes(loaded) },
        { name: `peak after ${Math.min(10, clips)} clips`, value: inMegabytes(early) },
        { name: `peak after ${clips} clips`, value: inMegabytes(last) },
        { name: 'growth between these two', value: `${((last / early - 1) * 100).toFixed(1)} %` },
      ],
    };
  } finally {
    await inference.close();
  }
}

async function readPeak(inference: InferenceClient): Promise<number> {
  const { processId, peakResidentBytes } = await inference.status();
  return (await readProcessMemory(processId, peakResidentBytes)).peakResidentBytes;
}

if (import.meta.main) {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      precision: { type: 'string', default: 'fp32' },
      clips: { type: 'string', default: String(defaultMemoryOptions.clips) },
      json: { type: 'boolean', default: false },
    },
  });
  const result = await benchMemory({
    folder: positionals[0],
    precision: precisionSchema.parse(values.precision),
    clips: z.coerce.number().int().min(1).parse(values.clips),
  });
  printResults([result], values.json);
}
