/** How a head is trained: every number that decides the result, with the reference's as defaults. */
import { z } from 'zod';

const share = z.number().gt(0).lt(1);

export const trainingRecipeSchema = z
  .strictObject({
    /** Widths of the hidden layers. */
    widths: z.array(z.int().min(1).max(16_384)).min(1).max(8),
    /** Share of the units that is dropped after each hidden layer while training. */
    dropout: z.array(z.number().min(0).max(0.95)),
    epochs: z.int().min(1).max(100_000),
    batchSize: z.int().min(2).max(65_536),
    learningRate: z.number().positive().max(10),
    weightDecay: z.number().min(0).max(10),
    /** AdamW's decay rates of the moments, and what keeps its denominator from zero. */
    beta1: z.number().min(0).lt(1),
    beta2: z.number().min(0).lt(1),
    epsilon: z.number().positive().max(1),
    /** Training ends once the best epoch lies more than this many epochs back. */
    patience: z.int().min(0).max(100_000),
    /** Decides the first weights, the order of songs and the dropout. */
    seed: z.int().min(0).max(0xffff_ffff),
    /** Share of the songs that is not trained on, and share of those that the test takes. */
    heldOutShare: share,
    testShare: share,
    /** Decides which songs these are. */
    splitSeed: z.int().min(0).max(0xffff_ffff),
  })
  .refine(({ widths, dropout }) => widths.length === dropout.length, {
    error: 'There must be one dropout for each hidden layer.',
  });
export type TrainingRecipe = z.infer<typeof trainingRecipeSchema>;

/** The recipe of the model card: `train_scorer.py` of the reference project. */
export const referenceRecipe: TrainingRecipe = {
  widths: [512, 256, 128],
  dropout: [0.3, 0.3, 0.15],
  epochs: 200,
  batchSize: 64,
  learningRate: 1e-3,
  weightDecay: 1e-4,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  patience: 20,
  seed: 42,
  heldOutShare: 0.3,
  testShare: 0.5,
  splitSeed: 42,
};

/** What a person changes of the reference recipe. */
export const recipeChangesSchema = z.strictObject(trainingRecipeSchema.shape).partial();
export type RecipeChanges = z.infer<typeof recipeChangesSchema>;

/** One epoch of a training, as its curve shows it. */
export const trainedEpochRecordSchema = z.strictObject({
  /** 1 for the first. */
  epoch: z.int().positive(),
  learningRate: z.number(),
  /** Mean over the batches of their mean squared error, in training mode, as the reference logs it. */
  trainLoss: z.number(),
  validationMae: z.number(),
  /** Null where predictions or labels are all equal. */
  validationSpearman: z.number().nullable(),
});
export type TrainedEpochRecord = z.infer<typeof trainedEpochRecordSchema>;
