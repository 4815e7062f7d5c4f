/**
 * Measures how far another precision ranks windows of real music as fp32 does: one small checkpoint of the
 * parity cases, and one of full shape, both of random weights. Random weights answer differently from trained ones, in either direction: these
 * figures show that the arithmetic is right, not what a person's ranking will do; that the app measures on their songs.
 *
 *     node bench/agreement.ts [folder of songs] [--windows 120] [--full-windows 0] [--seconds 10] [--precision int8] [--json]
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { decodeSong } from '../src/engine/audio/decode-song.ts';
import { findFfmpeg } from '../src/engine/audio/find-ffmpeg.ts';
import { inspectAudio } from '../src/engine/audio/inspect-audio.ts';
import { embeddingCosine } from '../src/engine/inference/embedding-cosine.ts';
import { InferenceClient } from '../src/engine/inference/inference-client.ts';
import { compareScores } from '../src/engine/measure-agreement.ts';
import { prepareEncoder } from '../src/engine/models/prepared-encoder.ts';
import { prepareHead } from '../src/engine/models/prepared-head.ts';
import type { RunGraph } from '../src/shared/graphs.ts';
import type { Precision } from '../src/shared/library.ts';
import { precisionSchema } from '../src/shared/library.ts';
import { findBenchSongs } from './bench-music.ts';
import type { BenchResult, Figure } from './figures.ts';
import { printResults } from './figures.ts';
import { describeMachine } from './machine.ts';
import type { RandomCheckpoint } from './write-random-checkpoint.ts';
import { ensureRandomCheckpoint, reportWriting } from './write-random-checkpoint.ts';

export interface AgreementBenchOptions {
  folder?: string | undefined;
  /** Windows for the small checkpoint. */
  windows: number;
  /** Windows for the one of full shape, which takes seconds for each; 0 leaves it out. */
  fullWindows: number;
  windowSeconds: number;
  precision: Precision;
}

export const defaultAgreementOptions: AgreementBenchOptions = {
  windows: 120,
  fullWindows: 0,
  windowSeconds: 10,
  precision: 'int8',
};

const SAMPLE_RATE_HZ = 24_000;
/** Windows of one song: few, so that many songs are met. */
const WINDOWS_PER_SONG = 6;

const parityFolder = join(import.meta.dirname, '..', 'test', 'fixtures', 'parity', 'encoders');
const small: RandomCheckpoint = {
  folder: join(parityFolder, 'tiny-330m-like'),
  headFile: join(parityFolder, 'tiny-330m-like', 'head.pt'),
};

interface Measurement {
  checkpoint: string;
  windows: number;
  spearman: number | null;
  maximumDifference: number;
  /** Standard deviation of the fp32 scores: what a difference has to be seen against. */
  scoreDeviation: number;
  /** The least cosine between two embeddings of one window. */
  leastCosine: number;
}

export async function benchAgreement(options: AgreementBenchOptions): Promise<BenchResult> {
  const { windows, fullWindows, precision } = options;
  const clips = await cutWindows(Math.max(windows, fullWindows), options);
  const measured = [await compare('small', small, clips.slice(0, windows), precision)];
  if (fullWindows > 0) {
    const full = await ensureRandomCheckpoint({ onProgress: reportWriting() });
    measured.push(await compare('full shape, random weights', full, clips.slice(0, fullWindows), precision));
  }
  return {
    bench: `agreement (${precision} with fp32)`,
    machine: await describeMachine(),
    measured: { precision, windowSeconds: options.windowSeconds, checkpoints: measured },
    figures: measured.flatMap(figuresOf),
  };
}

