/** Trains a head as the reference does: epochs of shuffled batches, a cosine of learning rates, the best epoch kept. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { BangerError } from '../../shared/errors.ts';
import { mixSeeds, shuffledOrder } from '../../shared/seeded-bits.ts';
import type { TrainedEpochRecord, TrainingRecipe } from '../../shared/training-recipe.ts';
import type { InferenceClient } from '../inference/inference-client.ts';
import {
  trainedEpochSchema,
  trainingTensorsSchema,
  type TrainingTensors,
} from '../inference/training-protocol.ts';
import { initialHead, withMoments } from './initial-head.ts';
import { PairedScores } from './paired-scores.ts';
import type { SongSplit } from './split-songs.ts';
import { PatientSignal } from './patient-signal.ts';
import type { TrainingCheckpoint, TrainingState } from './training-checkpoint.ts';
import { buildTrainingGraphs, listTensors } from './training-graph.ts';

export interface TrainHeadOptions {
  /** A process that trains nothing else meanwhile. */
  inference: InferenceClient;
  /** (songs, embeddingSize) in C order, and labels from 0 to 10. */
  embeddings: Float32Array;
  labels: Float64Array;
  split: SongSplit;
  recipe: TrainingRecipe;
  /** Where the training is kept between epochs; null keeps it nowhere. */
  checkpoint?: TrainingCheckpoint | null;
  /** Seconds of training that a crash may cost, 5 unless told: storing takes time too. */
  checkpointSeconds?: number;
  /** First tensors instead of those that follow from the seed. */
  initial?: TrainingTensors;
  /** Places in the training part in the order of an epoch (from 1), instead of that which follows from the seed. */
  orderOf?: (epoch: number) => Int32Array;
  /** Ends after this epoch although the recipe goes on. */
  lastEpoch?: number;
  /** Threads inside one operator; 0, the default, leaves the choice to the runtime. */
  threads?: number;
  signal?: AbortSignal | undefined;
  /** Called once when a stored training is taken up again, then after every epoch. */
  onResume?: ((epochs: readonly TrainedEpochRecord[]) => void) | undefined;
  onEpoch?: ((record: TrainedEpochRecord, bestEpoch: number) => void) | undefined;
}

export interface TrainedHead {
  /** The tensors of the best epoch, by their names in the state dict. */
  tensors: TrainingTensors;
  epochs: TrainedEpochRecord[];
  /** From 1. */
  bestEpoch: number;
  /** Tensors after the last epoch, with the optimiser's moments. */
  last: TrainingTensors;
  /** Steps until the best epoch; PyTorch counts them in every batch norm. */
  bestSteps: number;
}

/** Songs that are sent to the process at once: 16 MB of embeddings of 1,024 values. */
const sentAtOnce = 4096;

/** How long a cancelled training may take to end its epoch, so that nothing of it is lost. */
const cancelPatienceMs = 2000;

/**
 * Trains until the best epoch lies too far back, or all epochs are done.
 *
 * @throws BangerError `data-unusable` where the numbers do not stay finite, `cancelled`, `inference-…`, `disk-full`
 */
export async function trainHead(options: TrainHeadOptions): Promise<TrainedHead> {
  const patience = new PatientSignal(options.signal, cancelPatienceMs);
  try {
    return await trainPatiently({ ...options, signal: patience.signal }, options.signal);
  } finally {
    patience.end();
  }
}

/**
 * @param options its signal breaks off whatever is under way
 * @param asked asks for an end at the next epoch, so that what was learned can be stored
 */
