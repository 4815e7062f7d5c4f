/**
 * The transformer for processors: large products, ONNX Runtime's fused operators between them, every bias added by
 * the operator that reads the product anyway.
 */
import { FusedOperators } from './fused-operators.ts';
import type { GraphWeights } from './graph-weights.ts';
import type { LinearProducts } from './linear-products.ts';
import type { OnnxGraphBuilder } from './onnx-writer.ts';
import type { TransformerShape, Update } from './transformer-operators.ts';

/**
 * Into how many runs of frames the feed-forward layers are divided. They are four times as wide as everything else:
 * in pieces, no value is larger than the residual stream, and the memory of a run hardly hangs on its length.
 */
const FEED_FORWARD_CHUNKS = 4;

export class ChunkedOperators extends FusedOperators {
  readonly #products: LinearProducts;
  #chunkBounds: { start: string; end: string }[] | null = null;

  constructor(
    graph: OnnxGraphBuilder,
    weights: GraphWeights,
    products: LinearProducts,
    shape: TransformerShape,
  ) {
    super(graph, weights, shape);
    this.#products = products;
  }

  override async attention(value: string, layer: string): Promise<Update> {
    const graph = this.graph;
    const projected: string[] = [];
    const biases: string[] = [];
    for (const part of ['q_proj', 'k_proj', 'v_proj']) {
      const product = await this.#products.multiply(value, `${layer}.${part}`);
      projected.push(graph.node('Unsqueeze', [product, graph.integers([0])]));
      biases.push(await this.weights.add(`${layer}.${part}.bias`));
    }
    const bias = graph.node('Concat', biases, { attributes: { axis: { int: 0 } } });
    const attended = graph.node('MultiHeadAttention', [...projected, bias], {
      domain: 'com.microsoft',
      attributes: { num_heads: { int: this.shape.num_attention_heads } },
    });
    const frames = graph.node('Squeeze', [attended, graph.integers([0])]);
    const biasOf = `${layer}.out_proj`;
    return { value: await this.#products.multiply(frames, biasOf), biasOf };
  }

  override async feedForward(value: string, layer: string): Promise<Update> {
    const graph = this.graph;
    const biasOf = `${layer}.output_dense`;
    const bias = await this.weights.add(`${layer}.intermediate_dense.bias`);
    const pieces: string[] = [];
    for (const { start, end } of this.#chunksOf(value)) {
      const frames = graph.node('Slice', [value, start, end, graph.integers([0])]);
      const expanded = await this.#products.multiply(frames, `${layer}.intermediate_dense`);
      const activated = graph.node('BiasGelu', [expanded, bias], { domain: 'com.microsoft' });
      pieces.push(await this.#products.multiply(activated, biasOf));
    }
    return { value: graph.node('Concat', pieces, { attributes: { axis: { int: 0 } } }), biasOf };
  }

  /** Where each run of frames begins and ends; the same for all layers. The last ones of a short song are empty. */
  #chunksOf(value: string): { start: string; end: string }[] {
    if (this.#chunkBounds !== null) return this.#chunkBounds;
    const graph = this.graph;
    const frames = graph.node('Gather', [graph.node('Shape', [value]), graph.integers([0])]);
    const chunkFrames = graph.node('Div', [
      graph.node('Add', [frames, graph.integers([FEED_FORWARD_CHUNKS - 1])]),
      graph.integers([FEED_FORWARD_CHUNKS]),
    ]);
    this.#chunkBounds = Array.from({ length: FEED_FORWARD_CHUNKS }, (_, chunk) => {
      const start = graph.node('Mul', [chunkFrames, graph.integers([chunk])]);
      return { start, end: graph.node('Add', [start, chunkFrames]) };
    });
    return this.#chunkBounds;
  }
}
