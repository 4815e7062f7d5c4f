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
  #lengths: { frames: string; padding: string } | null = null;

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
      const multiply = await this.#products.of(`${layer}.${part}`);
      projected.push(graph.node('Unsqueeze', [multiply(value), graph.integers([0])]));
      biases.push(await this.weights.add(`${layer}.${part}.bias`));
    }
    const bias = graph.node('Concat', biases, { attributes: { axis: { int: 0 } } });
    const attended = graph.node('MultiHeadAttention', [...projected, bias], {
      domain: 'com.microsoft',
      attributes: { num_heads: { int: this.shape.num_attention_heads } },
    });
    const frames = graph.node('Squeeze', [attended, graph.integers([0])]);
    const biasOf = `${layer}.out_proj`;
    const multiply = await this.#products.of(biasOf);
    return { value: multiply(frames), biasOf };
  }

  override async feedForward(value: string, layer: string): Promise<Update> {
    const graph = this.graph;
    const biasOf = `${layer}.output_dense`;
    const expand = await this.#products.of(`${layer}.intermediate_dense`);
    const bias = await this.weights.add(`${layer}.intermediate_dense.bias`);
    const contract = await this.#products.of(biasOf);
    const { hidden_size: hidden } = this.shape;
    const { frames, padding } = this.#lengthsOf(value);
    // One body for all runs, so that the runtime packs each weight once: loading takes half as long as with one copy of
    // these nodes for every run.
    const padded = graph.node('Pad', [value, padding]);
    const chunks = graph.node('Reshape', [padded, graph.integers([FEED_FORWARD_CHUNKS, -1, hidden])]);
    const updates = graph.scan(chunks, ['chunk_frames', hidden], (chunk) =>
      contract(graph.node('BiasGelu', [expand(chunk), bias], { domain: 'com.microsoft' })),
    );
    const joined = graph.node('Reshape', [updates, graph.integers([-1, hidden])]);
    return { value: graph.node('Slice', [joined, graph.integers([0]), frames, graph.integers([0])]), biasOf };
  }

  /** How many frames there are, and what Pad needs to make them a multiple of the chunks; the same for all layers. */
  #lengthsOf(value: string): { frames: string; padding: string } {
    if (this.#lengths !== null) return this.#lengths;
    const graph = this.graph;
    const frames = graph.node('Gather', [graph.node('Shape', [value]), graph.integers([0])]);
    const missing = graph.node('Mod', [graph.node('Neg', [frames]), graph.integers([FEED_FORWARD_CHUNKS])]);
    const none = graph.integers([0]);
    const padding = graph.node('Concat', [none, none, missing, none], { attributes: { axis: { int: 0 } } });
    this.#lengths = { frames, padding };
    return this.#lengths;
  }
}
