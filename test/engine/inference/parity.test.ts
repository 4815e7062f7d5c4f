/** Encoders and heads give the reference's numbers, through the real inference process. */
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { InferenceClient } from '../../../src/engine/inference/inference-client.ts';
import { readEncoderConfigs } from '../../../src/engine/models/encoder-config.ts';
import { buildHeadGraph } from '../../../src/engine/models/head-graph.ts';
import { buildMertGraph } from '../../../src/engine/models/mert-graph.ts';
import { prepareEncoder } from '../../../src/engine/models/prepared-encoder.ts';
import { withCheckpoint } from '../../../src/engine/models/with-checkpoint.ts';
import type { EncoderVariant, GraphForm, RunGraph } from '../../../src/shared/graphs.ts';
import { clampScore } from '../../../src/shared/score.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import {
  cosineSimilarity,
  maxAbsDifference,
  parityFolder,
  readParityArray,
  readExpectedScores,
} from '../../support/parity.ts';

const freshFolder = useFreshFolder();
const inference = new InferenceClient();
afterAll(() => inference.close());

/** Each folder of weights, the folder whose expectations it must meet, and how closely. */
const cases = [
  { folder: 'tiny-330m-like', weights: 'model.safetensors', expected: 'tiny-330m-like', tolerance: 2e-4 },
  { folder: 'tiny-330m-like', weights: 'pytorch_model.bin', expected: 'tiny-330m-like', tolerance: 2e-4 },
  { folder: 'tiny-95m-like', weights: 'model.safetensors', expected: 'tiny-95m-like', tolerance: 2e-4 },
  { folder: 'tiny-95m-like-fp16', weights: 'model.safetensors', expected: 'tiny-95m-like', tolerance: 5e-3 },
  {
    folder: 'tiny-layernorm-bias',
    weights: 'pytorch_model.bin',
    expected: 'tiny-layernorm-bias',
    tolerance: 2e-4,
  },
];

const encoderOf = (folder: string, weights: string) => ({
  key: `${folder}/${weights}`,
  build: async () => {
    const configs = await readEncoderConfigs(join(parityFolder, 'encoders', folder));
    return withCheckpoint(join(parityFolder, 'encoders', folder, weights), (checkpoint) =>
      buildMertGraph(configs, checkpoint),
    );
  },
});

const headOf = (...path: string[]) => ({
  key: path.join('/'),
  build: () => withCheckpoint(join(parityFolder, ...path), buildHeadGraph),
});

describe.each(cases)('encoder $folder from $weights', ({ folder, weights, expected, tolerance }) => {
  const encoder = encoderOf(folder, weights);

  test.each(['w0p5', 'w3', 'w7p3'])('gives the embedding and the score of %s', async (wave) => {
    const { data: samples } = readParityArray('encoders', 'waveforms', `${wave}.npy`);
    const { embedding } = await inference.encode(encoder, samples);
    const reference = readParityArray('encoders', expected, `expected.${wave}.embedding.npy`);
    expect(maxAbsDifference(embedding, reference.data)).toBeLessThanOrEqual(tolerance);
    if (tolerance <= 2e-4)
      expect(cosineSimilarity(embedding, reference.data)).toBeGreaterThanOrEqual(0.99999);

    const [rawScore] = await inference.score(headOf('encoders', expected, 'head.pt'), embedding);
    const scores = readExpectedScores(expected);
    expect(
      Math.abs(clampScore(rawScore ?? Number.NaN) - (scores[wave]?.score ?? Number.NaN)),
    ).toBeLessThanOrEqual(0.01);
  });

  test.each(['w0p5', 'w3'])('gives the hidden states of %s', async (wave) => {
    const { data: samples } = readParityArray('encoders', 'waveforms', `${wave}.npy`);
    const { hiddenState } = await inference.encode(encoder, samples, { wantsHiddenState: true });
    const reference = readParityArray('encoders', expected, `expected.${wave}.last_hidden_state.npy`);
    expect(maxAbsDifference(hiddenState ?? new Float32Array(), reference.data)).toBeLessThanOrEqual(
      tolerance === 2e-4 ? 2e-3 : 5e-2,
    );
  });
});

