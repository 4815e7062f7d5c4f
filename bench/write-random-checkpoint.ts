/**
 * Writes a checkpoint with the full shape of MERT-v1-330M and a scoring head to it, both with seeded random
 * weights: 1.3 GB that cost as much time and memory as the real ones, and mean nothing.
 *
 *     node bench/write-random-checkpoint.ts [folder] [--norm group|layer]
 */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { writeAtomically } from '../src/engine/models/atomic-file.ts';
import { readEncoderConfigs } from '../src/engine/models/encoder-config.ts';
import { mertTensorShapes } from '../src/engine/models/mert-tensors.ts';
import type { TensorToWrite } from '../src/engine/models/safetensors-writer.ts';
import { writeSafetensors } from '../src/engine/models/safetensors-writer.ts';
import { randomAround } from './random-weights.ts';

/** `group` is MERT-v1-330M's own norm in the feature encoder; `layer` is what other HuBERT models have there. */
export const featureNorms = ['group', 'layer'] as const;
export type FeatureNorm = (typeof featureNorms)[number];

export interface RandomCheckpoint {
  folder: string;
  headFile: string;
}

export interface RandomCheckpointOptions {
  /** Where it lies, or is to lie; a folder below the system's temporary one by default. */
  folder?: string | undefined;
  norm?: FeatureNorm | undefined;
  onProgress?: ((progress: { bytesDone: number; bytesTotal: number }) => void) | undefined;
}

const HEAD_WIDTHS = [1024, 512, 256, 128, 1];

/** Raised whenever the same name would get other contents. */
const FORMAT_VERSION = 2;

/** Written last: a folder that has it is complete. */
const RECORD_NAME = 'random-checkpoint.json';
const recordSchema = z.object({
  version: z.literal(FORMAT_VERSION),
  norm: z.enum(featureNorms),
  weightsBytes: z.int(),
});

const positional = {
  magnitude: 'encoder.pos_conv_embed.conv.parametrizations.weight.original0',
  direction: 'encoder.pos_conv_embed.conv.parametrizations.weight.original1',
};

/** The checkpoint in its folder, written unless it is there already. */
export async function ensureRandomCheckpoint(
  options: RandomCheckpointOptions = {},
): Promise<RandomCheckpoint> {
  const norm = options.norm ?? 'group';
  const folder = resolve(options.folder ?? join(tmpdir(), 'banger-bench', `random-330m-${norm}`));
  const checkpoint = { folder, headFile: join(folder, 'head.safetensors') };
  if (await isComplete(folder, norm)) return checkpoint;

  await writeSafetensors(checkpoint.headFile, headTensors());
  await writeJson(join(folder, 'config.json'), encoderConfig(norm));
  await writeJson(join(folder, 'preprocessor_config.json'), preprocessorConfig);
  const { config } = await readEncoderConfigs(folder);
  const shapes = mertTensorShapes(config, positional);
  const { sizeBytes } = await writeSafetensors(
    join(folder, 'model.safetensors'),
    [...shapes].map(([name, shape]) => encoderTensor(name, shape)),
    { metadata: { format: 'pt' }, onProgress: options.onProgress },
  );
  await writeJson(join(folder, RECORD_NAME), { version: FORMAT_VERSION, norm, weightsBytes: sizeBytes });
  return checkpoint;
}

async function isComplete(folder: string, norm: FeatureNorm): Promise<boolean> {
  try {
    const record = recordSchema.parse(JSON.parse(await readFile(join(folder, RECORD_NAME), 'utf8')));
    const { size } = await stat(join(folder, 'model.safetensors'));
    return record.norm === norm && record.weightsBytes === size;
  } catch {
    // Whatever is wrong with what is there, writing it anew puts it right.
    return false;
  }
}

/** `config.json` as MERT-v1-330M has it, as far as it shapes the network. */
function encoderConfig(norm: FeatureNorm) {
  return {
    model_type: 'mert_model',
    architectures: ['MERTModel'],
    sample_rate: 24_000,
    hidden_size: 1024,
    num_hidden_layers: 24,
    num_attention_heads: 16,
    intermediate_size: 4096,
    hidden_act: 'gelu',
    layer_norm_eps: 1e-5,
    do_stable_layer_norm: true,
    feat_extract_norm: norm,
    feat_extract_activation: 'gelu',
    feat_proj_layer_norm: true,
    conv_dim: [512, 512, 512, 512, 512, 512, 512],
    conv_kernel: [10, 3, 3, 3, 3, 2, 2],
    conv_stride: [5, 2, 2, 2, 2, 2, 2],
    conv_bias: false,
    num_conv_pos_embeddings: 128,
    num_conv_pos_embedding_groups: 16,
    attention_relax: 32,
    deepnorm: false,
    feature_extractor_cqt: false,
  };
}

