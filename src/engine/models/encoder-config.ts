/** Reads an encoder's `config.json` and `preprocessor_config.json` and refuses what the graph cannot express. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { BangerError } from '../../shared/errors.ts';

const MAXIMUM_JSON_BYTES = 16 * 2 ** 20;

const positiveInteger = z.int().positive().max(1_000_000);

/** The fields of `config.json` that shape the network; defaults are those of transformers' HubertConfig. */
export const encoderConfigSchema = z
  .object({
    model_type: z.string(),
    hidden_size: positiveInteger.default(768),
    num_hidden_layers: z.int().positive().max(1000).default(12),
    num_attention_heads: positiveInteger.default(12),
    intermediate_size: positiveInteger.default(3072),
    hidden_act: z.string().default('gelu'),
    layer_norm_eps: z.number().positive().default(1e-5),
    feat_extract_norm: z.string().default('group'),
    feat_extract_activation: z.string().default('gelu'),
    feat_proj_layer_norm: z.boolean().default(true),
    conv_dim: z.array(positiveInteger).min(1).max(64).default([512, 512, 512, 512, 512, 512, 512]),
    conv_stride: z.array(positiveInteger).min(1).max(64).default([5, 2, 2, 2, 2, 2, 2]),
    conv_kernel: z.array(positiveInteger).min(1).max(64).default([10, 3, 3, 3, 3, 2, 2]),
    conv_bias: z.boolean().default(false),
    num_conv_pos_embeddings: positiveInteger.default(128),
    num_conv_pos_embedding_groups: positiveInteger.default(16),
    conv_pos_batch_norm: z.boolean().default(false),
    do_stable_layer_norm: z.boolean().default(false),
    deepnorm: z.boolean().default(false),
    feature_extractor_cqt: z.boolean().default(false),
  })
  .readonly();

export type EncoderConfig = z.infer<typeof encoderConfigSchema>;

/** The fields of `preprocessor_config.json` that shape the input; defaults are Wav2Vec2FeatureExtractor's. */
const preprocessorConfigSchema = z
  .object({
    sampling_rate: z.int().min(1000).max(384_000).default(16_000),
    feature_size: z.int().default(1),
    do_normalize: z.boolean().default(true),
  })
  .readonly();

export type PreprocessorConfig = z.infer<typeof preprocessorConfigSchema>;

export interface EncoderConfigs {
  config: EncoderConfig;
  preprocessor: PreprocessorConfig;
}

/**
 * Reads and checks both configuration files of an encoder's folder.
 *
 * @throws BangerError `model-missing` where a file is not there, `checkpoint-corrupt` where it is not what its
 *   schema says, `model-unsupported` where it asks for a network this product cannot build, naming the field
 */
export async function readEncoderConfigs(folder: string): Promise<EncoderConfigs> {
  const config = await readJson(join(folder, 'config.json'), encoderConfigSchema);
  const preprocessor = await readJson(join(folder, 'preprocessor_config.json'), preprocessorConfigSchema);
  const unsupported = unsupportedFields(config, preprocessor);
  if (unsupported.length > 0) {
    throw new BangerError(
      'model-unsupported',
      `This encoder needs what is not supported here: ${unsupported.join('; ')}.`,
      { file: folder, nextStep: 'Use MERT-v1-330M, MERT-v1-95M or another plain HuBERT-style checkpoint.' },
    );
  }
  return { config, preprocessor };
}

/** Samples that one frame of the last convolution sees; fewer make no frame (400 for MERT). */
export function receptiveFieldSamples(config: EncoderConfig): number {
  let samples = 1;
  for (let layer = config.conv_kernel.length - 1; layer >= 0; layer--) {
    samples = (samples - 1) * (config.conv_stride[layer] ?? 1) + (config.conv_kernel[layer] ?? 1);
  }
  return samples;
}

/** How many rows a clip has after each layer of the front end, frames after the last; for `receptiveFieldSamples` or more. */
export function rowCounts(config: EncoderConfig, samples: number): number[] {
  let rows = samples;
  return config.conv_kernel.map((kernel, layer) => {
    rows = Math.floor((rows - kernel) / (config.conv_stride[layer] ?? 1)) + 1;
    return rows;
  });
}

function unsupportedFields(config: EncoderConfig, preprocessor: PreprocessorConfig): string[] {
  const layers = config.conv_dim.length;
  const problems: [boolean, string][] = [
    [!['mert_model', 'hubert'].includes(config.model_type), `model_type "${config.model_type}"`],
    [config.feature_extractor_cqt, 'feature_extractor_cqt (a constant-Q front end)'],
    [config.deepnorm, 'deepnorm (scaled residuals)'],
    [config.conv_pos_batch_norm, 'conv_pos_batch_norm (batch norm in the positional convolution)'],
    [config.hidden_act !== 'gelu', `hidden_act "${config.hidden_act}"`],
    [
      config.feat_extract_activation !== 'gelu',
      `feat_extract_activation "${config.feat_extract_activation}"`,
    ],
    [
      !['group', 'layer'].includes(config.feat_extract_norm),
      `feat_extract_norm "${config.feat_extract_norm}"`,
    ],
    [
      config.conv_stride.length !== layers || config.conv_kernel.length !== layers,
      'conv_dim, conv_stride and conv_kernel of different lengths',
    ],
    [
      config.hidden_size % config.num_attention_heads !== 0,
      `hidden_size ${config.hidden_size} that num_attention_heads ${config.num_attention_heads} does not divide`,
    ],
    [
      config.hidden_size % config.num_conv_pos_embedding_groups !== 0,
      `hidden_size ${config.hidden_size} that num_conv_pos_embedding_groups does not divide`,
    ],
    [preprocessor.feature_size !== 1, `feature_size ${preprocessor.feature_size}`],
  ];
  return problems.filter(([isProblem]) => isProblem).map(([, text]) => text);
}

async function readJson<Schema extends z.ZodType>(file: string, schema: Schema): Promise<z.output<Schema>> {
  let text: string;
  try {
    // A configuration is a file of kilobytes; whatever is larger, or a pipe without end, is something else.
    const entry = await stat(file);
    text = entry.isFile() && entry.size <= MAXIMUM_JSON_BYTES ? await readFile(file, 'utf8') : '';
  } catch (cause) {
    throw new BangerError('model-missing', 'A file that every encoder needs cannot be read.', {
      file,
      cause,
      nextStep: 'Download or copy the whole folder of the checkpoint, including its two JSON files.',
      details: String(cause),
    });
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new BangerError('checkpoint-corrupt', 'A configuration file of the encoder is not valid.', {
      file,
      cause,
      nextStep: 'Download the checkpoint again.',
      details: cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause),
    });
  }
}