/** Windows of many songs, some of each, in the middle of the music. */
async function cutWindows(
  count: number,
  { folder, windowSeconds }: AgreementBenchOptions,
): Promise<Float32Array[]> {
  const ffmpeg = await findFfmpeg();
  const length = windowSeconds * SAMPLE_RATE_HZ;
  const clips: Float32Array[] = [];
  for (const path of await findBenchSongs(Math.ceil(count / WINDOWS_PER_SONG) + 4, folder)) {
    if (clips.length >= count) break;
    const { samples } = await decodeSong(ffmpeg, path, await inspectAudio(ffmpeg, path), {
      window: { startSeconds: 0, lengthSeconds: 600 },
      measure: false,
    });
    const possible = Math.min(
      WINDOWS_PER_SONG,
      Math.floor(samples.length / length) - 1,
      count - clips.length,
    );
    for (let place = 0; place < possible; place++) {
      const start = Math.floor(((place + 0.5) * (samples.length - length)) / possible);
      clips.push(samples.slice(start, start + length));
    }
  }
  return clips;
}

async function compare(
  name: string,
  { folder, headFile }: RandomCheckpoint,
  clips: readonly Float32Array[],
  precision: Precision,
): Promise<Measurement> {
  const reference = await encodeAll({ folder, headFile }, clips, 'fp32');
  const other = await encodeAll({ folder, headFile }, clips, precision);
  const mean = reference.scores.reduce((sum, score) => sum + score, 0) / clips.length;
  const squares = reference.scores.reduce((sum, score) => sum + (score - mean) ** 2, 0);
  return {
    checkpoint: name,
    windows: clips.length,
    ...compareScores(reference.scores, other.scores),
    scoreDeviation: Math.sqrt(squares / clips.length),
    leastCosine: Math.min(
      ...reference.embeddings.map((embedding, row) =>
        embeddingCosine(embedding, other.embeddings[row] ?? embedding),
      ),
    ),
  };
}

async function encodeAll(
  { folder, headFile }: RandomCheckpoint,
  clips: readonly Float32Array[],
  precision: Precision,
) {
  const options = { cacheFolder: join(tmpdir(), 'banger-bench', 'cache') };
  const weightsFiles = [join(folder, 'model.safetensors')];
  const prepared = await prepareEncoder({ source: 'folder', id: 'bench', folder, weightsFiles }, options);
  const head = await prepareHead({ source: 'file', id: 'head', file: headFile, encoderId: null }, options);
  const encoder = {
    key: precision,
    build: (runGraph: RunGraph) => prepared.buildGraph({ form: 'chunked', precision }, runGraph),
  };
  const inference = new InferenceClient();
  try {
    const embeddings: Float32Array[] = [];
    const scores: number[] = [];
    for (const clip of clips) {
      const { embedding } = await inference.encode(encoder, clip);
      const source = { key: 'head', build: () => Promise.resolve(head.graph) };
      const [score = Number.NaN] = await inference.score(source, embedding);
      embeddings.push(embedding);
      scores.push(score);
    }
    return { embeddings, scores };
  } finally {
    await inference.close();
  }
}

function figuresOf(measured: Measurement): Figure[] {
  const { checkpoint, windows, spearman, maximumDifference, scoreDeviation, leastCosine } = measured;
  return [
    { name: checkpoint, value: `${windows} windows` },
    { name: '  Spearman', value: `${(spearman ?? Number.NaN).toFixed(4)} (target 0.99)` },
    { name: '  largest difference', value: `${maximumDifference.toFixed(3)} points` },
    { name: '  scores’ standard deviation', value: `${scoreDeviation.toFixed(3)} points` },
    { name: '  least cosine', value: leastCosine.toFixed(6) },
  ];
}

if (import.meta.main) {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      windows: { type: 'string', default: String(defaultAgreementOptions.windows) },
      'full-windows': { type: 'string', default: String(defaultAgreementOptions.fullWindows) },
      seconds: { type: 'string', default: String(defaultAgreementOptions.windowSeconds) },
      precision: { type: 'string', default: defaultAgreementOptions.precision },
      json: { type: 'boolean', default: false },
    },
  });
  const result = await benchAgreement({
    folder: positionals[0],
    windows: z.coerce.number().int().min(4).parse(values.windows),
    fullWindows: z.coerce.number().int().min(0).parse(values['full-windows']),
    windowSeconds: z.coerce.number().min(1).max(30).parse(values.seconds),
    precision: precisionSchema.parse(values.precision),
  });
  printResults([result], values.json);
}
