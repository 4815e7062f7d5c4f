/** A checkpoint that does not hold the network that its configuration describes is refused, with what is wrong. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Checkpoint, CheckpointTensor } from '../../../src/engine/models/checkpoint.ts';
import { readEncoderConfigs } from '../../../src/engine/models/encoder-config.ts';
import { buildMertGraph } from '../../../src/engine/models/mert-graph.ts';
import { findMertTensors } from '../../../src/engine/models/mert-tensors.ts';
import { withCheckpoint } from '../../../src/engine/models/with-checkpoint.ts';
import { parityFolder } from '../../support/parity.ts';

const folder = join(parityFolder, 'encoders', 'tiny-330m-like');
const configs = await readEncoderConfigs(folder);

/** The tiny checkpoint with some tensors replaced, or taken away where the replacement is null. */
function withChanged<Value>(
  changes: Record<string, Partial<CheckpointTensor> | null>,
  work: (checkpoint: Checkpoint) => Promise<Value>,
): Promise<Value> {
  return withCheckpoint(join(folder, 'model.safetensors'), (checkpoint) => {
    const tensors = new Map(checkpoint.tensors);
    for (const [name, change] of Object.entries(changes)) {
      const tensor = tensors.get(name);
      if (tensor === undefined) throw new Error(`the checkpoint has no ${name}`);
      if (change === null) tensors.delete(name);
      else tensors.set(name, { ...tensor, readBytes: (signal) => tensor.readBytes(signal), ...change });
    }
    return work({ ...checkpoint, close: () => checkpoint.close(), tensors });
  });
}

test('every missing and mis-shaped tensor is listed', async () => {
  const changes = {
    'encoder.layers.1.attention.q_proj.weight': { shape: [64, 63] },
    'encoder.layer_norm.bias': null,
    'feature_projection.projection.bias': null,
  };
  await expect(
    withChanged(changes, (checkpoint) => buildMertGraph(configs, checkpoint)),
  ).rejects.toMatchObject({
    code: 'checkpoint-mismatch',
    message: expect.stringContaining('3 of') as string,
    details: [
      'feature_projection.projection.bias is missing',
      'encoder.layer_norm.bias is missing',
      'encoder.layers.1.attention.q_proj.weight has shape [64, 63], expected [64, 64]',
    ].join('\n'),
  });
});

test('a checkpoint of another size is refused', async () => {
  const larger = { ...configs, config: { ...configs.config, num_hidden_layers: 4 } };
  await expect(withChanged({}, (checkpoint) => buildMertGraph(larger, checkpoint))).rejects.toMatchObject({
    code: 'checkpoint-mismatch',
  });
});

test('weights of another element type are refused', async () => {
  const changes = { 'encoder.layer_norm.weight': { type: 'F64' as const } };
  await expect(
    withChanged(changes, (checkpoint) => buildMertGraph(configs, checkpoint)),
  ).rejects.toMatchObject({
    code: 'checkpoint-refused',
  });
});

test('tensors that the network does not use are ignored and listed', async () => {
  const { ignored } = await withChanged({}, (checkpoint) =>
    Promise.resolve(findMertTensors(configs.config, checkpoint)),
  );
  expect(ignored).toEqual(['masked_spec_embed']);
});

test('an encoder inside a larger model is found by its prefix', async () => {
  const found = await withChanged({}, (checkpoint) => {
    const tensors = new Map(
      [...checkpoint.tensors].map(([name, tensor]) => [
        `hubert.${name}`,
        { ...tensor, name: `hubert.${name}` },
      ]),
    );
    return Promise.resolve(findMertTensors(configs.config, { ...checkpoint, tensors }));
  });
  expect(found.prefix).toBe('hubert.');
  expect(found.needed.every((name) => name.startsWith('hubert.'))).toBe(true);
});

test('large weights stay in the checkpoint’s file', async () => {
  const { onnx, weightsFolder } = await withChanged({}, (checkpoint) => buildMertGraph(configs, checkpoint));
  expect(weightsFolder).toBe(folder);
  // The positional convolution alone, the largest tensor here, has 64 x 4 x 128 floats.
  expect(onnx.byteLength).toBeLessThan(64 * 4 * 128 * 4);
});
