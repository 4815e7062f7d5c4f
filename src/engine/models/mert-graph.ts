/**
 * Builds the ONNX graph of a HuBERT-style encoder (MERT) from its configuration and checkpoint: waveform in,
 * hidden states and their mean over time out, large weights left in the checkpoint file.
 *
 * Source of the network: transformers' HubertModel and m-a-p's MERTModel, which differ only in ways that change
 * nothing here (`attention_relax` scales the logits down and up again).
 */
import type { EncoderGraph } from '../../shared/graphs.ts';
import { embeddingOutputName, encoderInputName, hiddenStateOutputName } from '../../shared/graphs.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { EncoderConfig, EncoderConfigs } from './encoder-config.ts';
import { receptiveFieldSamples } from './encoder-config.ts';
import { addFeatureEncoder } from './feature-encoder-graph.ts';
import { GraphWeights } from './graph-weights.ts';
import { findMertTensors } from './mert-tensors.ts';
import { OnnxGraphBuilder, onnxTypes } from './onnx-writer.ts';

/** ONNX operator set of the graph: 20 is the first with Gelu. */
const OPSET_VERSION = 20;

/**
 * The encoder as a graph for any number of samples from `minimumSamples` upwards.
 *
 * @param checkpoint all of whose needed tensors are either mappable in one folder or small
 * @throws BangerError `checkpoint-mismatch` listing every missing or mis-shaped tensor
 */
export async function buildMertGraph(configs: EncoderConfigs, checkpoint: Checkpoint): Promise<EncoderGraph> {
  const { config, preprocessor } = configs;
  const { prefix, positional } = findMertTensors(config, checkpoint);
  const graph = new OnnxGraphBuilder('mert');
  const weights = new GraphWeights(graph, checkpoint, prefix);
  const builder = new MertGraphBuilder(graph, weights, config);

  const waveform = graph.input(encoderInputName, 'F32', [1, 'samples']);
  const features = await addFeatureEncoder(graph, weights, config, waveform);
  const projected = await builder.featureProjection(features);
  const position = await builder.positionalEmbedding(projected, positional);
  const hiddenState = config.do_stable_layer_norm
    ? await builder.preNormTransformer(projected, position)
    : await builder.postNormTransformer(projected, position);

  graph.node('Unsqueeze', [hiddenState, graph.integers([0])], { outputs: [hiddenStateOutputName] });
  graph.node('ReduceMean', [hiddenState, graph.integers([0])], { outputs: [embeddingOutputName] });
  graph.output(embeddingOutputName, 'F32', [1, config.hidden_size]);
  graph.output(hiddenStateOutputName, 'F32', [1, 'frames', config.hidden_size]);

  return {
    onnx: graph.serialise(OPSET_VERSION),
    weightsFolder: weights.folder,
    sampleRateHz: preprocessor.sampling_rate,
    minimumSamples: receptiveFieldSamples(config),
    embeddingSize: config.hidden_size,
    normalizesInput: preprocessor.do_normalize,
  };
}

/**
 * The network's parts. Activations of the transformer are 2-D, (frames, hidden), so that every linear layer is
 * one Gemm over the weights as they are stored; the runtime's fused operators compute the plain ones' sums.
 */
class MertGraphBuilder {
  readonly #graph: OnnxGraphBuilder;
  readonly #weights: GraphWeights;
  readonly #config: EncoderConfig;

  constructor(graph: OnnxGraphBuilder, weights: GraphWeights, config: EncoderConfig) {
    this.#graph = graph;
    this.#weights = weights;
    this.#config = config;
  }

  /** From the feature encoder's channels to the transformer's width. */
  async featureProjection(features: string): Promise<string> {
    const normalised = this.#config.feat_proj_layer_norm
      ? await this.#layerNorm(features, 'feature_projection.layer_norm')
      : features;
    return this.#linear(normalised, 'feature_projection.projection');
  }

