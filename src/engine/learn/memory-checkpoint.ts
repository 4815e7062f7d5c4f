/** A checkpoint that exists in memory only: a head between training and its file. */
import type { TrainingTensors } from '../inference/training-protocol.ts';
import type { Checkpoint, CheckpointTensor } from '../models/checkpoint.ts';
import type { HeadShape } from './head-shape.ts';
import { listTensors } from './training-graph.ts';

/** The head's tensors as every reader of checkpoints takes them. */
export function memoryCheckpoint(shape: HeadShape, tensors: Readonly<TrainingTensors>): Checkpoint {
  const entries = listTensors(shape).map(({ name, shape: size }): [string, CheckpointTensor] => {
    const bytes = new Uint8Array(Float32Array.from(tensors[name] ?? []).buffer);
    return [
      name,
      {
        name,
        type: 'F32',
        shape: size,
        byteLength: bytes.byteLength,
        mapped: null,
        readBytes: () => Promise.resolve(bytes.slice()),
      },
    ];
  });
  return {
    path: 'a head in memory',
    format: 'safetensors',
    files: [],
    tensors: new Map(entries),
    close: () => Promise.resolve(),
  };
}
