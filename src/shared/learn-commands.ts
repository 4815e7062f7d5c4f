/** Commands and events about learning: heads that are trained, judged, compared and exported. */
import { z } from 'zod';
import type { CommandDeclarations, EventDeclarations } from './contract.ts';
import { dataSourceSchema, embeddingProgressSchema } from './data-source.ts';
import { errorRecordSchema } from './errors.ts';
import { evaluationSchema } from './evaluation.ts';
import { headCardSchema } from './head-card.ts';
import { headComparisonSchema } from './head-comparison.ts';
import { modelListingSchema } from './model-commands.ts';
import { recipeChangesSchema, trainedEpochRecordSchema } from './training-recipe.ts';

const nothing = z.strictObject({});
const headName = z.string().min(1).max(200);

/** A head with what it says of itself. */
export const listedHeadSchema = z.object({
  listing: modelListingSchema,
  /** Null for a head of another program, or one that is not here. */
  card: headCardSchema.nullable(),
});
export type ListedHead = z.infer<typeof listedHeadSchema>;

export const headEvaluationSchema = z.object({
  head: z.string(),
  card: headCardSchema.nullable(),
  /**
   * `test`: the test part of the very split that the head was trained with. `all`: every song of the data; whether
   * the head was trained on some of them is not known.
   */
  part: z.enum(['test', 'all']),
  /** What was left out of the data and why, one sentence each. */
  notes: z.array(z.string()),
  evaluation: evaluationSchema,
});
export type HeadEvaluation = z.infer<typeof headEvaluationSchema>;

/** A head that was trained and stands in the list now. */
export const trainedHeadSchema = z.object({
  id: z.string(),
  /** Its safetensors file. */
  file: z.string(),
  card: headCardSchema,
  /** On the test songs. */
  evaluation: evaluationSchema,
});
export type TrainedHeadReport = z.infer<typeof trainedHeadSchema>;

/** How far the one training that can be under way is, or how the last one ended. */
export const trainingStatusSchema = z.object({
  /** `preparing`: models and data are read. `judging`: the trained head is judged and stored. */
  state: z.enum(['idle', 'preparing', 'embedding', 'training', 'judging', 'finished', 'failed', 'cancelled']),
  /** The head's name, null while `idle`. */
  name: z.string().nullable(),
  embedding: embeddingProgressSchema.nullable(),
  /** The curve so far. */
  epochs: z.array(trainedEpochRecordSchema),
  bestEpoch: z.int(),
  /** Epochs of the recipe; most trainings end before. */
  maximumEpochs: z.int(),
  /** Whether it went on from where an earlier run was ended. */
  isResumed: z.boolean(),
  result: trainedHeadSchema.nullable(),
  error: errorRecordSchema.nullable(),
});
export type TrainingStatus = z.infer<typeof trainingStatusSchema>;

export const trainingRequestSchema = z.strictObject({
  /** What the new head is called. */
  name: headName,
  source: dataSourceSchema,
  /** The encoder of the embeddings; MERT v1 330M unless told. An embedding folder names its own. */
  encoder: z.string().optional(),
  /** What differs from the reference recipe. */
  recipe: recipeChangesSchema.default({}),
});
export type TrainingRequest = z.output<typeof trainingRequestSchema>;

export const learnCommands = {
  /**
   * Begins a training; the same request goes on where an earlier run was ended. Its progress is told by events.
   * Refused with `usage` while one is under way.
   */
  'start-training': { request: trainingRequestSchema, response: nothing },
  'get-training': { request: nothing, response: trainingStatusSchema },
  /** Ends the training; what it has learned so far is kept for the same request. */
  'cancel-training': { request: nothing, response: nothing },

  /** Judges a head by labelled songs; those that have no embedding yet are embedded first. */
  'evaluate-head': {
    request: z.strictObject({ head: z.string(), source: dataSourceSchema, encoder: z.string().optional() }),
    response: headEvaluationSchema,
  },
  /** Every head that is here, with its card. */
  'list-heads': { request: nothing, response: z.array(listedHeadSchema) },
  /** Ranks the library's songs by two heads of one encoder. */
  'compare-heads': {
    request: z.strictObject({
      first: z.string(),
      second: z.string(),
      topCount: z.int().min(1).max(100_000).default(20),
      /** Songs with the largest change of rank. */
      limit: z.int().min(1).max(1000).default(50),
    }),
    response: headComparisonSchema,
  },
  /** Writes a head as a file of its own: `.pt` for PyTorch, or `.safetensors`; both carry its card. */
  'export-head': {
    request: z.strictObject({ head: z.string(), file: z.string().min(1) }),
    response: nothing,
  },
} satisfies CommandDeclarations;

export const learnEvents = {
  'training-changed': trainingStatusSchema,
  /** The songs that an evaluation embeds first. */
  'evaluation-progressed': embeddingProgressSchema,
} satisfies EventDeclarations;