  /** A grouped convolution over time that stands in for a positional encoding; (frames, hidden) both ways. */
  async positionalEmbedding(
    hiddenState: string,
    names: { magnitude: string; direction: string },
  ): Promise<string> {
    const graph = this.#graph;
    const { num_conv_pos_embeddings: kernel, num_conv_pos_embedding_groups: groups } = this.#config;
    const direction = await this.#weights.add(names.direction);
    // PyTorch's weight norm with `dim=2`: one length for each position of the kernel, summed in double precision.
    // All of it is constant, so the runtime computes it once, when it loads the model.
    const doubled = graph.node('Cast', [direction], { attributes: { to: { int: onnxTypes.F64 } } });
    const length = graph.node('Cast', [graph.node('ReduceL2', [doubled, graph.integers([0, 1])])], {
      attributes: { to: { int: onnxTypes.F32 } },
    });
    const scale = graph.node('Div', [await this.#weights.add(names.magnitude), length]);
    const weight = graph.node('Mul', [direction, scale]);
    const channelsFirst = graph.node('Transpose', [hiddenState], { attributes: { perm: { ints: [1, 0] } } });
    const padding = Math.floor(kernel / 2);
    // An even kernel makes one frame too many; the reference drops the last, so it is not padded for here.
    const paddingEnd = kernel % 2 === 0 ? padding - 1 : padding;
    const convolved = graph.node(
      'Conv',
      [
        graph.node('Unsqueeze', [channelsFirst, graph.integers([0])]),
        weight,
        await this.#weights.add('encoder.pos_conv_embed.conv.bias'),
      ],
      { attributes: { group: { int: groups }, pads: { ints: [padding, paddingEnd] } } },
    );
    const activated = graph.node('Gelu', [graph.node('Squeeze', [convolved, graph.integers([0])])]);
    return graph.node('Transpose', [activated], { attributes: { perm: { ints: [1, 0] } } });
  }

  /** Transformer whose layers normalise their input (`do_stable_layer_norm`). */
  async preNormTransformer(hiddenState: string, position: string): Promise<string> {
    let residual = hiddenState;
    let update = position;
    for (let layer = 0; layer < this.#config.num_hidden_layers; layer++) {
      const name = `encoder.layers.${layer}`;
      const beforeAttention = await this.#addAndNorm(residual, update, `${name}.layer_norm`);
      update = await this.#attention(beforeAttention.normalised, `${name}.attention`);
      const beforeFeedForward = await this.#addAndNorm(
        beforeAttention.sum,
        update,
        `${name}.final_layer_norm`,
      );
      residual = beforeFeedForward.sum;
      update = await this.#feedForward(beforeFeedForward.normalised, `${name}.feed_forward`);
    }
    return (await this.#addAndNorm(residual, update, 'encoder.layer_norm')).normalised;
  }

  /** Transformer whose layers normalise their output. */
  async postNormTransformer(hiddenState: string, position: string): Promise<string> {
    let value = (await this.#addAndNorm(hiddenState, position, 'encoder.layer_norm')).normalised;
    for (let layer = 0; layer < this.#config.num_hidden_layers; layer++) {
      const name = `encoder.layers.${layer}`;
      const attended = await this.#attention(value, `${name}.attention`);
      value = (await this.#addAndNorm(value, attended, `${name}.layer_norm`)).normalised;
      const fed = await this.#feedForward(value, `${name}.feed_forward`);
      value = (await this.#addAndNorm(value, fed, `${name}.final_layer_norm`)).normalised;
    }
    return value;
  }

  async #attention(value: string, name: string): Promise<string> {
    const graph = this.#graph;
    const batched = async (part: string) =>
      graph.node('Unsqueeze', [await this.#linear(value, `${name}.${part}`), graph.integers([0])]);
    const attended = graph.node(
      'MultiHeadAttention',
      [await batched('q_proj'), await batched('k_proj'), await batched('v_proj')],
      { domain: 'com.microsoft', attributes: { num_heads: { int: this.#config.num_attention_heads } } },
    );
    return this.#linear(graph.node('Squeeze', [attended, graph.integers([0])]), `${name}.out_proj`);
  }

  async #feedForward(value: string, name: string): Promise<string> {
    const expanded = await this.#linear(value, `${name}.intermediate_dense`);
    return this.#linear(this.#graph.node('Gelu', [expanded]), `${name}.output_dense`);
  }

  async #linear(value: string, name: string): Promise<string> {
    return this.#graph.node(
      'Gemm',
      [value, await this.#weights.add(`${name}.weight`), await this.#weights.add(`${name}.bias`)],
      { attributes: { transB: { int: 1 } } },
    );
  }

  async #layerNorm(value: string, name: string): Promise<string> {
    return this.#graph.node(
      'LayerNormalization',
      [value, await this.#weights.add(`${name}.weight`), await this.#weights.add(`${name}.bias`)],
      { attributes: { axis: { int: -1 }, epsilon: { float: this.#config.layer_norm_eps } } },
    );
  }

  /** The sum of two values and its layer norm, in one operator. */
  async #addAndNorm(
    residual: string,
    update: string,
    name: string,
  ): Promise<{ sum: string; normalised: string }> {
    const sum = `${name}.sum`;
    const normalised = this.#graph.node(
      'SkipLayerNormalization',
      [residual, update, await this.#weights.add(`${name}.weight`), await this.#weights.add(`${name}.bias`)],
      {
        domain: 'com.microsoft',
        attributes: { epsilon: { float: this.#config.layer_norm_eps } },
        outputs: [`${name}.normalised`, '', '', sum],
      },
    );
    return { sum, normalised };
  }
}
