/** Training gives PyTorch's numbers: without dropout and with a given order, there is nothing left to chance. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { InferenceClient } from '../../../src/engine/inference/inference-client.ts';
import type { TrainingTensors } from '../../../src/engine/inference/training-protocol.ts';
import { splitSongs } from '../../../src/engine/learn/split-songs.ts';
import { cosineRate, trainHead, type TrainedHead } from '../../../src/engine/learn/train-head.ts';
import { referenceRecipe, type TrainingRecipe } from '../../../src/shared/training-recipe.ts';
import { maxAbsDifference, parityFolder, readParityArray, readParityObject } from '../../support/parity.ts';
import {
  readHeadTensors,
  scoreWithTensors,
  takeRows,
  takenAwayTensors,
} from '../../support/trained-heads.ts';

const inference = new InferenceClient();
afterAll(() => inference.close());

const run = z
  .object({
    widths: z.array(z.int()),
    permutations: z.array(z.array(z.int())),
    log: z.array(
      z.object({
        learning_rate: z.number(),
        train_loss: z.number(),
        val_mae: z.number(),
        val_spearman: z.number(),
      }),
    ),
  })
  .parse(readParityObject('training', 'run.json'));

const embeddings = readParityArray('training', 'embeddings.npy');
const labels = Float64Array.from(readParityArray('training', 'scores.npy').data);
const split = splitSongs(labels.length, referenceRecipe);
const epochs = run.permutations.length;
const testSongs = takeRows(embeddings.data, embeddings.shape[1] ?? 0, split.test);

/** The same run by PyTorch with the exact gradient of what a batch norm takes away; see exact_biases.py. */
const exact = z
  .object({
    spread: z.record(z.string(), z.number()),
    log: z.array(z.object({ train_loss: z.number(), val_mae: z.number() })),
    test_predictions: z.array(z.number()),
  })
  .parse(readParityObject('training', 'exact_biases.json'));

describe('the reference’s run', () => {
  let trained: TrainedHead;
  let expected: TrainingTensors;

  beforeAll(async () => {
    expected = await readHeadTensors(join(parityFolder, 'training', 'expected.final.pt'));
    trained = await trainHead({
      inference,
      embeddings: embeddings.data,
      labels,
      split,
      // The cosine spans 200 epochs; patience beyond the twelve that were recorded keeps it from ending before.
      recipe: { ...referenceRecipe, widths: run.widths, dropout: run.widths.map(() => 0), epochs: 200 },
      initial: await readHeadTensors(join(parityFolder, 'training', 'initial.pt')),
      orderOf: (epoch) => Int32Array.from(run.permutations[epoch - 1] ?? []),
      lastEpoch: epochs,
    });
  });

  test('learning rates follow the cosine', () => {
    expect(trained.epochs).toHaveLength(epochs);
    for (const [index, { learningRate }] of trained.epochs.entries()) {
      expect(Math.abs(learningRate - (run.log[index]?.learning_rate ?? NaN))).toBeLessThan(1e-12);
    }
  });

  test('training losses agree to 1e-4', () => {
    for (const [index, { trainLoss }] of trained.epochs.entries()) {
      expect(Math.abs(trainLoss - (run.log[index]?.train_loss ?? NaN))).toBeLessThan(1e-4);
    }
  });

  test('every tensor that the data decides agrees', () => {
    const rounded = takenAwayTensors(run.widths);
    const decided = Object.keys(expected).filter((name) => !rounded.includes(name));
    expect(decided).toHaveLength(2 * 4 + 9 - 3);
    for (const name of decided) {
      const difference = maxAbsDifference(
        trained.last[name] ?? new Float32Array(),
        expected[name] ?? new Float32Array(),
      );
      expect(difference, name).toBeLessThan(2e-5);
    }
  });

  test('test predictions agree to 1e-3 with the reference’s rounding in the biases', async () => {
    const rounded = takenAwayTensors(run.widths).map((name) => [name, expected[name] ?? new Float32Array()]);
    const tensors = { ...trained.last, ...(Object.fromEntries(rounded) as TrainingTensors) };
    const predicted = await scoreWithTensors(inference, tensors, run.widths, testSongs);
    const reference = readParityArray('training', 'expected.test_predictions.npy').data;
    expect(maxAbsDifference(predicted, reference)).toBeLessThan(1e-3);
  });

  test('validation errors and test predictions agree with PyTorch’s, whose biases have their exact gradient', async () => {
    for (const [index, { validationMae }] of trained.epochs.entries()) {
      expect(Math.abs(validationMae - (exact.log[index]?.val_mae ?? NaN))).toBeLessThan(1e-4);
    }
    const predicted = await scoreWithTensors(inference, trained.last, run.widths, testSongs);
    expect(maxAbsDifference(predicted, Float32Array.from(exact.test_predictions))).toBeLessThan(1e-3);
  });

  // PyTorch itself is no closer: what rounding leaves in the biases differs with the number of its threads.
  test('validation errors lie about as far from the recorded ones as PyTorch’s own', () => {
    const spread = Math.max(...Object.values(exact.spread));
    expect(spread).toBeGreaterThan(1e-3);
    for (const [index, { validationMae }] of trained.epochs.entries()) {
      expect(Math.abs(validationMae - (run.log[index]?.val_mae ?? NaN))).toBeLessThan(2 * spread);
    }
  });
});

test('the cosine begins at the full rate and ends at zero', () => {
  const recipe: TrainingRecipe = { ...referenceRecipe, epochs: 10 };
  expect(cosineRate(recipe, 1)).toBe(1e-3);
  expect(cosineRate(recipe, 6)).toBeCloseTo(5e-4, 12);
  expect(cosineRate(recipe, 11)).toBeCloseTo(0, 12);
});
