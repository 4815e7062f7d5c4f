/** The checks that a model must pass before it is imported: the same that it meets when it is used. */
import { readEncoderConfigs } from './encoder-config.ts';
import { readHeadCard } from './head-card-file.ts';
import { buildHeadGraph } from './head-graph.ts';
import { findMertTensors } from './mert-tensors.ts';
import { isModelId } from './model-ids.ts';
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
  // A head that was trained here says which encoder it was trained on; a plain state dict does not.
  validateHeadFile: async (file) => {
    const { embeddingSize } = await withCheckpoint(file, buildHeadGraph);
    const encoderId = (await readHeadCard(file))?.encoder.id ?? null;
    return { embeddingSize, encoderId: encoderId !== null && isModelId(encoderId) ? encoderId : null };
  },
};
