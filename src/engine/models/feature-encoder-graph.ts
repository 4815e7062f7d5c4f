/**
 * The graph of HuBERT's convolutional feature encoder, from samples to frames.
 *
 * Values are kept as (time, channels), where a strided convolution is one matrix product over windows of rows: that
 * runs at nearly the machine's full speed, needs no transposition for a norm over channels, and comes out as the
 * transformer wants it. The first layers make hundreds of megabytes for half a minute of sound, so the song goes
 * through all layers in a fixed number of chunks, whatever its length. See docs/decisions for the figures.
 */
import type { EncoderConfig } from './encoder-config.ts';
import { receptiveFieldSamples } from './encoder-config.ts';
import type { GraphWeights } from './graph-weights.ts';
import type { OnnxGraphBuilder } from './onnx-writer.ts';

/** PyTorch's default epsilon, which these norms use whatever `layer_norm_eps` says. */
const NORM_EPSILON = 1e-5;

/** More chunks need less memory, and more operators for a short song. */
const CHUNKS = 16;

/** What Slice takes for "up to the end". */
const END = 2 ** 40;

interface ConvLayer {
  kernel: number;
  stride: number;
  inputs: number;
  /** How many strides one kernel reaches into. */
  blocks: number;
  /** Names of the weight, (outputs, kernel * inputs), and of the bias where there is one. */
  weight: string;
  bias: string | null;
  /** Names of the weight and bias of a norm over channels, where there is one. */
  layerNorm: [string, string] | null;
}

/**
 * Adds the feature encoder.
 *
 * @param waveform name of the samples, (1, samples)
 * @returns the name of the frames, (frames, channels of the last layer)
 */
export async function addFeatureEncoder(
  graph: OnnxGraphBuilder,
  weights: GraphWeights,
  config: EncoderConfig,
  waveform: string,
): Promise<string> {
  return new FeatureEncoderBuilder(graph, weights, config).build(waveform);
}

class FeatureEncoderBuilder {
  readonly #graph: OnnxGraphBuilder;
  readonly #weights: GraphWeights;
  readonly #config: EncoderConfig;

  constructor(graph: OnnxGraphBuilder, weights: GraphWeights, config: EncoderConfig) {
    this.#graph = graph;
    this.#weights = weights;
    this.#config = config;
  }

  async build(waveform: string): Promise<string> {
    const graph = this.#graph;
    const stride = this.#config.conv_stride.reduce((product, layer) => product * layer, 1);
    const sampleCount = graph.node('Gather', [graph.node('Shape', [waveform]), graph.integers([1])]);
    const column = graph.node('Reshape', [waveform, graph.integers([-1, 1])]);
    const layers = await this.#readLayers(column);

    // Every chunk makes the same number of frames; what the last one makes too many is cut off at the end.
    const frames = this.#add(
      this.#divide(this.#add(sampleCount, -receptiveFieldSamples(this.#config)), stride),
      1,
    );
    const chunkFrames = this.#divide(this.#add(frames, CHUNKS - 1), CHUNKS);
    const chunkStride = this.#multiply(chunkFrames, stride);
    const chunkLength = this.#add(chunkStride, inputRows(layers, 1) - stride);
    const padded = this.#padTo(column, sampleCount, [this.#multiply(chunkStride, CHUNKS - 1), chunkLength]);

