/** Which tensors a MERT checkpoint must hold, by name and shape, and the check that it does. */
import { BangerError } from '../../shared/errors.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { EncoderConfig } from './encoder-config.ts';

/** The two names under which PyTorch has stored a weight-normalised convolution: magnitude, then direction. */
const positionalWeightNames = [
  ['weight_g', 'weight_v'],
  ['parametrizations.weight.original0', 'parametrizations.weight.original1'],
] as const;

const POSITIONAL_CONV = 'encoder.pos_conv_embed.conv';

/** The tensors of one checkpoint under the names that the graph builder uses. */
export interface MertTensors {
  /** What stands before every name in the checkpoint, such as `hubert.`; often nothing. */
  prefix: string;
  /** Names, without the prefix, of the positional convolution's weight norm: (1, 1, kernel) and (hidden, hidden / groups, kernel). */
  positional: { magnitude: string; direction: string };
  /** Every needed name with its prefix. */
  needed: string[];
  /** Tensors that the network does not use: masking, pre-training heads, optimiser state. */
  ignored: string[];
}

/**
 * How the linear layers of the transformer are stored: as in a checkpoint, (outputs, inputs), or rounded to bytes,
 * (inputs, outputs), with one scale for each output beside them.
 */
export type LinearLayout = 'stored' | 'rounded';

/** What stands behind a weight's name where its scales lie. */
export const scaleSuffix = '_scale';

/**
 * Finds the network's tensors in a checkpoint.
 *
 * @throws BangerError `checkpoint-mismatch` with every missing or mis-shaped tensor in `details`
 */
export function findMertTensors(
  config: EncoderConfig,
  checkpoint: Checkpoint,
  layout: LinearLayout = 'stored',
): MertTensors {
  const prefix = findPrefix(checkpoint);
  const [magnitude, direction] =
    positionalWeightNames.find(([name]) => checkpoint.tensors.has(`${prefix}${POSITIONAL_CONV}.${name}`)) ??
    positionalWeightNames[0];
  const positional = {
    magnitude: `${POSITIONAL_CONV}.${magnitude}`,
    direction: `${POSITIONAL_CONV}.${direction}`,
  };

  const shapes = mertTensorShapes(config, positional);
  if (layout === 'rounded') {
    for (const name of transformerWeightNames(config)) {
      const [outputs = 0, inputs = 0] = shapes.get(name) ?? [];
      shapes.set(name, [inputs, outputs]).set(name + scaleSuffix, [outputs]);
    }
  }
  const problems: string[] = [];
  for (const [name, shape] of shapes) {
    const tensor = checkpoint.tensors.get(prefix + name);
    if (tensor === undefined) problems.push(`${prefix}${name} is missing`);
    else if (tensor.shape.join() !== shape.join()) {
      problems.push(
        `${prefix}${name} has shape [${tensor.shape.join(', ')}], expected [${shape.join(', ')}]`,
      );
    }
  }
  if (problems.length > 0) {
    throw new BangerError(
      'checkpoint-mismatch',
      `The checkpoint does not hold the network that its config.json describes: ${problems.length} of ${shapes.size} tensors are missing or have another shape, first "${problems[0] ?? ''}".`,
      {
        file: checkpoint.path,
        nextStep: 'Check that config.json and the weights belong together.',
        details: problems.join('\n'),
      },
    );
  }

  const needed = [...shapes.keys()].map((name) => prefix + name);
  const neededSet = new Set(needed);
  const ignored = [...checkpoint.tensors.keys()].filter((name) => !neededSet.has(name));
  return { prefix, positional, needed, ignored };
}

/** Fine-tuned checkpoints keep the encoder under a name of their own, such as `hubert.`. */
function findPrefix(checkpoint: Checkpoint): string {
  const marker = 'feature_extractor.conv_layers.0.conv.weight';
  for (const name of checkpoint.tensors.keys()) {
    if (name === marker || name.endsWith(`.${marker}`)) return name.slice(0, -marker.length);
  }
  return '';
}

/** The weights of the transformer's linear layers, without prefix: nearly all of the checkpoint. */
export function transformerWeightNames(config: EncoderConfig): string[] {
  const parts = [
    ...['q_proj', 'k_proj', 'v_proj', 'out_proj'].map((part) => `attention.${part}`),
    ...['intermediate_dense', 'output_dense'].map((part) => `feed_forward.${part}`),
  ];
  return Array.from({ length: config.num_hidden_layers }, (_, layer) =>
    parts.map((part) => `encoder.layers.${layer}.${part}.weight`),
  ).flat();
}

/** The shape of every tensor that the network needs, by its name without prefix. */
export function mertTensorShapes(
  config: EncoderConfig,
  positional: MertTensors['positional'],
): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  const addNorm = (name: string, size: number) =>
    shapes.set(`${name}.weight`, [size]).set(`${name}.bias`, [size]);
  const addLinear = (name: string, outputs: number, inputs: number) =>
    shapes.set(`${name}.weight`, [outputs, inputs]).set(`${name}.bias`, [outputs]);

  let channels = 1;
  for (const [layer, size] of config.conv_dim.entries()) {
    const name = `feature_extractor.conv_layers.${layer}`;
    shapes.set(`${name}.conv.weight`, [size, channels, config.conv_kernel[layer] ?? 1]);
    if (config.conv_bias) shapes.set(`${name}.conv.bias`, [size]);
    if (config.feat_extract_norm === 'layer' || layer === 0) addNorm(`${name}.layer_norm`, size);
    channels = size;
  }

  const hidden = config.hidden_size;
  if (config.feat_proj_layer_norm) addNorm('feature_projection.layer_norm', channels);
  addLinear('feature_projection.projection', hidden, channels);

  const kernel = config.num_conv_pos_embeddings;
  shapes.set(positional.magnitude, [1, 1, kernel]);
  shapes.set(positional.direction, [hidden, hidden / config.num_conv_pos_embedding_groups, kernel]);
  shapes.set(`${POSITIONAL_CONV}.bias`, [hidden]);

  addNorm('encoder.layer_norm', hidden);
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const name = `encoder.layers.${layer}`;
    for (const part of ['q_proj', 'k_proj', 'v_proj', 'out_proj']) {
      addLinear(`${name}.attention.${part}`, hidden, hidden);
    }
    addNorm(`${name}.layer_norm`, hidden);
    addLinear(`${name}.feed_forward.intermediate_dense`, config.intermediate_size, hidden);
    addLinear(`${name}.feed_forward.output_dense`, hidden, config.intermediate_size);
    addNorm(`${name}.final_layer_norm`, hidden);
  }
  return shapes;
}
