/** The checks that a model must pass before it is imported: the same that it meets when it is used. */
import { readEncoderConfigs } from './encoder-config.ts';
import { buildHeadGraph } from './head-graph.ts';
import { findMertTensors } from './mert-tensors.ts';
import type { ModelChecks } from './model-import.ts';
import { openEncoderCheckpoint } from './open-checkpoint.ts';
import { withCheckpoint } from './with-checkpoint.ts';

export const modelChecks: ModelChecks = {
  validateEncoderFolder: async (folder) => {
    const { config } = await readEncoderConfigs(folder);
    const checkpoint = await openEncoderCheckpoint(folder);
    try {
      findMertTensors(config, checkpoint);
    } finally {
      await checkpoint.close();
    }
    return { embeddingSize: config.hidden_size };
  },
  // A plain state dict does not say which encoder it was trained on.
  validateHeadFile: async (file) => {
    const { embeddingSize } = await withCheckpoint(file, buildHeadGraph);
    return { embeddingSize, encoderId: null };
  },
};
