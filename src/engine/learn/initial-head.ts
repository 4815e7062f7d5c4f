/** The tensors that training begins with: PyTorch's default initialisation, drawn from a seed. */
import type { TrainedTensor, TrainingTensors } from '../inference/training-protocol.ts';
import { mixSeeds, seededBits } from '../../shared/seeded-bits.ts';
import { type HeadShape, layersOf } from './head-shape.ts';

/**
 * Linear layers get weights and biases evenly from ± 1 / sqrt(inputs), as `nn.Linear` does; batch norms begin as if
 * they were not there. The numbers are this product's own: PyTorch's generator is not repeated.
 */
export function initialHead(shape: HeadShape, seed: number): TrainingTensors {
  const bits = seededBits(mixSeeds(seed, 0x1417));
  const evenly = (count: number, bound: number): Float32Array<ArrayBuffer> =>
    Float32Array.from({ length: count }, () => (bits() / 2 ** 31 - 1) * bound);
  const tensors: TrainingTensors = {};
  for (const { linear, norm, inputs, outputs } of layersOf(shape)) {
    const bound = 1 / Math.sqrt(inputs);
    tensors[`${linear}.weight`] = evenly(inputs * outputs, bound);
    tensors[`${linear}.bias`] = evenly(outputs, bound);
    if (norm === null) continue;
    tensors[`${norm}.weight`] = new Float32Array(outputs).fill(1);
    tensors[`${norm}.bias`] = new Float32Array(outputs);
    tensors[`${norm}.running_mean`] = new Float32Array(outputs);
    tensors[`${norm}.running_var`] = new Float32Array(outputs).fill(1);
  }
  return tensors;
}

/** Adds the optimiser's moments, zero at the beginning, to a head's tensors. */
export function withMoments(
  tensors: Readonly<TrainingTensors>,
  listed: readonly Pick<TrainedTensor, 'name' | 'change'>[],
): TrainingTensors {
  const all: TrainingTensors = { ...tensors };
  for (const { name, change } of listed) {
    if (change !== 'trained') continue;
    const { length } = tensors[name] ?? [];
    all[`${name}.first`] = new Float32Array(length);
    all[`${name}.second`] = new Float32Array(length);
  }
  return all;
}
