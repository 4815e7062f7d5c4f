/**
 * How long the model card's head takes to train, beside PyTorch where `BANGER_TEST_PYTHON` has it.
 *
 *     npx node bench/train.ts [--songs 8000] [--epochs 200] [--json]
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { z } from 'zod';
import { InferenceClient } from '../src/engine/inference/inference-client.ts';
import { splitSongs } from '../src/engine/learn/split-songs.ts';
import { trainHead } from '../src/engine/learn/train-head.ts';
import { encodeNpy } from '../src/shared/npy.ts';
import { seededBits } from '../src/shared/seeded-bits.ts';
import { referenceRecipe } from '../src/shared/training-recipe.ts';
import type { BenchResult, Figure } from './figures.ts';
import { printResults } from './figures.ts';
import { describeMachine } from './machine.ts';

export interface TrainBenchOptions {
  songs: number;
  embeddingSize: number;
  /** Epochs after which both stop, whether or not they would go on. */
  maximumEpochs: number;
}

export const defaultTrainOptions: TrainBenchOptions = {
  songs: 8000,
  embeddingSize: 1024,
  maximumEpochs: 200,
};

const runSchema = z.object({
  seconds: z.number(),
  epochs: z.int(),
  validationMae: z.number(),
  threads: z.int(),
});
type Run = z.infer<typeof runSchema>;

export async function benchTrain(options: TrainBenchOptions): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), 'banger-bench-train-'));
  try {
    const data = makeSongs(options);
    const ours = await trainHere(data, options);
    const pytorch = await trainInPyTorch(folder, data, options);
    const perEpoch = (run: Run) => run.seconds / run.epochs;
    const figures: Figure[] = [
      { name: 'songs × values', value: `${options.songs} × ${options.embeddingSize}` },
      { name: 'until the early stop', value: describeRun(ours) },
    ];
    if (pytorch !== null) {
      figures.push(
        { name: `PyTorch, ${pytorch.threads} threads`, value: describeRun(pytorch) },
        {
          name: 'PyTorch’s time for an epoch by ours',
          value: (perEpoch(pytorch) / perEpoch(ours)).toFixed(2),
        },
      );
    }
    return {
      bench: 'train',
      machine: await describeMachine(),
      measured: { options, ours, pytorch },
      figures,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Songs {
  embeddings: Float32Array<ArrayBuffer>;
  labels: Float64Array<ArrayBuffer>;
}

/** Embeddings without structure, and labels that a part of them decides; the rest is noise. */
function makeSongs({ songs, embeddingSize }: TrainBenchOptions): Songs {
  const bits = seededBits(1);
  const embeddings = Float32Array.from({ length: songs * embeddingSize }, () => bits() / 2 ** 31 - 1);
  const labels = Float64Array.from({ length: songs }, (_, song) => {
    const at = (place: number) => embeddings[song * embeddingSize + place] ?? 0;
    const signal = at(0) + at(1) + at(2) * at(3) + bits() / 2 ** 31 - 1;
    return Math.min(10, Math.max(0, 5 + 2 * signal));
  });
  return { embeddings, labels };
}

async function trainHere({ embeddings, labels }: Songs, options: TrainBenchOptions): Promise<Run> {
  const inference = new InferenceClient();
  try {
    await inference.status();
    const started = performance.now();
    const { epochs, bestEpoch } = await trainHead({
      inference,
      embeddings,
      labels,
      split: splitSongs(labels.length, referenceRecipe),
      recipe: referenceRecipe,
      lastEpoch: options.maximumEpochs,
    });
    return {
      seconds: (performance.now() - started) / 1000,
      epochs: epochs.length,
      validationMae: epochs[bestEpoch - 1]?.validationMae ?? Number.NaN,
      threads: 0,
    };
  } finally {
    await inference.close();
  }
}

/** Null where there is no Python with PyTorch. */
async function trainInPyTorch(folder: string, songs: Songs, options: TrainBenchOptions): Promise<Run | null> {
  const python = process.env['BANGER_TEST_PYTHON'];
  if (python === undefined) return null;
  const { labels, embeddings } = songs;
  await writeFile(
    join(folder, 'embeddings.npy'),
    encodeNpy([labels.length, options.embeddingSize], embeddings),
  );
  await writeFile(join(folder, 'labels.npy'), encodeNpy([labels.length], Float32Array.from(labels)));
  const settings = { ...referenceRecipe, maximumEpochs: options.maximumEpochs };
  await writeFile(join(folder, 'settings.json'), JSON.stringify(settings));
  const script = join(import.meta.dirname, 'compare-pytorch-training.py');
  const { stdout } = await promisify(execFile)(python, [script, folder]);
  return runSchema.parse(JSON.parse(stdout));
}

function describeRun({ seconds, epochs, validationMae }: Run): string {
  return `${seconds.toFixed(1)} s, ${epochs} epochs, ${(seconds / epochs).toFixed(2)} s each, validation MAE ${validationMae.toFixed(3)}`;
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      songs: { type: 'string', default: String(defaultTrainOptions.songs) },
      epochs: { type: 'string', default: String(defaultTrainOptions.maximumEpochs) },
      json: { type: 'boolean', default: false },
    },
  });
  const options = {
    ...defaultTrainOptions,
    songs: Number(values.songs),
    maximumEpochs: Number(values.epochs),
  };
  printResults([await benchTrain(options)], values.json);
}
