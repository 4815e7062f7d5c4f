/**
 * The transformer in ONNX's own operators alone, and of those only what has been there for long: for providers that
 * compile whole graphs for their hardware and hand back what they do not know.
 */
import type { GraphWeights } from './graph-weights.ts';
import type { OnnxGraphBuilder } from './onnx-writer.ts';
import type { TransformerOperators, TransformerShape, Update } from './transformer-operators.ts';

export class PlainOperators implements TransformerOperators {
  readonly #graph: OnnxGraphBuilder;
  readonly #weights: GraphWeights;
  readonly #shape: TransformerShape;

  constructor(graph: OnnxGraphBuilder, weights: GraphWeights, shape: TransformerShape) {
    this.#graph = graph;
    this.#weights = weights;
    this.#shape = shape;
  }

  async linear(value: string, layer: string): Promise<string> {
    // Constant, so the runtime transposes once, when it loads the model.
    const weight = this.#transpose(await this.#weights.add(`${layer}.weight`), [1, 0]);
    const product = this.#graph.node('MatMul', [value, weight]);
    return this.#graph.node('Add', [product, await this.#weights.add(`${layer}.bias`)]);
  }

  async layerNorm(value: string, layer: string): Promise<string> {
    return this.#graph.node(
      'LayerNormalization',
      [value, await this.#weights.add(`${layer}.weight`), await this.#weights.add(`${layer}.bias`)],
      { attributes: { axis: { int: -1 }, epsilon: { float: this.#shape.layer_norm_eps } } },
    );
  }

  /** x (1 + erf(x / sqrt 2)) / 2; the operator of that name is too young for some providers. */
  gelu(value: string): string {
    const graph = this.#graph;
    const half = this.#constant(0.5);
    const error = graph.node('Erf', [graph.node('Mul', [value, this.#constant(Math.SQRT1_2)])]);
    return graph.node('Mul', [
      graph.node('Mul', [value, half]),
      graph.node('Add', [error, this.#constant(1)]),
    ]);
  }

  async attention(value: string, layer: string): Promise<Update> {
    const graph = this.#graph;
    const { hidden_size: hidden, num_attention_heads: heads } = this.#shape;
    const width = hidden / heads;
    const split = async (part: string, perm: number[]) => {
      const projected = await this.linear(value, `${layer}.${part}`);
      return this.#transpose(graph.node('Reshape', [projected, graph.integers([1, -1, heads, width])]), perm);
    };
    const query = graph.node('Mul', [
      await split('q_proj', [0, 2, 1, 3]),
      this.#constant(1 / Math.sqrt(width)),
    ]);
    const logits = graph.node('MatMul', [query, await split('k_proj', [0, 2, 3, 1])]);
    const shares = graph.node('Softmax', [logits], { attributes: { axis: { int: -1 } } });
    const attended = graph.node('MatMul', [shares, await split('v_proj', [0, 2, 1, 3])]);
    const frames = graph.node('Reshape', [
      this.#transpose(attended, [0, 2, 1, 3]),
      graph.integers([-1, hidden]),
    ]);
    return { value: await this.linear(frames, `${layer}.out_proj`), biasOf: null };
  }

  async feedForward(value: string, layer: string): Promise<Update> {
    const expanded = await this.linear(value, `${layer}.intermediate_dense`);
    return { value: await this.linear(this.gelu(expanded), `${layer}.output_dense`), biasOf: null };
  }

  async addAndNorm(
    residual: string,
    update: Update,
    layer: string,
  ): Promise<{ sum: string; normalised: string }> {
    const sum = this.#graph.node('Add', [residual, update.value]);
    return { sum, normalised: await this.layerNorm(sum, layer) };
  }

  #transpose(value: string, perm: readonly number[]): string {
    return this.#graph.node('Transpose', [value], { attributes: { perm: { ints: perm } } });
  }

  #constant(value: number): string {
    return this.#weights.constant(value);
  }
}
