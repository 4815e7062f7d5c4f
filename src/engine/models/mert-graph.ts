/**
 * Builds the ONNX graph of a HuBERT-style encoder (MERT) from its configuration and checkpoint: waveform in,
 * hidden states and their mean over time out, large weights left in the checkpoint file.
 *
 * Source of the network: transformers' HubertModel and m-a-p's MERTModel, which differ only in ways that change
 * nothing here (`attention_relax` scales the logits down and up again).
 */
import { referenceWindow } from '../../shared/audio.ts';
import type { EncoderGraph, GraphForm } from '../../shared/graphs.ts';
import { embeddingOutputName, encoderInputName, hiddenStateOutputName } from '../../shared/graphs.ts';
import type { Checkpoint } from './checkpoint.ts';
import { ChunkedOperators } from './chunked-operators.ts';
import { addConvFeatureEncoder } from './conv-feature-encoder-graph.ts';
import type { EncoderConfig, EncoderConfigs } from './encoder-config.ts';
import { receptiveFieldSamples, rowCounts } from './encoder-config.ts';
import { addFeatureEncoder } from './feature-encoder-graph.ts';
import { FusedOperators } from './fused-operators.ts';
import type { ComputeType } from './graph-weights.ts';
import { GraphWeights } from './graph-weights.ts';
import { ByteProducts, FloatProducts } from './linear-products.ts';
import type { MertTensors } from './mert-tensors.ts';
import { findMertTensors } from './mert-tensors.ts';
import { OnnxGraphBuilder } from './onnx-writer.ts';
import { PlainOperators } from './plain-operators.ts';
import type { TransformerOperators, Update } from './transformer-operators.ts';

/** ONNX operator set of the graph: 20 is the first with Gelu. */
const OPSET_VERSION = 20;

/** What the graph is written for. */
export type MertGraphOptions =
  | { form: GraphForm; computeType: ComputeType }
  /** The linear layers of the transformer with both sides rounded to bytes; for a rounded checkpoint. */
  | { form: 'chunked'; computeType: 'F32'; layout: 'rounded' };

/**
 * The encoder as a graph for any number of samples from `minimumSamples` upwards, and in the plain form as one for the
 * full window besides.
 *
 * @param checkpoint all of whose needed tensors are either mappable in one folder or small
 * @throws BangerError `checkpoint-mismatch` listing every missing or mis-shaped tensor
 */
export async function buildMertGraph(
  configs: EncoderConfigs,
  checkpoint: Checkpoint,
  options: MertGraphOptions = { form: 'chunked', computeType: 'F32' },
): Promise<EncoderGraph> {
  const { config, preprocessor } = configs;
  const { prefix, positional } = findMertTensors(
    config,
    checkpoint,
    isRounded(options) ? 'rounded' : 'stored',
  );
  const write = (sampleCount: number | null) =>
    writeMertModel(config, checkpoint, { ...options, prefix, positional, sampleCount });
  const windowSamples = Math.round(referenceWindow.lengthSeconds * preprocessor.sampling_rate);
  const { onnx, weightsFolder } = await write(null);
  return {
    onnx,
    // Providers that compile whole graphs hand values of unknown length back to the processor, or compile anew.
    window:
      options.form === 'plain'
        ? { onnx: (await write(windowSamples)).onnx, sampleCount: windowSamples }
        : null,
    weightsFolder,
    sampleRateHz: preprocessor.sampling_rate,
    minimumSamples: receptiveFieldSamples(config),
    embeddingSize: config.hidden_size,
    normalizesInput: preprocessor.do_normalize,
  };
}

/** What one model of an encoder is written for. */
type MertModelOptions = MertGraphOptions &
  Pick<MertTensors, 'prefix' | 'positional'> & {
    /** The one length that it takes, null for any. */
    sampleCount: number | null;
  };

async function writeMertModel(
  config: EncoderConfig,
  checkpoint: Checkpoint,
  options: MertModelOptions,
): Promise<{ onnx: Uint8Array; weightsFolder: string | null }> {
  const { form, computeType, prefix, positional, sampleCount } = options;
  const graph = new OnnxGraphBuilder('mert');
  const weights = new GraphWeights(graph, checkpoint, prefix, computeType);
  const operators = operatorsOf(graph, weights, config, options);
  const builder = new MertGraphBuilder(graph, weights, config, operators);

  const waveform = graph.input(encoderInputName, 'F32', [1, sampleCount ?? 'samples']);
  const features =
    form === 'chunked'
      ? await addFeatureEncoder(graph, weights, config, waveform)
      : await addConvFeatureEncoder(graph, weights, config, waveform, {
          computeType,
          gelu: (value) => operators.gelu(value),
        });
  const projected = await builder.featureProjection(features);
  const position = await builder.positionalEmbedding(projected, positional);
  const last = config.do_stable_layer_norm
    ? await builder.preNormTransformer(projected, position)
    : await builder.postNormTransformer(projected, position);
  const hiddenState = computeType === 'F32' ? last : graph.cast(last, 'F32');

  graph.node('Unsqueeze', [hiddenState, graph.integers([0])], { outputs: [hiddenStateOutputName] });
  graph.node('ReduceMean', [hiddenState, graph.integers([0])], { outputs: [embeddingOutputName] });
  graph.output(embeddingOutputName, 'F32', [1, config.hidden_size]);
  const frames = sampleCount === null ? undefined : rowCounts(config, sampleCount).at(-1);
  graph.output(hiddenStateOutputName, 'F32', [1, frames ?? 'frames', config.hidden_size]);
  return { onnx: graph.serialise(OPSET_VERSION), weightsFolder: weights.folder };
}