async function trainPatiently(
  options: TrainHeadOptions,
  asked: AbortSignal | undefined,
): Promise<TrainedHead> {
  const { inference, recipe, split, labels, signal, checkpoint = null } = options;
  const key = trainingKey(options);
  const stored = (await checkpoint?.load(key)) ?? null;
  if (stored !== null) options.onResume?.(stored.epochs);
  const state = stored ?? begin(options, key);
  await openTraining(options, state);

  const validationLabels = Float32Array.from(split.validation, (row) => labels[row] ?? NaN);
  let isStored = stored !== null;
  let storedAtMs = performance.now();
  const isOver = () => isDone(state, recipe) || state.epochs.length >= (options.lastEpoch ?? Infinity);
  while (!isOver()) {
    if (asked?.aborted === true) {
      if (checkpoint !== null && !isStored && state.epochs.length > 0) {
        state.tensors = await inference.train('readTraining', {}, trainingTensorsSchema, signal);
        await checkpoint.save(state);
      }
      throw new BangerError('cancelled', 'The training was cancelled.');
    }
    const epoch = state.epochs.length + 1;
    const order =
      options.orderOf?.(epoch) ?? shuffledOrder(split.train.length, mixSeeds(recipe.seed, epoch, 1));
    const learningRate = cosineRate(recipe, epoch);
    const { steps, trainLoss } = await inference.train(
      'trainEpoch',
      {
        order: order.map((place) => split.train[place] ?? 0),
        batchSize: recipe.batchSize,
        learningRate,
        weightDecay: recipe.weightDecay,
        beta1: recipe.beta1,
        beta2: recipe.beta2,
        epsilon: recipe.epsilon,
        stepsDone: state.stepsDone,
        maskSeed: mixSeeds(recipe.seed, epoch, 2),
      },
      trainedEpochSchema,
      signal,
    );
    const predicted = await predict(options, split.validation);
    const { mae, spearman } = new PairedScores(predicted, validationLabels).measure();
    if (!Number.isFinite(trainLoss) || !Number.isFinite(mae)) throw diverged(epoch);

    state.stepsDone += steps;
    const record: TrainedEpochRecord = {
      epoch,
      learningRate,
      trainLoss,
      validationMae: mae,
      validationSpearman: Number.isNaN(spearman) ? null : spearman,
    };
    const isBest =
      state.bestEpoch === 0 || mae < (state.epochs[state.bestEpoch - 1]?.validationMae ?? Infinity);
    state.epochs.push(record);
    if (isBest) state.bestEpoch = epoch;
    isStored = false;
    const isDue = performance.now() - storedAtMs >= (options.checkpointSeconds ?? 5) * 1000;
    const isStoring = checkpoint !== null && isDue;
    if (isBest || isStoring || isOver()) {
      state.tensors = await inference.train('readTraining', {}, trainingTensorsSchema, signal);
      if (isBest) state.best = headTensors(options, state.tensors);
    }
    if (isStoring) {
      await checkpoint.save(state);
      isStored = true;
      storedAtMs = performance.now();
    }
    options.onEpoch?.(record, state.bestEpoch);
  }
  // What comes after the training may be killed too.
  if (!isStored) await checkpoint?.save(state);
  const stepsAnEpoch = state.stepsDone / state.epochs.length;
  return {
    tensors: state.best,
    epochs: state.epochs,
    bestEpoch: state.bestEpoch,
    last: state.tensors,
    bestSteps: stepsAnEpoch * state.bestEpoch,
  };
}

/** `CosineAnnealingLR` over all epochs, down to 0; the rate of an epoch from 1. */
export function cosineRate({ learningRate, epochs }: TrainingRecipe, epoch: number): number {
  return (learningRate * (1 + Math.cos((Math.PI * (epoch - 1)) / epochs))) / 2;
}

function isDone({ epochs, bestEpoch }: TrainingState, recipe: TrainingRecipe): boolean {
  return epochs.length >= recipe.epochs || epochs.length - bestEpoch > recipe.patience;
}

function begin(options: TrainHeadOptions, key: string): TrainingState {
  const { recipe } = options;
  const shape = { inputSize: embeddingSizeOf(options), widths: recipe.widths };
  const first = options.initial ?? initialHead(shape, recipe.seed);
  return {
    key,
    stepsDone: 0,
    epochs: [],
    bestEpoch: 0,
    tensors: withMoments(first, listTensors(shape)),
    best: {},
  };
}

/** Brings data and tensors into the process. */
async function openTraining(options: TrainHeadOptions, state: TrainingState): Promise<void> {
  const { inference, embeddings, labels, recipe, signal, threads = 0 } = options;
  const inputSize = embeddingSizeOf(options);
  const graphs = buildTrainingGraphs(inputSize, recipe);
  const request = { graphs, tensors: state.tensors, songCount: labels.length, threads };
  await inference.train('openTraining', request, z.null(), signal);
  for (let firstRow = 0; firstRow < labels.length; firstRow += sentAtOnce) {
    const end = Math.min(labels.length, firstRow + sentAtOnce);
    const songs = {
      firstRow,
      features: embeddings.slice(firstRow * inputSize, end * inputSize),
      labels: Float32Array.from(labels.subarray(firstRow, end)),
    };
    await inference.train('addTrainingSongs', songs, z.null(), signal);
  }
}

function predict({ inference, signal }: TrainHeadOptions, rows: Int32Array): Promise<Float32Array> {
  return inference.train('predictTrained', { rows: rows.slice() }, z.instanceof(Float32Array), signal);
}

/** The state dict's part of a training's tensors. */
function headTensors(options: TrainHeadOptions, tensors: TrainingTensors): TrainingTensors {
  const shape = { inputSize: embeddingSizeOf(options), widths: options.recipe.widths };
  return Object.fromEntries(
    listTensors(shape).map(({ name }) => [name, tensors[name] ?? new Float32Array()]),
  );
}

function embeddingSizeOf({ embeddings, labels }: TrainHeadOptions): number {
  return embeddings.length / labels.length;
}

/** Names a training by everything that decides its result. */
function trainingKey({ embeddings, labels, split, recipe }: TrainHeadOptions): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify({ version: 1, recipe, songs: labels.length }));
  for (const values of [embeddings, labels, split.train, split.validation, split.test]) {
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}

function diverged(epoch: number): BangerError {
  return new BangerError(
    'data-unusable',
    `The training did not stay within finite numbers in epoch ${epoch}.`,
    {
      nextStep: 'Try a smaller learning rate, and check the embeddings and labels.',
    },
  );
}
