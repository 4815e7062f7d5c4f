/** What the engine and a training process say to each other, with the schemas that check it. */
import { z } from 'zod';
import type { Answer } from '../../shared/answer.ts';

const float32Schema = z.instanceof(Float32Array);
const bytesSchema = z.instanceof(Uint8Array);

const trainedTensorSchema = z.object({
  name: z.string(),
  shape: z.array(z.int().positive()),
  /**
   * - `trained`: by its gradient; the optimiser keeps two moments of it
   * - `decayed`: has no gradient, only the optimiser's decay
   * - `followed`: a running statistic
   */
  change: z.enum(['trained', 'decayed', 'followed']),
});
export type TrainedTensor = z.infer<typeof trainedTensorSchema>;

const headTrainingGraphsSchema = z.object({
  /** Forward and backward pass of one batch. */
  step: bytesSchema,
  /** Scores of a batch in evaluation mode. */
  evaluation: bytesSchema,
  tensors: z.array(trainedTensorSchema),
  inputSize: z.int().positive(),
  /** Hidden layers with dropout: number of the layer, its width and the share that is dropped. */
  masks: z.array(
    z.object({ layer: z.int(), width: z.int().positive(), dropout: z.number().min(0).max(0.95) }),
  ),
});
export type HeadTrainingGraphs = z.infer<typeof headTrainingGraphsSchema>;

/** The tensors of a head by name, with the moments of trained ones under `.first` and `.second`. */
export const trainingTensorsSchema = z.record(z.string(), float32Schema);
export type TrainingTensors = z.infer<typeof trainingTensorsSchema>;

export const openTrainingSchema = z.object({
  graphs: headTrainingGraphsSchema,
  /** Where training begins, or goes on. */
  tensors: trainingTensorsSchema,
  /** Songs that will be given by `addTrainingSongs`. */
  songCount: z.int().positive(),
  /** Threads inside one operator; 0 leaves the choice to the runtime. */
  threads: z.int().min(0).max(1024),
});
export type OpenTrainingRequest = z.infer<typeof openTrainingSchema>;

export const addTrainingSongsSchema = z.object({
  firstRow: z.int().nonnegative(),
  /** (songs, inputSize) in C order, and the label of each. */
  features: float32Schema,
  labels: float32Schema,
});
export type AddTrainingSongsRequest = z.infer<typeof addTrainingSongsSchema>;

export const trainEpochSchema = z.object({
  /** Rows in the order in which they are trained on. */
  order: z.instanceof(Int32Array),
  batchSize: z.int().min(2),
  learningRate: z.number().nonnegative(),
  weightDecay: z.number().nonnegative(),
  beta1: z.number(),
  beta2: z.number(),
  epsilon: z.number(),
  /** Steps that were made before this epoch. */
  stepsDone: z.int().nonnegative(),
  /** Decides the dropout masks of this epoch. */
  maskSeed: z.int(),
});
export type TrainEpochRequest = z.infer<typeof trainEpochSchema>;

export const trainedEpochSchema = z.object({
  steps: z.int(),
  /**
   * Mean over the batches of their mean squared error, in training mode, while the weights moved; not finite where the
   * training ran away.
   */
  trainLoss: z.custom<number>((value) => typeof value === 'number'),
});
export type TrainedEpoch = z.infer<typeof trainedEpochSchema>;

export const predictSchema = z.object({ rows: z.instanceof(Int32Array) });
export type PredictRequest = z.infer<typeof predictSchema>;

/** The calls about training that an inference process answers besides the others. */
export interface TrainingFunctions {
  openTraining(request: unknown): Promise<Answer<null>>;
  addTrainingSongs(request: unknown): Promise<Answer<null>>;
  trainEpoch(request: unknown): Promise<Answer<TrainedEpoch>>;
  predictTrained(request: unknown): Promise<Answer<Float32Array>>;
  readTraining(request: unknown): Promise<Answer<TrainingTensors>>;
}
