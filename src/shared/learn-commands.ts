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

/** A head that was trained on fewer songs than this says little, however its figures come out. */
export const fewSongs = 200;

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

/** A song that could not be embedded. */
export const embeddingFailureSchema = z.object({ path: z.string(), message: z.string() });
export type EmbeddingFailure = z.infer<typeof embeddingFailureSchema>;

/** Failures that a status tells one by one; the rest is counted. */
export const toldFailures = 100;

/** Epochs of a curve that a status tells. */
export const toldEpochs = 1000;

/** How far the one training that can be under way is, or how the last one ended. */
export const trainingStatusSchema = z.object({
  /** `preparing`: models and data are read. `judging`: the trained head is judged and stored. */
  state: z.enum(['idle', 'preparing', 'embedding', 'training', 'judging', 'finished', 'failed', 'cancelled']),
  /** The head's name, null while `idle`. */
  name: z.string().nullable(),
  /** What was asked for, null while `idle`; the same request goes on where this one was ended. */
  request: trainingRequestSchema.nullable(),
  embedding: embeddingProgressSchema.nullable(),
  /** Songs that could not be embedded, the first of them with their reasons. */
  failures: z.array(embeddingFailureSchema).max(toldFailures),
  /** What was left out of the data and why, one sentence each. */
  notes: z.array(z.string()),
  /** Songs in each part, null until the data is there. */
  parts: z.object({ train: z.int(), validation: z.int(), test: z.int() }).nullable(),
  /** The curve so far; of a very long one as many epochs as `toldEpochs`, spread evenly over all. */
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

/** How many songs of the library could be learned from, by label; whether an encoder has heard them is not asked. */
export const labelCountsSchema = z.object({
  kept: z.int(),
  rejected: z.int(),
  withStars: z.int(),
  played: z.int(),
});
export type LabelCounts = z.infer<typeof labelCountsSchema>;

/** The columns of a CSV file, and those that are taken unless others are named; null where one must be. */
export const csvColumnsSchema = z.object({
  /** Whether it is the Free Music Archive’s `tracks.csv`, which names songs by number. */
  isTracksFile: z.boolean(),
  columns: z.array(z.string()),
  label: z.string().nullable(),
  path: z.string().nullable(),
  genre: z.string().nullable(),
});
export type CsvColumns = z.infer<typeof csvColumnsSchema>;

export const learnCommands = {
  /**
   * Begins a training; the same request goes on where an earlier run was ended. Its progress is told by events.
   * Refused with `usage` while one is under way.
   */
  'start-training': { request: trainingRequestSchema, response: nothing },
  'get-training': { request: nothing, response: trainingStatusSchema },
  /** Ends the training; what it has learned so far is kept for the same request. */
  'cancel-training': { request: nothing, response: nothing },

  'count-labels': { request: nothing, response: labelCountsSchema },
  /** Reads the header of a CSV file. */
  'read-csv-columns': { request: z.strictObject({ file: z.string().min(1) }), response: csvColumnsSchema },

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