/** What every variant must meet beside the reference: cosine of the embedding, and points of the score. */
const variants: {
  variant: EncoderVariant;
  leastCosine: number;
  tolerance: number;
  points: number;
}[] = [
  { variant: { form: 'fused', precision: 'fp32' }, leastCosine: 0.99999, tolerance: 2e-4, points: 0.01 },
  { variant: { form: 'plain', precision: 'fp32' }, leastCosine: 0.99999, tolerance: 2e-4, points: 0.01 },
  // The processor computes half-precision graphs in float32, over weights that were rounded to half precision.
  { variant: { form: 'fused', precision: 'fp16' }, leastCosine: 0.99999, tolerance: 5e-3, points: 0.02 },
  { variant: { form: 'plain', precision: 'fp16' }, leastCosine: 0.99999, tolerance: 5e-3, points: 0.02 },
  // Tiny networks average less of the rounding away than large ones do.
  { variant: { form: 'chunked', precision: 'int8' }, leastCosine: 0.999, tolerance: 0.3, points: 0.3 },
];

const variantFolders = [
  ['tiny-330m-like', 'model.safetensors'],
  ['tiny-95m-like', 'model.safetensors'],
  ['tiny-layernorm-bias', 'pytorch_model.bin'],
] as const;

describe.each(variants)(
  'the $variant.form form in $variant.precision',
  ({ variant, leastCosine, tolerance, points }) => {
    test.each(variantFolders)('keeps to the reference of %s', async (name, weights) => {
      const folder = join(parityFolder, 'encoders', name);
      const prepared = await prepareEncoder(
        { source: 'folder', id: name, folder, weightsFiles: [join(folder, weights)] },
        { cacheFolder: freshFolder('cache') },
      );
      const encoder = {
        key: [name, variant.form, variant.precision].join(),
        build: (runGraph: RunGraph) => prepared.buildGraph(variant, runGraph),
      };
      for (const wave of ['w0p5', 'w3', 'w7p3']) {
        const { data: samples } = readParityArray('encoders', 'waveforms', `${wave}.npy`);
        const { embedding } = await inference.encode(encoder, samples);
        const reference = readParityArray('encoders', name, `expected.${wave}.embedding.npy`);
        expect(cosineSimilarity(embedding, reference.data)).toBeGreaterThanOrEqual(leastCosine);
        expect(maxAbsDifference(embedding, reference.data)).toBeLessThanOrEqual(tolerance);
        const [rawScore] = await inference.score(headOf('encoders', name, 'head.pt'), embedding);
        const score = clampScore(rawScore ?? Number.NaN);
        expect(Math.abs(score - (readExpectedScores(name)[wave]?.score ?? Number.NaN))).toBeLessThanOrEqual(
          points,
        );
      }
    });
  },
);

test.each(variantFolders)('the full window has a plain model of its own: %s', async (name, weights) => {
  const folder = join(parityFolder, 'encoders', name);
  const prepared = await prepareEncoder(
    { source: 'folder', id: name, folder, weightsFiles: [join(folder, weights)] },
    { cacheFolder: freshFolder('cache') },
  );
  const encoderIn = (form: GraphForm) => ({
    key: [name, form, 'window'].join(),
    build: (runGraph: RunGraph) => prepared.buildGraph({ form, precision: 'fp32' }, runGraph),
  });
  const { data } = readParityArray('encoders', 'waveforms', 'w7p3.npy');
  const samples = Float32Array.from(
    { length: 30 * prepared.sampleRateHz },
    (_, index) => data[index % data.length] ?? 0,
  );
  const [chunked, plain] = [
    await inference.encode(encoderIn('chunked'), samples, { wantsHiddenState: true }),
    await inference.encode(encoderIn('plain'), samples, { wantsHiddenState: true }),
  ];
  expect(maxAbsDifference(plain.embedding, chunked.embedding)).toBeLessThanOrEqual(2e-4);
  expect(
    maxAbsDifference(plain.hiddenState ?? new Float32Array(), chunked.hiddenState ?? new Float32Array()),
  ).toBeLessThanOrEqual(2e-3);
});

test('the full-shape head gives the raw and the clamped scores', async () => {
  const embeddings = readParityArray('head', 'embeddings.npy');
  const rawScores = await inference.score(headOf('head', 'scorer_model.pt'), embeddings.data);
  const expectedRaw = readParityArray('head', 'expected.raw_scores.npy');
  const expectedScores = readParityArray('head', 'expected.scores.npy');
  expect(maxAbsDifference(rawScores, expectedRaw.data)).toBeLessThanOrEqual(1e-3);
  expect(maxAbsDifference(rawScores.map(clampScore), expectedScores.data)).toBeLessThanOrEqual(1e-3);
});
