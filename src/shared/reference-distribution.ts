/** The distribution of scores that percentiles are stated against besides the list's own, when one is loaded. */
import { z } from 'zod';

/** More scores are told by as many of them, evenly over their order. */
export const maximumReferenceScores = 10_000;

/** Scores of a stated set of songs by one encoder and one head; says nothing about other models' scores. */
export const referenceDistributionSchema = z.strictObject({
  /** What the songs were, such as `training set`. */
  name: z.string().min(1).max(200),
  /** Ids of the models that made the scores. */
  encoder: z.string(),
  head: z.string(),
  /** In any order. */
  scores: z.array(z.number()).min(1).max(maximumReferenceScores),
});
export type ReferenceDistribution = z.infer<typeof referenceDistributionSchema>;
