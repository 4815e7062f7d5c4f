/**
 * The graph of HuBERT's convolutional feature encoder as convolutions, from samples to frames: for graphics cards and
 * other hardware that has convolutions of its own, and memory for a whole song.
 */
import type { EncoderConfig } from './encoder-config.ts';
import type { ComputeType, GraphWeights } from './graph-weights.ts';
import type { OnnxGraphBuilder } from './onnx-writer.ts';

/** PyTorch's default epsilon, which these norms use whatever `layer_norm_eps` says. */
const NORM_EPSILON = 1e-5;

/**
 * Adds the feature encoder. Its first layer, a thousandth of the work, is always computed in float32: there the
 * samples come as they are, and the group norm sums over the whole song.
 *
 * @param waveform name of the samples, (1, samples), float32
 * @param computeType what all other layers are computed in
 * @param gelu how this form of graph writes that activation
 * @returns the name of the frames, (frames, channels of the last layer)
 */
export async function addConvFeatureEncoder(
  graph: OnnxGraphBuilder,
  weights: GraphWeights,
  config: EncoderConfig,
  waveform: string,
  { computeType, gelu }: { computeType: ComputeType; gelu: (value: string) => string },
): Promise<string> {
  let value = graph.node('Unsqueeze', [waveform, graph.integers([1])]);
  for (const [layer, stride] of config.conv_stride.entries()) {
    const type = layer === 0 ? 'F32' : computeType;
    const name = `feature_extractor.conv_layers.${layer}`;
    const inputs = [value, await weights.add(`${name}.conv.weight`, type)];
    if (config.conv_bias) inputs.push(await weights.add(`${name}.conv.bias`, type));
    value = graph.node('Conv', inputs, {
      attributes: { kernel_shape: { ints: [config.conv_kernel[layer] ?? 1] }, strides: { ints: [stride] } },
    });
    const norm = async () => [
      await weights.add(`${name}.layer_norm.weight`, type),
      await weights.add(`${name}.layer_norm.bias`, type),
    ];
    if (config.feat_extract_norm === 'layer') value = addLayerNorm(graph, value, await norm());
    else if (layer === 0) {
      value = graph.node('InstanceNormalization', [value, ...(await norm())], {
        attributes: { epsilon: { float: NORM_EPSILON } },
      });
    }
    if (layer === 0 && computeType !== 'F32') {
      value = graph.cast(value, computeType);
    }
    value = gelu(value);
  }
  const channelsLast = graph.node('Transpose', [value], { attributes: { perm: { ints: [0, 2, 1] } } });
  return graph.node('Squeeze', [channelsLast, graph.integers([0])]);
}

/** A norm over channels, which stand in the middle. */
function addLayerNorm(graph: OnnxGraphBuilder, value: string, norm: string[]): string {
  const swap = (from: string) =>
    graph.node('Transpose', [from], { attributes: { perm: { ints: [0, 2, 1] } } });
  const normalised = graph.node('LayerNormalization', [swap(value), ...norm], {
    attributes: { axis: { int: -1 }, epsilon: { float: NORM_EPSILON } },
  });
  return swap(normalised);
}
