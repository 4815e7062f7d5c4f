/** Weights are rounded to the nearest byte of their output’s scale, whatever they are, and can be asked how to be kept. */
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { InferenceClient } from '../../../src/engine/inference/inference-client.ts';
import { chooseByteWeights } from '../../../src/engine/models/byte-product-probe.ts';
import { readFloat32 } from '../../../src/engine/models/checkpoint.ts';
import { readEncoderConfigs } from '../../../src/engine/models/encoder-config.ts';
import { scaleSuffix } from '../../../src/engine/models/mert-tensors.ts';
import {
  roundCheckpoint,
  roundWeights,
  scalesOf,
  zeroPoints,
} from '../../../src/engine/models/rounded-checkpoint.ts';
import { withCheckpoint } from '../../../src/engine/models/with-checkpoint.ts';
import { parityFolder } from '../../support/parity.ts';

const inference = new InferenceClient();
afterAll(() => inference.close());

/** A matrix with rows that are large, small, or nothing but zeros. */
const matrices = fc
  .record({ outputs: fc.integer({ min: 1, max: 130 }), inputs: fc.integer({ min: 1, max: 9 }) })
  .chain(({ outputs, inputs }) =>
    fc.record({
      inputs: fc.constant(inputs),
      weights: fc.float32Array({
        minLength: outputs * inputs,
        maxLength: outputs * inputs,
        noNaN: true,
        min: -8,
        max: 8,
      }),
    }),
  );

test.each(Object.entries(zeroPoints))(
  '%s bytes stand for the weights within half a step',
  (type, zeroPoint) => {
    fc.assert(
      fc.property(matrices, ({ weights, inputs }) => {
        const scales = scalesOf(weights, inputs);
        const stored = roundWeights(weights, scales, zeroPoint);
        const bytes = type === 'I8' ? new Int8Array(stored.buffer) : stored;
        const outputs = scales.length;
        weights.forEach((weight, index) => {
          const [output, input] = [Math.floor(index / inputs), index % inputs];
          const scale = scales[output] ?? Number.NaN;
          const read = ((bytes[input * outputs + output] ?? Number.NaN) - zeroPoint) * scale;
          expect(Math.abs(read - weight)).toBeLessThanOrEqual(scale * 0.5001);
        });
      }),
    );
  },
);

test.each([
  { first: 'bytes', order: ['', scaleSuffix], readings: 1 },
  { first: 'scales', order: [scaleSuffix, ''], readings: 2 },
])('bytes and scales belong together where the $first are read first', async ({ order, readings }) => {
  const folder = join(parityFolder, 'encoders', 'tiny-330m-like');
  const { config } = await readEncoderConfigs(folder);
  const name = 'encoder.layers.0.feed_forward.intermediate_dense.weight';
  await withCheckpoint(join(folder, 'model.safetensors'), async (checkpoint) => {
    const tensor = checkpoint.tensors.get(name);
    if (tensor === undefined) throw new Error(`the checkpoint has no ${name}`);
    let readCount = 0;
    const counted = {
      ...tensor,
      readBytes: (signal?: AbortSignal) => {
        readCount += 1;
        return tensor.readBytes(signal);
      },
    };
    const source = {
      ...checkpoint,
      close: () => checkpoint.close(),
      tensors: new Map([...checkpoint.tensors, [name, counted]]),
    };
    const rounded = roundCheckpoint(source, { config, prefix: '', kept: 'signed' });
    const read = new Map<string, Uint8Array | undefined>();
    for (const suffix of order) {
      read.set(suffix, await rounded.tensors.get(name + suffix)?.readBytes());
    }
    const weights = await readFloat32(tensor);
    const scales = scalesOf(weights, tensor.shape[1] ?? 0);
    expect(read.get(scaleSuffix)).toEqual(new Uint8Array(scales.buffer));
    expect(read.get('')).toEqual(roundWeights(weights, scales, zeroPoints.I8));
    expect(readCount).toBe(readings);
  });
});

test('the machine is asked by its own products, and believed', async () => {
  const kept = await chooseByteWeights((graph, samples) =>
    inference
      .encode({ key: 'probe', build: () => Promise.resolve(graph) }, samples)
      .then(({ embedding }) => embedding),
  );
  expect(['signed', 'unsigned']).toContain(kept);
});

test('products that saturate ask for unsigned weights', async () => {
  const answers = (sum: number) => () => Promise.resolve(new Float32Array(64).fill(sum));
  expect(await chooseByteWeights(answers(256 * 255 * 127))).toBe('signed');
  expect(await chooseByteWeights(answers(128 * 32_767))).toBe('unsigned');
});
