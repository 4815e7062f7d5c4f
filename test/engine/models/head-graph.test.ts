/** Heads of any widths, with their batch norms or with these folded away, and files that are no head. */
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { InferenceClient } from '../../../src/engine/inference/inference-client.ts';
import { readFloat32 } from '../../../src/engine/models/checkpoint.ts';
import { buildHeadGraph } from '../../../src/engine/models/head-graph.ts';
import { writeSafetensors } from '../../../src/engine/models/safetensors-writer.ts';
import { withCheckpoint } from '../../../src/engine/models/with-checkpoint.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { maxAbsDifference, parityFolder, readParityArray } from '../../support/parity.ts';

const freshFolder = useFreshFolder();
const inference = new InferenceClient();
afterAll(() => inference.close());

type Tensors = Record<string, { shape: number[]; values: Float32Array }>;

/** Writes a state dict, builds its graph and scores embeddings with it. */
async function scoreWith(tensors: Tensors, embeddings: Float32Array): Promise<Float32Array> {
  const file = await writeHead(tensors);
  return inference.score({ key: file, build: () => withCheckpoint(file, buildHeadGraph) }, embeddings);
}

async function writeHead(tensors: Tensors): Promise<string> {
  const file = freshFolder('head.safetensors');
  await writeSafetensors(
    file,
    Object.entries(tensors).map(([name, { shape, values }]) => ({
      name,
      type: 'F32',
      shape,
      readBytes: () => new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    })),
  );
  return file;
}

const floats = (...values: number[]) => Float32Array.from(values);

test('a lone linear layer is a dot product', async () => {
  const scores = await scoreWith(
    {
      'net.0.weight': { shape: [1, 3], values: floats(1, 2, 3) },
      'net.0.bias': { shape: [1], values: floats(0.5) },
    },
    floats(1, 1, 1, 2, 0, -1),
  );
  expect([...scores]).toEqual([6.5, -0.5]);
});

test('batch norms folded into the layers before them give the same scores', async () => {
  const folded: Tensors = {};
  await withCheckpoint(join(parityFolder, 'head', 'scorer_model.pt'), async ({ tensors }) => {
    const read = async (name: string) => {
      const tensor = tensors.get(name);
      if (tensor === undefined) throw new Error(`no ${name}`);
      return { shape: [...tensor.shape], values: await readFloat32(tensor) };
    };
    for (const layer of [0, 4, 8]) {
      const [weight, bias] = [await read(`net.${layer}.weight`), await read(`net.${layer}.bias`)];
      const norm = `net.${layer + 1}`;
      const gamma = (await read(`${norm}.weight`)).values;
      const beta = (await read(`${norm}.bias`)).values;
      const mean = (await read(`${norm}.running_mean`)).values;
      const variance = (await read(`${norm}.running_var`)).values;
      const scale = gamma.map((value, row) => value / Math.sqrt((variance[row] ?? 0) + 1e-5));
      const inputs = weight.shape[1] ?? 1;
      weight.values = weight.values.map((value, index) => value * (scale[Math.floor(index / inputs)] ?? 0));
      bias.values = bias.values.map(
        (value, row) => (value - (mean[row] ?? 0)) * (scale[row] ?? 0) + (beta[row] ?? 0),
      );
      folded[`net.${layer}.weight`] = weight;
      folded[`net.${layer}.bias`] = bias;
    }
    folded['net.12.weight'] = await read('net.12.weight');
    folded['net.12.bias'] = await read('net.12.bias');
  });
  const scores = await scoreWith(folded, readParityArray('head', 'embeddings.npy').data);
  expect(maxAbsDifference(scores, readParityArray('head', 'expected.raw_scores.npy').data)).toBeLessThan(
    1e-3,
  );
});

describe('refused as a head', () => {
  const linear = (outputs: number, inputs: number) => ({
    shape: [outputs, inputs],
    values: new Float32Array(outputs * inputs),
  });
  const bias = (size: number) => ({ shape: [size], values: new Float32Array(size) });

  const cases: [string, Tensors][] = [
    ['no layers', { 'net.0.num_batches_tracked': bias(1) }],
    ['two outputs', { 'net.0.weight': linear(2, 4), 'net.0.bias': bias(2) }],
    ['a bias that does not fit', { 'net.0.weight': linear(1, 4), 'net.0.bias': bias(2) }],
    [
      'widths that do not meet',
      {
        'net.0.weight': linear(3, 4),
        'net.0.bias': bias(3),
        'net.2.weight': linear(1, 5),
        'net.2.bias': bias(1),
      },
    ],
    ['a name from elsewhere', { 'encoder.layer_norm.weight': bias(4) }],
    [
      'a batch norm without its mean',
      { 'net.0.weight': linear(3, 4), 'net.0.bias': bias(3), 'net.1.weight': bias(3), 'net.1.bias': bias(3) },
    ],
  ];
  test.each(cases)('%s', async (_, tensors) => {
    const file = await writeHead(tensors);
    await expect(withCheckpoint(file, buildHeadGraph)).rejects.toMatchObject({ code: 'checkpoint-mismatch' });
  });

  test('an encoder', async () => {
    const file = join(parityFolder, 'encoders', 'tiny-330m-like', 'model.safetensors');
    await expect(withCheckpoint(file, buildHeadGraph)).rejects.toMatchObject({ code: 'checkpoint-mismatch' });
  });
});