    const chunks: string[] = [];
    for (let chunk = 0; chunk < CHUNKS; chunk++) {
      const start = this.#multiply(chunkStride, chunk);
      const end = graph.node('Add', [start, chunkLength]);
      let value = graph.node('Slice', [padded, start, end, graph.integers([0])]);
      for (const layer of layers) value = this.#convolve(value, layer);
      chunks.push(value);
    }
    const joined = graph.node('Concat', chunks, { attributes: { axis: { int: 0 } } });
    return graph.node('Slice', [joined, graph.integers([0]), frames, graph.integers([0])]);
  }

  async #readLayers(column: string): Promise<ConvLayer[]> {
    const graph = this.#graph;
    const { conv_dim, conv_kernel, conv_stride, conv_bias, feat_extract_norm } = this.#config;
    const layers: ConvLayer[] = [];
    for (const [index, outputs] of conv_dim.entries()) {
      const name = `feature_extractor.conv_layers.${index}`;
      const kernel = conv_kernel[index] ?? 1;
      const stride = conv_stride[index] ?? 1;
      const inputs = conv_dim[index - 1] ?? 1;
      // Stored with the kernel innermost; the runtime rearranges it once, when it loads the model.
      const rearranged = graph.node('Transpose', [await this.#weights.add(`${name}.conv.weight`)], {
        attributes: { perm: { ints: [0, 2, 1] } },
      });
      const layer: ConvLayer = {
        kernel,
        stride,
        inputs,
        blocks: Math.ceil(kernel / stride),
        weight: graph.node('Reshape', [rearranged, graph.integers([outputs, kernel * inputs])]),
        bias: null,
        layerNorm: null,
      };
      if (feat_extract_norm === 'group' && index === 0) {
        layers.push(await this.#foldGroupNorm(column, layer, `${name}.layer_norm`));
        continue;
      }
      if (conv_bias) layer.bias = await this.#weights.add(`${name}.conv.bias`);
      if (feat_extract_norm === 'layer') {
        layer.layerNorm = [
          await this.#weights.add(`${name}.layer_norm.weight`),
          await this.#weights.add(`${name}.layer_norm.bias`),
        ];
      }
      layers.push(layer);
    }
    return layers;
  }

  /** One layer with its norm and activation: (rows, inputs) -> (fewer rows, outputs). */
  #convolve(value: string, layer: ConvLayer): string {
    const graph = this.#graph;
    const inputs = [this.#windows(value, layer), layer.weight];
    if (layer.bias !== null) inputs.push(layer.bias);
    const convolved = graph.node('Gemm', inputs, { attributes: { transB: { int: 1 } } });
    if (layer.layerNorm === null) return graph.node('Gelu', [convolved]);
    const normalised = graph.node('LayerNormalization', [convolved, ...layer.layerNorm], {
      attributes: { axis: { int: -1 }, epsilon: { float: NORM_EPSILON } },
    });
    return graph.node('Gelu', [normalised]);
  }

  /**
   * What each output sees, (windows, kernel * inputs). The rows, a multiple of the stride, are taken in blocks of one
   * stride; a window is a block and the beginning of those that follow it.
   */
  #windows(value: string, { kernel, stride, inputs, blocks }: ConvLayer): string {
    const graph = this.#graph;
    const rows = graph.node('Reshape', [value, graph.integers([-1, stride * inputs])]);
    if (blocks === 1 && kernel === stride) return rows;
    const pieces = Array.from({ length: blocks }, (_, block) => {
      const fromEnd = blocks - 1 - block;
      const width = Math.min(stride, kernel - block * stride) * inputs;
      return graph.node('Slice', [
        rows,
        graph.integers([block, 0]),
        graph.integers([fromEnd === 0 ? END : -fromEnd, width]),
        graph.integers([0, 1]),
      ]);
    });
    return graph.node('Concat', pieces, { attributes: { axis: { int: 1 } } });
  }

  /**
   * Puts the norm of every channel over time into the layer's weights. Mean and variance of each output follow from
   * those of the windows, a few numbers; in double precision, because a filter may take away most of what it sees.
   */
  async #foldGroupNorm(column: string, layer: ConvLayer, name: string): Promise<ConvLayer> {
    const graph = this.#graph;
    const toDouble = (value: string) => graph.cast(value, 'F64');
    const toFloat = (value: string) => graph.cast(value, 'F32');
    const firstAxis = graph.integers([0]);
    const lastAxis = graph.integers([1]);

    const windows = toDouble(this.#windows(this.#wholeBlocks(column, layer), layer));
    const mean = graph.node('ReduceMean', [windows, firstAxis]);
    const centred = graph.node('Sub', [windows, mean]);
    const transposed = graph.node('Transpose', [centred], { attributes: { perm: { ints: [1, 0] } } });
    const windowCount = toDouble(graph.node('Gather', [graph.node('Shape', [windows]), firstAxis]));
    const covariance = graph.node('Div', [graph.node('MatMul', [transposed, centred]), windowCount]);

    const weight = toDouble(layer.weight);
    const outputMean = graph.node('ReduceSum', [graph.node('Mul', [weight, mean]), lastAxis]);
    const outputVariance = graph.node('ReduceSum', [
      graph.node('Mul', [graph.node('MatMul', [weight, covariance]), weight]),
      lastAxis,
    ]);
    const epsilon = toDouble(graph.scalar(NORM_EPSILON));
    const deviation = graph.node('Sqrt', [graph.node('Add', [outputVariance, epsilon])]);
    const asColumn = async (part: string) =>
      graph.node('Unsqueeze', [toDouble(await this.#weights.add(`${name}.${part}`)), lastAxis]);
    const scale = graph.node('Div', [await asColumn('weight'), deviation]);
    const shift = graph.node('Sub', [await asColumn('bias'), graph.node('Mul', [outputMean, scale])]);
    return {
      ...layer,
      weight: toFloat(graph.node('Mul', [weight, scale])),
      // The convolution's own bias is the same at all times, so the norm takes it away.
      bias: toFloat(graph.node('Squeeze', [shift, lastAxis])),
    };
  }

  /** The samples that complete windows see, filled up or cut to a multiple of the stride. */
  #wholeBlocks(column: string, { kernel, stride, blocks }: ConvLayer): string {
    const graph = this.#graph;
    const missing = blocks * stride - kernel;
    const filled = missing === 0 ? column : graph.node('Pad', [column, graph.integers([0, 0, missing, 0])]);
    const length = graph.node('Gather', [graph.node('Shape', [filled]), graph.integers([0])]);
    const whole = this.#multiply(this.#divide(length, stride), stride);
    return graph.node('Slice', [filled, graph.integers([0]), whole, graph.integers([0])]);
  }

  /** Appends zeros until there are as many samples as the sum of `lengths`. */
  #padTo(column: string, sampleCount: string, lengths: [string, string]): string {
    const graph = this.#graph;
    const missing = graph.node('Sub', [graph.node('Add', lengths), sampleCount]);
    const zero = graph.integers([0]);
    const pads = graph.node('Concat', [zero, zero, graph.node('Max', [missing, zero]), zero], {
      attributes: { axis: { int: 0 } },
    });
    return graph.node('Pad', [column, pads]);
  }

  #add(value: string, other: number): string {
    return this.#graph.node('Add', [value, this.#graph.integers([other])]);
  }

  #multiply(value: string, other: number): string {
    return this.#graph.node('Mul', [value, this.#graph.integers([other])]);
  }

  /** Rounded towards zero, which is down: no length here is negative. */
  #divide(value: string, other: number): string {
    return this.#graph.node('Div', [value, this.#graph.integers([other])]);
  }
}

/** Rows that go into the first layer so that the last one makes `frames`, in whole blocks of every stride. */
function inputRows(layers: readonly ConvLayer[], frames: number): number {
  return layers.reduceRight((rows, { stride, blocks }) => (rows + blocks - 1) * stride, frames);
}
