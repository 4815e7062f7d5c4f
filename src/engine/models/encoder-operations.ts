/** Counts the floating-point operations that an encoder's matrix products need, from its configuration alone. */
import type { EncoderConfig } from './encoder-config.ts';
import { rowCounts } from './encoder-config.ts';

/** Floating-point operations by stage; a multiplication and the addition of its result count as two. */
export interface EncoderOperations {
  frames: number;
  convStack: number;
  positionalConv: number;
  linearLayers: number;
  attention: number;
  total: number;
}

/**
 * What one clip costs. Norms, activations and softmax are left out: they are under one percent of the operations,
 * and a floor may not count what a faster form could avoid.
 */
export function countEncoderOperations(config: EncoderConfig, samples: number): EncoderOperations {
  let frames = samples;
  let channels = 1;
  let convStack = 0;
  const rows = rowCounts(config, samples);
  for (const [layer, outputChannels] of config.conv_dim.entries()) {
    const kernel = config.conv_kernel[layer] ?? 1;
    frames = rows[layer] ?? 0;
    convStack += 2 * frames * outputChannels * channels * kernel;
    channels = outputChannels;
  }

  const { hidden_size: hidden, num_hidden_layers: layers } = config;
  const groupWidth = hidden / config.num_conv_pos_embedding_groups;
  const positionalConv = 2 * frames * hidden * groupWidth * config.num_conv_pos_embeddings;
  const projection = 2 * frames * channels * hidden;
  // Query, key, value and output; then into the wide layer and back.
  const linearLayers =
    projection + layers * 2 * frames * hidden * (4 * hidden + 2 * config.intermediate_size);
  // Every frame's query with every frame's key, and the weighted sum of all values.
  const attention = layers * 2 * (2 * frames * frames * hidden);
  return {
    frames,
    convStack,
    positionalConv,
    linearLayers,
    attention,
    total: convStack + positionalConv + linearLayers + attention,
  };
}
