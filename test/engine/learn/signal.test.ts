/** On a made-up data set with a known signal, dropout on, heads are as good as PyTorch’s. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { InferenceClient } from '../../../src/engine/inference/inference-client.ts';
import { mersenneTwister } from '../../../src/engine/learn/mersenne-twister.ts';
import { PairedScores } from '../../../src/engine/learn/paired-scores.ts';
import { splitSongs } from '../../../src/engine/learn/split-songs.ts';
import { trainHead } from '../../../src/engine/learn/train-head.ts';
import { referenceRecipe } from '../../../src/shared/training-recipe.ts';
import { scoreWithTensors, takeRows } from '../../support/trained-heads.ts';

const inference = new InferenceClient();
afterAll(() => inference.close());

const songs = 3000;
const size = 32;
const widths = [64, 32, 16];
const reference = z
  .object({ mean: z.number(), test_spearman: z.array(z.number()).length(5) })
  .parse(
    JSON.parse(
      readFileSync(join(import.meta.dirname, '..', '..', 'fixtures', 'learn', 'known_signal.json'), 'utf8'),
    ),
  );

/** The data of known_signal.py, number by number: NumPy’s `random_sample` takes 53 bits of two words. */
function makeData() {
  const word = mersenneTwister(7);
  const sample = () => ((word() >>> 5) * 2 ** 26 + (word() >>> 6)) / 2 ** 53;
  const embeddings = Float32Array.from({ length: songs * size }, () => sample() * 2 - 1);
  const signal = Float64Array.from({ length: songs }, (_, song) => {
    const at = (place: number) => embeddings[song * size + place] ?? NaN;
    return 2 * at(0) + at(1) - at(2) + 2 * at(3) * at(4) + sample() * 2 - 1;
  });
  const [low, high] = [Math.min(...signal), Math.max(...signal)];
  return { embeddings, labels: signal.map((value) => ((value - low) / (high - low)) * 10) };
}

test('the mean rank correlation of five seeds is within 0.02 of PyTorch’s', async () => {
  const { embeddings, labels } = makeData();
  const split = splitSongs(songs, referenceRecipe);
  const actual = split.test.values().map((row) => labels[row] ?? NaN);
  const testLabels = Float64Array.from(actual);
  const correlations: number[] = [];
  for (let seed = 0; seed < 5; seed++) {
    const { tensors } = await trainHead({
      inference,
      embeddings,
      labels,
      split,
      recipe: { ...referenceRecipe, widths, epochs: 60, seed },
      threads: 1,
    });
    const scores = await scoreWithTensors(inference, tensors, widths, takeRows(embeddings, size, split.test));
    correlations.push(new PairedScores(scores, testLabels).measure().spearman);
  }
  const mean = correlations.reduce((sum, value) => sum + value, 0) / correlations.length;
  expect(new Set(correlations).size).toBe(5);
  expect(Math.abs(mean - reference.mean)).toBeLessThan(0.02);
}, 240_000);
