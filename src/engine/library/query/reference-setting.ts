/** The reference distribution as the library keeps it. */
import type { z } from 'zod';
import { referenceDistributionSchema } from '../../../shared/reference-distribution.ts';
import type { Setting } from '../tables/settings-table.ts';

/** Scores ascending, so that a percentile is found without going through them. */
const sortedReferenceSchema = referenceDistributionSchema.transform((reference) => ({
  ...reference,
  scores: reference.scores.toSorted((a, b) => a - b),
}));
export type SortedReference = z.output<typeof sortedReferenceSchema>;

export const referenceSetting: Setting<typeof sortedReferenceSchema> = {
  name: 'reference-distribution',
  schema: sortedReferenceSchema,
};
