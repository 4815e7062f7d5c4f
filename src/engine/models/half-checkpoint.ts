/** A checkpoint whose large weights become half-precision numbers while they are read, for graphics cards. */
import type { Checkpoint, CheckpointTensor } from './checkpoint.ts';
import { readFloat32 } from './checkpoint.ts';
import type { EncoderConfig } from './encoder-config.ts';
import { transformerWeightNames } from './mert-tensors.ts';

/**
 * The same checkpoint with the weights of the transformer's linear layers in half precision, halving the file; what
 * is small stays as it is, and the graph converts it when it is loaded.
 *
 * @param prefix what stands before every name in the checkpoint
 */
export function halveCheckpoint(
  checkpoint: Checkpoint,
  { config, prefix }: { config: EncoderConfig; prefix: string },
): Checkpoint {
  const tensors = new Map(checkpoint.tensors);
  for (const name of transformerWeightNames(config)) {
    const stored = checkpoint.tensors.get(prefix + name);
    if (stored !== undefined && stored.type !== 'F16') tensors.set(stored.name, halved(stored));
  }
  return { ...checkpoint, tensors, close: () => checkpoint.close() };
}

function halved(stored: CheckpointTensor): CheckpointTensor {
  return {
    name: stored.name,
    type: 'F16',
    shape: stored.shape,
    byteLength: stored.shape.reduce((product, size) => product * size, 2),
    mapped: null,
    readBytes: async (signal) => new Uint8Array(new Float16Array(await readFloat32(stored, signal)).buffer),
  };
}
