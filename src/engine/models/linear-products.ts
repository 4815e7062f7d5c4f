/**
 * Products of activations with the weights of a linear layer, its bias left out: as float32, or with both sides
 * rounded to bytes.
 */
import type { GraphWeights } from './graph-weights.ts';
import type { OnnxGraphBuilder, OnnxType } from './onnx-writer.ts';

export interface LinearProducts {
  /** (rows, inputs) -> (rows, outputs) */
  multiply(value: string, layer: string): Promise<string>;
}

/**
 * Products over the weights as they are stored, (outputs, inputs). `Gemm` with a bias would first fill its output
 * with it, on one thread, and then read all of it again.
 */
export class FloatProducts implements LinearProducts {
  readonly #graph: OnnxGraphBuilder;
  readonly #weights: GraphWeights;

  constructor(graph: OnnxGraphBuilder, weights: GraphWeights) {
    this.#graph = graph;
    this.#weights = weights;
  }

  async multiply(value: string, layer: string): Promise<string> {
    return this.#graph.node('FusedMatMul', [value, await this.#weights.add(`${layer}.weight`)], {
      domain: 'com.microsoft',
      attributes: { transB: { int: 1 } },
    });
  }
}

/**
 * How the bytes of weights are kept; their values are the same. Products of unsigned activations with signed weights
 * are what processors have instructions for, but the older ones among those add up in 16 bits and saturate.
 */
export type ByteWeights = 'signed' | 'unsigned';

/** Largest magnitude of a rounded weight: symmetric around zero. */
const LARGEST = 127;

/** Added to an output's scale, so that a row of nothing but zeros is not divided by zero. */
const LEAST_SCALE = 1e-30;

/**
 * Weights rounded to bytes with one scale for each output; activations are rounded when they come, with one scale and
 * zero point for each value. The weights' part is made of constants, so the runtime computes it once, when it loads
 * the model, and nothing has to be kept on disk.
 */
export class ByteProducts implements LinearProducts {
  readonly #graph: OnnxGraphBuilder;
  readonly #weights: GraphWeights;
  readonly #type: Extract<OnnxType, 'I8' | 'U8'>;
  readonly #zero: number;

  constructor(graph: OnnxGraphBuilder, weights: GraphWeights, kept: ByteWeights) {
    this.#graph = graph;
    this.#weights = weights;
    this.#type = kept === 'signed' ? 'I8' : 'U8';
    this.#zero = kept === 'signed' ? 0 : 128;
  }

  async multiply(value: string, layer: string): Promise<string> {
    const graph = this.#graph;
    const weight = await this.#weights.add(`${layer}.weight`);
    const [outputs = 0] = this.#weights.shapeOf(`${layer}.weight`);
    const largest = graph.node('ReduceMax', [graph.node('Abs', [weight]), graph.integers([1])], {
      attributes: { keepdims: { int: 0 } },
    });
    const scale = graph.node('Add', [
      graph.node('Div', [largest, graph.scalar(LARGEST)]),
      graph.scalar(LEAST_SCALE),
    ]);
    const zeroPoint = graph.inlineWeight(
      `${layer}.zero_point`,
      this.#type,
      [outputs],
      new Uint8Array(outputs).fill(this.#zero),
    );
    const transposed = graph.node('Transpose', [weight], { attributes: { perm: { ints: [1, 0] } } });
    const rounded = graph.node('QuantizeLinear', [transposed, scale, zeroPoint], {
      attributes: { axis: { int: 1 } },
    });
    return graph.node('DynamicQuantizeMatMul', [value, rounded, scale, zeroPoint], {
      domain: 'com.microsoft',
    });
  }
}
