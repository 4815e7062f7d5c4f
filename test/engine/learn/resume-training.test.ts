/** A training that is ended in the middle goes on where it was, and comes to the very same head. */
import { existsSync, truncateSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { InferenceClient } from '../../../src/engine/inference/inference-client.ts';
import { splitSongs } from '../../../src/engine/learn/split-songs.ts';
import { trainHead, type TrainHeadOptions } from '../../../src/engine/learn/train-head.ts';
import { TrainingCheckpoint } from '../../../src/engine/learn/training-checkpoint.ts';
import { referenceRecipe } from '../../../src/shared/training-recipe.ts';
import { seededBits } from '../../../src/shared/seeded-bits.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';

const inFolder = useFreshFolder();
const clients: InferenceClient[] = [];
const newClient = () => {
  const client = new InferenceClient();
  clients.push(client);
  return client;
};
afterAll(() => Promise.all(clients.map((client) => client.close())));

const bits = seededBits(3);
const songs = 200;
const embeddings = Float32Array.from({ length: songs * 8 }, () => bits() / 2 ** 31 - 1);
const labels = Float64Array.from({ length: songs }, (_, row) => 5 + 4 * (embeddings[row * 8] ?? 0));
const options = {
  embeddings,
  labels,
  split: splitSongs(songs, referenceRecipe),
  recipe: { ...referenceRecipe, widths: [16, 8], dropout: [0.3, 0.2], epochs: 8, batchSize: 32, seed: 5 },
  threads: 1,
  checkpointSeconds: 0,
} satisfies Partial<TrainHeadOptions>;

describe('a training', () => {
  test('whose process is killed after some epochs ends like one that was left alone', async () => {
    const undisturbed = await trainHead({ ...options, inference: newClient() });
    const checkpoint = new TrainingCheckpoint(inFolder('head.checkpoint'));
    const client = newClient();
    const { processId } = await client.status();
    const broken = trainHead({
      ...options,
      inference: client,
      checkpoint,
      onEpoch: ({ epoch }) => {
        if (epoch === 3) process.kill(processId, 'SIGKILL');
      },
    });
    await expect(broken).rejects.toMatchObject({ code: 'inference-crashed' });

    const resumedAt: number[] = [];
    const resumed = await trainHead({
      ...options,
      inference: client,
      checkpoint,
      onResume: (epochs) => resumedAt.push(epochs.length),
    });
    expect(resumedAt).toEqual([3]);
    expect(resumed).toEqual(undisturbed);
  });

  test('with other numbers never goes on from a checkpoint that is not its own', async () => {
    const checkpoint = new TrainingCheckpoint(inFolder('head.checkpoint'));
    const client = newClient();
    await trainHead({ ...options, inference: client, checkpoint, lastEpoch: 2 });
    const resumedAt: number[] = [];
    const other = await trainHead({
      ...options,
      recipe: { ...options.recipe, seed: 6 },
      inference: client,
      checkpoint,
      onResume: (epochs) => resumedAt.push(epochs.length),
    });
    expect(resumedAt).toEqual([]);
    expect(other.epochs[0]?.epoch).toBe(1);
  });

  test('begins anew where its checkpoint is cut off', async () => {
    const file = inFolder('head.checkpoint');
    const checkpoint = new TrainingCheckpoint(file);
    const client = newClient();
    const whole = await trainHead({ ...options, inference: client, checkpoint });
    expect(existsSync(file)).toBe(true);
    truncateSync(file, 5000);
    const again = await trainHead({ ...options, inference: client, checkpoint });
    expect(again).toEqual(whole);
  });

  test('that is cancelled says so and keeps its checkpoint', async () => {
    const checkpoint = new TrainingCheckpoint(inFolder('head.checkpoint'));
    const controller = new AbortController();
    const cancelled = trainHead({
      ...options,
      inference: newClient(),
      checkpoint,
      // Nothing is stored but by the end itself.
      checkpointSeconds: 1000,
      signal: controller.signal,
      onEpoch: ({ epoch }) => {
        if (epoch === 2) controller.abort();
      },
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    const resumedAt: number[] = [];
    const onResume = (epochs: readonly unknown[]) => resumedAt.push(epochs.length);
    await trainHead({ ...options, inference: newClient(), checkpoint, onResume });
    expect(resumedAt).toEqual([2]);
  });

  test('stops once the best epoch lies more than the patience back', async () => {
    const { epochs, bestEpoch } = await trainHead({
      ...options,
      recipe: { ...options.recipe, epochs: 400, patience: 3, learningRate: 0.03 },
      inference: newClient(),
    });
    expect(epochs.length).toBeLessThan(400);
    expect(epochs.length - bestEpoch).toBe(4);
    const best = Math.min(...epochs.map(({ validationMae }) => validationMae));
    expect(epochs[bestEpoch - 1]?.validationMae).toBe(best);
  });

  test('whose numbers run away says what to do', async () => {
    const wild = trainHead({
      ...options,
      labels: labels.map((label, row) => (row % 2 === 0 ? label * 1e30 : label)),
      inference: newClient(),
    });
    await expect(wild).rejects.toMatchObject({ code: 'data-unusable' });
  });

  test('leaves out a last batch of one song, which has no variance', async () => {
    const { epochs } = await trainHead({
      ...options,
      recipe: { ...options.recipe, batchSize: 139, epochs: 2 },
      inference: newClient(),
    });
    expect(options.split.train.length).toBe(140);
    expect(epochs.every(({ trainLoss }) => Number.isFinite(trainLoss))).toBe(true);
  });
});
