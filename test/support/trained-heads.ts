/** Reads the tensors of heads, and scores songs with tensors that were just trained. */
import { readFloat32 } from '../../src/engine/models/checkpoint.ts';
import type { CheckpointTensor } from '../../src/engine/models/checkpoint.ts';
import { buildHeadGraph } from '../../src/engine/models/head-graph.ts';
import { withCheckpoint } from '../../src/engine/models/with-checkpoint.ts';
import type { InferenceClient } from '../../src/engine/inference/inference-client.ts';
import type { TrainingTensors } from '../../src/engine/inference/training-protocol.ts';
import { layersOf } from '../../src/engine/learn/head-shape.ts';
import { listTensors } from '../../src/engine/learn/training-graph.ts';

/** The tensors of a head's file that training knows. */
export function readHeadTensors(file: string): Promise<TrainingTensors> {
  return withCheckpoint(file, async (checkpoint) => {
    const tensors: TrainingTensors = {};
    for (const tensor of checkpoint.tensors.values()) {
      if (tensor.type === 'F32') tensors[tensor.name] = await readFloat32(tensor);
    }
    return tensors;
  });
}

let scored = 0;

/** Raw scores of embeddings by a head that exists only as tensors. */
export async function scoreWithTensors(
  inference: InferenceClient,
  tensors: Readonly<TrainingTensors>,
  widths: readonly number[],
  embeddings: Float32Array,
): Promise<Float32Array> {
  const inputSize = (tensors['net.0.weight']?.length ?? 0) / (widths[0] ?? 1);
  const shapes = listTensors({ inputSize, widths });
  const graph = await buildHeadGraph({
    path: 'tensors',
    format: 'safetensors',
    files: [],
    tensors: new Map(shapes.map(({ name, shape }) => [name, tensorOf(name, shape, tensors[name])])),
    close: () => Promise.resolve(),
  });
  scored += 1;
  return inference.score({ key: `tensors ${scored}`, build: () => Promise.resolve(graph) }, embeddings);
}

function tensorOf(name: string, shape: number[], values = new Float32Array()): CheckpointTensor {
  const bytes = new Uint8Array(values.slice().buffer);
  return {
    name,
    type: 'F32',
    shape,
    byteLength: bytes.byteLength,
    mapped: null,
    readBytes: () => Promise.resolve(bytes),
  };
}

/** Names of the biases that a batch norm takes away again, and of the means that it takes away. */
export function takenAwayTensors(widths: readonly number[]): string[] {
  return layersOf({ inputSize: 1, widths }).flatMap(({ linear, norm }) =>
    norm === null ? [] : [`${linear}.bias`, `${norm}.running_mean`],
  );
}

/** Rows of a (songs, size) array, one after another. */
export function takeRows(values: Float32Array, size: number, rows: Int32Array): Float32Array<ArrayBuffer> {
  const taken = new Float32Array(rows.length * size);
  for (const [place, row] of rows.entries())
    taken.set(values.subarray(row * size, (row + 1) * size), place * size);
  return taken;
}