const preprocessorConfig = {
  feature_extractor_type: 'Wav2Vec2FeatureExtractor',
  feature_size: 1,
  padding_side: 'right',
  padding_value: 0,
  return_attention_mask: true,
  sampling_rate: 24_000,
  do_normalize: true,
};

/** One of the encoder's tensors, scaled so that activations neither vanish nor overflow over 24 layers. */
function encoderTensor(name: string, shape: readonly number[]): TensorToWrite {
  const [outputs = 1, ...rest] = shape;
  const inputs = product(rest);
  if (name.endsWith('layer_norm.weight')) return randomTensor(name, shape, 1, 0.1);
  if (name.endsWith('.bias')) return randomTensor(name, shape, 0, 0.02);
  if (name === positional.magnitude) {
    // The norm that every slice of the direction has by itself, so that folding changes little.
    const kernel = shape.at(-1) ?? 1;
    return randomTensor(name, shape, Math.sqrt(1024 / kernel), 0.1);
  }
  // GELU lets about half of the power through; the convolutions have no norm between them that would mend it.
  const gain = name.startsWith('feature_extractor.') ? 2 : 1;
  return randomTensor(name, [outputs, ...rest], 0, Math.sqrt(gain / inputs));
}

/** Linear, BatchNorm1d, ReLU and Dropout three times, then a last Linear, numbered as in the published head. */
function headTensors(): TensorToWrite[] {
  return HEAD_WIDTHS.slice(1).flatMap((outputs, layer) => {
    const inputs = HEAD_WIDTHS[layer] ?? 0;
    const linear = `net.${layer * 4}`;
    const tensors = [
      randomTensor(`${linear}.weight`, [outputs, inputs], 0, Math.sqrt(2 / inputs)),
      // The last bias is the middle of the scale, so that the clamp does not hide the score.
      randomTensor(`${linear}.bias`, [outputs], outputs === 1 ? 5 : 0, 0.02),
    ];
    if (outputs === 1) return tensors;
    const norm = `net.${layer * 4 + 1}`;
    return [
      ...tensors,
      randomTensor(`${norm}.weight`, [outputs], 1, 0.1),
      randomTensor(`${norm}.bias`, [outputs], 0, 0.02),
      randomTensor(`${norm}.running_mean`, [outputs], 0, 0.1),
      randomTensor(`${norm}.running_var`, [outputs], 1, 0.1),
    ];
  });
}

function randomTensor(
  name: string,
  shape: readonly number[],
  centre: number,
  deviation: number,
): TensorToWrite {
  return {
    name,
    type: 'F32',
    shape,
    readBytes: () => new Uint8Array(randomAround(name, product(shape), centre, deviation).buffer),
  };
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((result, size) => result * size, 1);
}

function writeJson(path: string, content: unknown): Promise<void> {
  return writeAtomically(path, (file) => writeFile(file, `${JSON.stringify(content, null, 2)}\n`));
}

/** Says once in a while how far the writing is, on the error output. */
export function reportWriting(): NonNullable<RandomCheckpointOptions['onProgress']> {
  let lastPercent = 0;
  return ({ bytesDone, bytesTotal }) => {
    const percent = Math.floor((bytesDone / bytesTotal) * 100);
    if (percent < lastPercent + 10) return;
    lastPercent = percent;
    process.stderr.write(`Writing random weights: ${percent} % of ${(bytesTotal / 1e9).toFixed(1)} GB\n`);
  };
}

if (import.meta.main) {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { norm: { type: 'string', default: 'group' } },
  });
  const written = await ensureRandomCheckpoint({
    folder: positionals[0],
    norm: z.enum(featureNorms).parse(values.norm),
    onProgress: reportWriting(),
  });
  process.stdout.write(`${written.folder}\n`);
}
