/**
 * The transformer in ONNX Runtime's fused operators: as few, and as large, as can be. So it is for graphics cards that
 * know them; the form for processors differs in how it treats large products.
 */
import type { GraphWeights } from './graph-weights.ts';
import type { OnnxGraphBuilder } from './onnx-writer.ts';
import type { TransformerOperators, TransformerShape, Update } from './transformer-operators.ts';

export class FusedOperators implements TransformerOperators {
  protected readonly graph: OnnxGraphBuilder;
  protected readonly weights: GraphWeights;
  protected readonly shape: TransformerShape;

  constructor(graph: OnnxGraphBuilder, weights: GraphWeights, shape: TransformerShape) {
    this.graph = graph;
    this.weights = weights;
    this.shape = shape;
  }

  async linear(value: string, layer: string): Promise<string> {
    return this.graph.node(
      'Gemm',
      [value, await this.weights.add(`${layer}.weight`), await this.weights.add(`${layer}.bias`)],
      { attributes: { transB: { int: 1 } } },
    );
  }

  async layerNorm(value: string, layer: string): Promise<string> {
    return this.graph.node(
      'LayerNormalization',
      [value, await this.weights.add(`${layer}.weight`), await this.weights.add(`${layer}.bias`)],
      { attributes: { axis: { int: -1 }, epsilon: { float: this.shape.layer_norm_eps } } },
    );
  }

  gelu(value: string): string {
    return this.graph.node('Gelu', [value]);
  }

  async attention(value: string, layer: string): Promise<Update> {
    const graph = this.graph;
    const projected: string[] = [];
    for (const part of ['q_proj', 'k_proj', 'v_proj']) {
      const product = await this.linear(value, `${layer}.${part}`);
      projected.push(graph.node('Unsqueeze', [product, graph.integers([0])]));
    }
    const attended = graph.node('MultiHeadAttention', projected, {
      domain: 'com.microsoft',
      attributes: { num_heads: { int: this.shape.num_attention_heads } },
    });
    const frames = graph.node('Squeeze', [attended, graph.integers([0])]);
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
    const sum = `${layer}.sum`;
    const inputs = [
      residual,
      update.value,
      await this.weights.add(`${layer}.weight`),
      await this.weights.add(`${layer}.bias`),
    ];
    if (update.biasOf !== null) inputs.push(await this.weights.add(`${update.biasOf}.bias`));
    const normalised = this.graph.node('SkipLayerNormalization', inputs, {
      domain: 'com.microsoft',
      attributes: { epsilon: { float: this.shape.layer_norm_eps } },
      outputs: [`${layer}.normalised`, '', '', sum],
    });
    return { sum, normalised };
  }
}
