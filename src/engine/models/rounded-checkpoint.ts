/** A checkpoint whose large weights are rounded to bytes while they are read: one scale for each output. */
import type { Checkpoint, CheckpointTensor } from './checkpoint.ts';
import { readFloat32 } from './checkpoint.ts';
import type { EncoderConfig } from './encoder-config.ts';
import { scaleSuffix, transformerWeightNames } from './mert-tensors.ts';

/**
 * How the bytes of weights are kept; what they stand for is the same. Products of unsigned activations with signed
 * weights are what processors have instructions for, but older ones add up in 16 bits there and saturate.
 */
export type ByteWeights = 'signed' | 'unsigned';

/** The byte that stands for zero, by the type of the tensor. */
export const zeroPoints = { I8: 0, U8: 128 } as const;

/** Largest magnitude of a rounded weight: symmetric around zero. */
const LARGEST = 127;

/** The smallest normal float32. */
const LEAST_STEP = 2 ** -126;

/** Weights that are transposed at a time: what is read and what is written both stay near the processor. */
const TILE_OUTPUTS = 64;

/**
 * The same checkpoint with the weights of the transformer's linear layers as bytes, (inputs, outputs), and their
 * scales, (outputs), beside them. Rounding happens when a tensor is read.
 *
 * @param prefix what stands before every name in the checkpoint
 */
export function roundCheckpoint(
  checkpoint: Checkpoint,
  { config, prefix, kept }: { config: EncoderConfig; prefix: string; kept: ByteWeights },
): Checkpoint {
  const tensors = new Map(checkpoint.tensors);
  for (const name of transformerWeightNames(config)) {
    const stored = checkpoint.tensors.get(prefix + name);
    if (stored === undefined) continue;
    for (const tensor of roundedTensors(stored, kept)) tensors.set(tensor.name, tensor);
  }
  return { ...checkpoint, tensors, close: () => checkpoint.close() };
}

/** A weight and its scales, which are worked out by whichever is read first and kept: the weight itself is not. */
function roundedTensors(stored: CheckpointTensor, kept: ByteWeights): CheckpointTensor[] {
  const [outputs = 0, inputs = 0] = stored.shape;
  const type = kept === 'signed' ? 'I8' : 'U8';
  let scales: Float32Array<ArrayBuffer> | null = null;
  return [
    {
      name: stored.name,
      type,
      shape: [inputs, outputs],
      byteLength: inputs * outputs,
      mapped: null,
      readBytes: async (signal) => {
        const weights = await readFloat32(stored, signal);
        scales ??= scalesOf(weights, inputs);
        return roundWeights(weights, scales, zeroPoints[type]);
      },
    },
    {
      name: stored.name + scaleSuffix,
      type: 'F32',
      shape: [outputs],
      byteLength: outputs * 4,
      mapped: null,
      readBytes: async (signal) => {
        scales ??= scalesOf(await readFloat32(stored, signal), inputs);
        return new Uint8Array(scales.slice().buffer);
      },
    },
  ];
}

/**
 * The step between two bytes, for each output. Where all weights are zero, or so small that their step would be no
 * number of its own, it is the smallest normal one: such weights add nothing that a float32 could hold.
 */
export function scalesOf(weights: Float32Array, inputs: number): Float32Array<ArrayBuffer> {
  const scales = new Float32Array(weights.length / inputs);
  for (let output = 0; output < scales.length; output++) {
    let largest = 0;
    for (let index = output * inputs; index < (output + 1) * inputs; index++) {
      largest = Math.max(largest, Math.abs(weights[index] ?? 0));
    }
    scales[output] = Math.max(largest / LARGEST, LEAST_STEP);
  }
  return scales;
}

/**
 * Weights, (outputs, inputs), as bytes, (inputs, outputs).
 *
 * @param scales one for each output
 * @param zeroPoint the byte that stands for zero
 */
export function roundWeights(
  weights: Float32Array,
  scales: Float32Array,
  zeroPoint: number,
): Uint8Array<ArrayBuffer> {
  const outputs = scales.length;
  const inputs = weights.length / outputs;
  const rounded = new Uint8Array(weights.length);
  for (let first = 0; first < outputs; first += TILE_OUTPUTS) {
    const end = Math.min(outputs, first + TILE_OUTPUTS);
    for (let input = 0; input < inputs; input++) {
      for (let output = first; output < end; output++) {
        const steps = (weights[output * inputs + input] ?? 0) / (scales[output] ?? 1);
        // Negative bytes wrap around, which is how signed ones are stored.
        rounded[input * outputs + output] = Math.round(steps) + zeroPoint;
      }
    }
  }
  return rounded;
}
