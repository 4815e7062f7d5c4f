/** The distribution of scores that percentiles are stated against besides the list's own, when one is loaded. */
import { z } from 'zod';
import type { Setting } from '../tables/settings-table.ts';

/** Scores of a stated set of songs by one encoder and one head; says nothing about other models' scores. */
export const referenceDistributionSchema = z.strictObject({
  /** What the songs were, such as `training set`. */
  name: z.string().min(1).max(200),
  /** Ids of the models that made the scores. */
  encoder: z.string(),
  head: z.string(),
  scores: z
    .array(z.number())
    .min(1)
    .max(100_000)
    .transform((scores) => scores.toSorted((a, b) => a - b)),
});
export type ReferenceDistribution = z.output<typeof referenceDistributionSchema>;

export const referenceSetting: Setting<typeof referenceDistributionSchema> = {
  name: 'reference-distribution',
  schema: referenceDistributionSchema,
};
