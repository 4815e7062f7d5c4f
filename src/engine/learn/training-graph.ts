/** Builds the ONNX graphs that a head is trained with: the gradients of one batch, and evaluation. */
import type { HeadTrainingGraphs, TrainedTensor } from '../inference/training-protocol.ts';
import type { TrainingRecipe } from '../../shared/training-recipe.ts';
import { OnnxGraphBuilder } from '../models/onnx-writer.ts';
import { batchNormEpsilon, batchNormMomentum, type HeadShape, layersOf } from './head-shape.ts';

const OPSET_VERSION = 20;

/** The parts of a training recipe that the graphs depend on. */
export type GraphRecipe = Pick<TrainingRecipe, 'widths' | 'dropout'>;

/**
 * The graphs for heads of one shape. Every tensor of the head goes in under its own name. Out come the gradients of
 * those that have moments, under `gradient.` and their names, and the running statistics under `next.` and theirs.
 */
export function buildTrainingGraphs(inputSize: number, recipe: GraphRecipe): HeadTrainingGraphs {
  const shape: HeadShape = { inputSize, widths: recipe.widths };
  return {
    step: new StepGraph(shape, recipe).build(),
    evaluation: buildEvaluationGraph(shape),
    tensors: listTensors(shape),
    inputSize,
    masks: recipe.widths
      .map((width, layer) => ({ layer, width, dropout: recipe.dropout[layer] ?? 0 }))
      .filter(({ dropout }) => dropout > 0),
  };
}

/** Every tensor that training changes, in the order of the state dict. */
export function listTensors(shape: HeadShape): TrainedTensor[] {
  return layersOf(shape).flatMap((layer) => {
    const trained = (name: string, size: number[]): TrainedTensor => ({
      name,
      shape: size,
      change: 'trained',
    });
    const followed = (name: string, size: number[]): TrainedTensor => ({
      name,
      shape: size,
      change: 'followed',
    });
    const weight = trained(`${layer.linear}.weight`, [layer.outputs, layer.inputs]);
    const bias = trained(`${layer.linear}.bias`, [layer.outputs]);
    if (layer.norm === null) return [weight, bias];
    // A batch norm takes every bias before it away again, so its gradient is exactly zero and only the decay is left.
    // Summed up in floating point it is not quite zero, and AdamW enlarges what rounding leaves into full steps.
    return [
      weight,
      { ...bias, change: 'decayed' },
      trained(`${layer.norm}.weight`, [layer.outputs]),
      trained(`${layer.norm}.bias`, [layer.outputs]),
      followed(`${layer.norm}.running_mean`, [layer.outputs]),
      followed(`${layer.norm}.running_var`, [layer.outputs]),
    ];
  });
}

/** What the backward pass needs of a layer's forward pass. */
interface ForwardTrace {
  input: string;
  norm: { centredScaled: string; inverseDeviation: string; activation: string; mask: string | null } | null;
}

/** Writes the forward pass of one batch and its gradients into one graph. */
class StepGraph {
  readonly #graph = new OnnxGraphBuilder('head-step');
  readonly #shape: HeadShape;
  readonly #recipe: GraphRecipe;
  readonly #firstAxis: string;
  readonly #constants = new Map<number, string>();

  constructor(shape: HeadShape, recipe: GraphRecipe) {
    this.#shape = shape;
    this.#recipe = recipe;
    this.#firstAxis = this.#graph.integers([0]);
  }