function operatorsOf(
  graph: OnnxGraphBuilder,
  weights: GraphWeights,
  config: EncoderConfig,
  options: MertGraphOptions,
): TransformerOperators {
  if (options.form === 'fused') return new FusedOperators(graph, weights, config);
  if (options.form === 'plain') return new PlainOperators(graph, weights, config);
  const products = isRounded(options) ? new ByteProducts(graph, weights) : new FloatProducts(graph, weights);
  return new ChunkedOperators(graph, weights, products, config);
}

function isRounded(options: MertGraphOptions): boolean {
  return 'layout' in options;
}

/** The network's parts; values of the transformer are 2-D, (frames, hidden). */
class MertGraphBuilder {
  readonly #graph: OnnxGraphBuilder;
  readonly #weights: GraphWeights;
  readonly #config: EncoderConfig;
  readonly #operators: TransformerOperators;

  constructor(
    graph: OnnxGraphBuilder,
    weights: GraphWeights,
    config: EncoderConfig,
    operators: TransformerOperators,
  ) {
    this.#graph = graph;
    this.#weights = weights;
    this.#config = config;
    this.#operators = operators;
  }

  /** From the feature encoder's channels to the transformer's width. */
  async featureProjection(features: string): Promise<string> {
    const normalised = this.#config.feat_proj_layer_norm
      ? await this.#operators.layerNorm(features, 'feature_projection.layer_norm')
      : features;
    return this.#operators.linear(normalised, 'feature_projection.projection');
  }

  /** A grouped convolution over time that stands in for a positional encoding; (frames, hidden) both ways. */
  async positionalEmbedding(
    hiddenState: string,
    names: { magnitude: string; direction: string },
  ): Promise<string> {
    const graph = this.#graph;
    const { num_conv_pos_embeddings: kernel, num_conv_pos_embedding_groups: groups } = this.#config;
    const direction = await this.#weights.add(names.direction, 'F32');
    // PyTorch's weight norm with `dim=2`: one length for each position of the kernel, summed in double precision.
    // All of it is constant, so the runtime computes it once, when it loads the model.
    const doubled = graph.cast(direction, 'F64');
    const length = graph.cast(graph.node('ReduceL2', [doubled, graph.integers([0, 1])]), 'F32');
    const scale = graph.node('Div', [await this.#weights.add(names.magnitude, 'F32'), length]);
    const weight = this.#weights.fromFloat(graph.node('Mul', [direction, scale]));
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
    const activated = this.#operators.gelu(graph.node('Squeeze', [convolved, graph.integers([0])]));
    return graph.node('Transpose', [activated], { attributes: { perm: { ints: [1, 0] } } });
  }

  /** Transformer whose layers normalise their input (`do_stable_layer_norm`). */
  async preNormTransformer(hiddenState: string, position: string): Promise<string> {
    const operators = this.#operators;
    let residual = hiddenState;
    let update: Update = { value: position, biasOf: null };
    for (let layer = 0; layer < this.#config.num_hidden_layers; layer++) {
      const name = `encoder.layers.${layer}`;
      const beforeAttention = await operators.addAndNorm(residual, update, `${name}.layer_norm`);
      update = await operators.attention(beforeAttention.normalised, `${name}.attention`);
      const beforeFeedForward = await operators.addAndNorm(
        beforeAttention.sum,
        update,
        `${name}.final_layer_norm`,
      );
      residual = beforeFeedForward.sum;
      update = await operators.feedForward(beforeFeedForward.normalised, `${name}.feed_forward`);
    }
    return (await operators.addAndNorm(residual, update, 'encoder.layer_norm')).normalised;
  }

  /** Transformer whose layers normalise their output. */
  async postNormTransformer(hiddenState: string, position: string): Promise<string> {
    const operators = this.#operators;
    const addAndNorm = async (residual: string, update: Update, name: string) =>
      (await operators.addAndNorm(residual, update, name)).normalised;
    let value = await addAndNorm(hiddenState, { value: position, biasOf: null }, 'encoder.layer_norm');
    for (let layer = 0; layer < this.#config.num_hidden_layers; layer++) {
      const name = `encoder.layers.${layer}`;
      const attended = await operators.attention(value, `${name}.attention`);
      value = await addAndNorm(value, attended, `${name}.layer_norm`);
      const fed = await operators.feedForward(value, `${name}.feed_forward`);
      value = await addAndNorm(value, fed, `${name}.final_layer_norm`);
    }
    return value;
  }
}
