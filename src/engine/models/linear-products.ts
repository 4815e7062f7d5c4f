/**
 * Products of activations with the weights of a linear layer, its bias left out: as float32, or with both sides
 * rounded to bytes.
 */
import type { GraphWeights } from './graph-weights.ts';
import { scaleSuffix } from './mert-tensors.ts';
import type { OnnxGraphBuilder } from './onnx-writer.ts';
import { zeroPoints } from './rounded-checkpoint.ts';

/** How the names of these products begin in a profile. */
export const linearStem = 'linear';

export interface LinearProducts {
  /** Adds a layer's weights. @returns what adds the product: (rows, inputs) -> (rows, outputs) */
  of(layer: string): Promise<(value: string) => string>;
}

/**
 * Products over the weights as they are stored, (outputs, inputs). With its bias, `Gemm` would first fill its output
 * with it, on one thread, and then read all of it again.
 */
export class FloatProducts implements LinearProducts {
  readonly #graph: OnnxGraphBuilder;
  readonly #weights: GraphWeights;

  constructor(graph: OnnxGraphBuilder, weights: GraphWeights) {
    this.#graph = graph;
    this.#weights = weights;
  }

  async of(layer: string): Promise<(value: string) => string> {
    const weight = await this.#weights.add(`${layer}.weight`);
    return (value) =>
      this.#graph.node('Gemm', [value, weight], { stem: linearStem, attributes: { transB: { int: 1 } } });
  }
}

/**
 * Weights rounded to bytes (`RoundedCheckpoint`) with one scale for each output; activations are rounded when they
 * come, with one scale and one zero point for each value.
 */
export class ByteProducts implements LinearProducts {
  readonly #graph: OnnxGraphBuilder;
  readonly #weights: GraphWeights;
  #zeroPoint: string | null = null;

  constructor(graph: OnnxGraphBuilder, weights: GraphWeights) {
    this.#graph = graph;
    this.#weights = weights;
  }

  async of(layer: string): Promise<(value: string) => string> {
    const graph = this.#graph;
    const weight = `${layer}.weight`;
    const type = await this.#weights.addBytes(weight);
    const scale = await this.#weights.add(weight + scaleSuffix);
    const zeroPoint = (this.#zeroPoint ??= graph.inlineWeight(
      'weight_zero_point',
      type,
      [],
      Uint8Array.of(zeroPoints[type]),
    ));
    return (value) =>
      graph.node('DynamicQuantizeMatMul', [value, weight, scale, zeroPoint], {
        domain: 'com.microsoft',
        stem: linearStem,
      });
  }
}
