/** Builds the ONNX graph of a scoring head from its state dict: a batch of embeddings in, one raw score each out. */
import { BangerError } from '../../shared/errors.ts';
import type { HeadGraph } from '../../shared/graphs.ts';
import { headInputName, rawScoreOutputName } from '../../shared/graphs.ts';
import type { Checkpoint, CheckpointTensor } from './checkpoint.ts';
import { readFloat32 } from './checkpoint.ts';
import { OnnxGraphBuilder } from './onnx-writer.ts';

const OPSET_VERSION = 20;

/** PyTorch's default for BatchNorm1d, which the state dict does not carry. */
const BATCH_NORM_EPSILON = 1e-5;

/** A linear layer, with the batch norm that follows it where there is one. */
interface HeadLayer {
  name: string;
  inputs: number;
  outputs: number;
  batchNorm: string | null;
}

/**
 * The head in evaluation mode: Linear, BatchNorm1d, ReLU (Dropout does nothing) and again, the last layer a lone
 * Linear to one score. Widths and the number of layers are read from the tensors.
 *
 * @param checkpoint a state dict with names such as `net.0.weight`; batch norms may be folded away
 * @throws BangerError `checkpoint-mismatch` where the tensors do not form such a head
 */
export async function buildHeadGraph(checkpoint: Checkpoint): Promise<HeadGraph> {
  const layers = findHeadLayers(checkpoint);
  const graph = new OnnxGraphBuilder('head');
  const addWeight = async (name: string): Promise<string> => {
    const tensor = checkpoint.tensors.get(name);
    if (tensor === undefined) throw mismatch(checkpoint, `the tensor ${name} is missing`);
    return graph.floats(name, tensor.shape, await readFloat32(tensor));
  };

  const embeddingSize = layers[0]?.inputs ?? 0;
  let value = graph.input(headInputName, 'F32', ['batch', embeddingSize]);
  for (const [index, layer] of layers.entries()) {
    const isLast = index === layers.length - 1;
    const inputs = [value, await addWeight(`${layer.name}.weight`), await addWeight(`${layer.name}.bias`)];
    value = graph.node('Gemm', inputs, {
      attributes: { transB: { int: 1 } },
      ...(isLast && { outputs: [rawScoreOutputName] }),
    });
    if (layer.batchNorm !== null) {
      const norm = layer.batchNorm;
      const parameters = ['weight', 'bias', 'running_mean', 'running_var'].map((part) => `${norm}.${part}`);
      value = graph.node('BatchNormalization', [value, ...(await Promise.all(parameters.map(addWeight)))], {
        attributes: { epsilon: { float: BATCH_NORM_EPSILON } },
      });
    }
    if (!isLast) value = graph.node('Relu', [value]);
  }
  graph.output(rawScoreOutputName, 'F32', ['batch', 1]);
  return { onnx: graph.serialise(OPSET_VERSION), embeddingSize };
}

/** Reads the layers off the names and shapes, in the order of the numbers in the names. */
function findHeadLayers(checkpoint: Checkpoint): HeadLayer[] {
  const modules = new Map<string, Map<string, CheckpointTensor>>();
  for (const tensor of checkpoint.tensors.values()) {
    const [, module, parameter] = /^(.*\b\d+)\.(\w+)$/.exec(tensor.name) ?? [];
    if (module === undefined || parameter === undefined) {
      throw mismatch(checkpoint, `the tensor "${tensor.name}" has no place in a head`);
    }
    const parameters = modules.get(module) ?? new Map<string, CheckpointTensor>();
    modules.set(module, parameters.set(parameter, tensor));
  }
  const ordered = [...modules].sort(([a], [b]) => moduleNumber(a) - moduleNumber(b));

  const layers: HeadLayer[] = [];
  for (const [name, parameters] of ordered) {
    const shapeOf = (parameter: string) => parameters.get(parameter)?.shape.join();
    const previous = layers.at(-1);
    const [outputs, inputs, ...rest] = parameters.get('weight')?.shape ?? [];
    if (outputs !== undefined && inputs !== undefined && rest.length === 0) {
      if (shapeOf('bias') !== String(outputs))
        throw mismatch(checkpoint, `${name}.bias does not fit its weight`);
      if (previous !== undefined && previous.outputs !== inputs) {
        throw mismatch(
          checkpoint,
          `${name} takes ${inputs} values, ${previous.name} gives ${previous.outputs}`,
        );
      }
      layers.push({ name, inputs, outputs, batchNorm: null });
    } else if (previous?.batchNorm === null && parameters.has('running_mean')) {
      for (const parameter of ['weight', 'bias', 'running_mean', 'running_var']) {
        if (shapeOf(parameter) !== String(previous.outputs)) {
          throw mismatch(checkpoint, `${name}.${parameter} does not fit ${previous.name}`);
        }
      }
      previous.batchNorm = name;
    } else {
      throw mismatch(checkpoint, `"${name}" is neither a linear layer nor a batch norm after one`);
    }
  }
  const last = layers.at(-1);
  if (last === undefined) throw mismatch(checkpoint, 'it holds no linear layer');
  if (last.outputs !== 1 || last.batchNorm !== null) {
    throw mismatch(checkpoint, `its last layer must be a linear layer with one output, not ${last.outputs}`);
  }
  return layers;
}

function moduleNumber(module: string): number {
  return Number(/\d+$/.exec(module)?.[0]);
}

function mismatch(checkpoint: Checkpoint, reason: string): BangerError {
  return new BangerError('checkpoint-mismatch', `This file is not a scoring head: ${reason}.`, {
    file: checkpoint.path,
    nextStep: 'Choose a state dict of Linear, BatchNorm1d and ReLU layers, such as scorer_model.pt.',
  });
}