  build(): Uint8Array<ArrayBuffer> {
    const graph = this.#graph;
    graph.input('features', 'F32', ['batch', this.#shape.inputSize]);
    graph.input('labels', 'F32', ['batch', 1]);
    for (const name of ['gradientScale', 'varianceCorrection']) {
      graph.input(name, 'F32', []);
    }
    for (const tensor of listTensors(this.#shape)) graph.input(tensor.name, 'F32', tensor.shape);

    const layers = layersOf(this.#shape);
    const traces: ForwardTrace[] = [];
    let value = 'features';
    for (const [index, layer] of layers.entries()) {
      const input = value;
      value = graph.node('Gemm', [value, `${layer.linear}.weight`, `${layer.linear}.bias`], {
        attributes: { transB: { int: 1 } },
      });
      let norm: ForwardTrace['norm'] = null;
      if (layer.norm !== null) ({ value, norm } = this.#normalise(value, layer.norm, layer.outputs, index));
      traces.push({ input, norm });
    }

    const error = graph.node('Sub', [value, 'labels']);
    graph.node('ReduceSumSquare', [error, graph.integers([0, 1])], {
      attributes: { keepdims: { int: 0 } },
      outputs: ['squaredError'],
    });
    graph.output('squaredError', 'F32', []);

    let gradient = graph.node('Mul', [error, 'gradientScale']);
    for (const [index, layer] of [...layers.entries()].reverse()) {
      const trace = traces[index];
      if (trace === undefined) continue;
      if (trace.norm !== null && layer.norm !== null) {
        gradient = this.#normaliseBackward(gradient, layer.norm, layer.outputs, trace.norm);
      }
      graph.node('Gemm', [gradient, trace.input], {
        attributes: { transA: { int: 1 } },
        outputs: [`gradient.${layer.linear}.weight`],
      });
      graph.output(`gradient.${layer.linear}.weight`, 'F32', [layer.outputs, layer.inputs]);
      if (layer.norm === null) this.#sumRows(gradient, `${layer.linear}.bias`, layer.outputs);
      if (index > 0) gradient = graph.node('MatMul', [gradient, `${layer.linear}.weight`]);
    }
    return graph.serialise(OPSET_VERSION);
  }

  /** Batch norm by the batch's own statistics, ReLU and dropout; the running statistics follow. */
  #normalise(value: string, norm: string, width: number, layerIndex: number) {
    const graph = this.#graph;
    const mean = this.#meanRows(value);
    const centred = graph.node('Sub', [value, mean]);
    const variance = this.#meanRows(graph.node('Mul', [centred, centred]));
    const inverseDeviation = graph.node('Reciprocal', [
      graph.node('Sqrt', [graph.node('Add', [variance, this.#constant(batchNormEpsilon)])]),
    ]);
    const centredScaled = graph.node('Mul', [centred, inverseDeviation]);
    const scaled = graph.node('Mul', [centredScaled, `${norm}.weight`]);
    const activation = graph.node('Relu', [graph.node('Add', [scaled, `${norm}.bias`])]);

    this.#follow(`${norm}.running_mean`, mean, width);
    // PyTorch normalises with the variance of the batch and remembers the estimate of the whole's.
    this.#follow(`${norm}.running_var`, graph.node('Mul', [variance, 'varianceCorrection']), width);

    let mask: string | null = null;
    let output = activation;
    if ((this.#recipe.dropout[layerIndex] ?? 0) > 0) {
      mask = graph.input(`mask.${layerIndex}`, 'F32', ['batch', width]);
      output = graph.node('Mul', [activation, mask]);
    }
    return { value: output, norm: { centredScaled, inverseDeviation, activation, mask } };
  }

  #follow(running: string, current: string, width: number): void {
    const graph = this.#graph;
    const kept = graph.node('Mul', [running, this.#constant(1 - batchNormMomentum)]);
    const flat = graph.node('Reshape', [current, graph.integers([width])]);
    const added = graph.node('Mul', [flat, this.#constant(batchNormMomentum)]);
    graph.node('Add', [kept, added], { outputs: [`next.${running}`] });
    graph.output(`next.${running}`, 'F32', [width]);
  }

  #normaliseBackward(
    gradient: string,
    norm: string,
    width: number,
    trace: NonNullable<ForwardTrace['norm']>,
  ): string {
    const graph = this.#graph;
    const unmasked = trace.mask === null ? gradient : graph.node('Mul', [gradient, trace.mask]);
    const isActive = graph.node('Greater', [trace.activation, this.#constant(0)]);
    const active = graph.node('Where', [isActive, unmasked, this.#constant(0)]);
    const products = graph.node('Mul', [active, trace.centredScaled]);
    const weightGradient = this.#sumRows(products, `${norm}.weight`, width);
    const biasGradient = this.#sumRows(active, `${norm}.bias`, width);

    // The sums over the batch are the gradients just made; `gradientScale` is 2 / n, so half of it is 1 / n.
    const perRow = graph.node('Mul', ['gradientScale', this.#constant(0.5)]);
    const meanGradient = graph.node('Mul', [biasGradient, perRow]);
    const meanProduct = graph.node('Mul', [weightGradient, perRow]);
    const alongScaled = graph.node('Mul', [trace.centredScaled, meanProduct]);
    const centred = graph.node('Sub', [graph.node('Sub', [active, meanGradient]), alongScaled]);
    const factor = graph.node('Mul', [trace.inverseDeviation, `${norm}.weight`]);
    return graph.node('Mul', [centred, factor]);
  }

  #meanRows(value: string): string {
    return this.#graph.node('ReduceMean', [value, this.#firstAxis], { attributes: { keepdims: { int: 1 } } });
  }

  /** The sum over the batch, which is the gradient of a tensor. */
  #sumRows(value: string, tensor: string, width: number): string {
    const outputs = [`gradient.${tensor}`];
    this.#graph.output(`gradient.${tensor}`, 'F32', [width]);
    return this.#graph.node('ReduceSum', [value, this.#firstAxis], {
      attributes: { keepdims: { int: 0 } },
      outputs,
    });
  }

  #constant(value: number): string {
    const known = this.#constants.get(value) ?? this.#graph.scalar(value);
    this.#constants.set(value, known);
    return known;
  }
}

/** The head in evaluation mode, with its tensors as inputs. */
function buildEvaluationGraph(shape: HeadShape): Uint8Array<ArrayBuffer> {
  const graph = new OnnxGraphBuilder('head-evaluation');
  let value = graph.input('features', 'F32', ['batch', shape.inputSize]);
  for (const tensor of listTensors(shape)) graph.input(tensor.name, 'F32', tensor.shape);
  for (const { linear, norm } of layersOf(shape)) {
    value = graph.node('Gemm', [value, `${linear}.weight`, `${linear}.bias`], {
      attributes: { transB: { int: 1 } },
      ...(norm === null && { outputs: ['scores'] }),
    });
    if (norm === null) continue;
    const parameters = ['weight', 'bias', 'running_mean', 'running_var'].map((part) => `${norm}.${part}`);
    value = graph.node('BatchNormalization', [value, ...parameters], {
      attributes: { epsilon: { float: batchNormEpsilon } },
    });
    value = graph.node('Relu', [value]);
  }
  graph.output('scores', 'F32', ['batch', 1]);
  return graph.serialise(OPSET_VERSION);
}
