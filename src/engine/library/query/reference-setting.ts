/** The reference distribution as the library keeps it. */
import type { z } from 'zod';
import { referenceDistributionSchema } from '../../../shared/reference-distribution.ts';
import type { Ranking } from '../../../shared/song-query.ts';
import type { Setting, SettingsTable } from '../tables/settings-table.ts';

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

/** The reference distribution, unless it was made by other models than the ranking. */
export function referenceFor(settings: SettingsTable, ranking: Ranking | null): SortedReference | null {
  const reference = ranking && settings.get(referenceSetting);
  if (reference?.encoder !== ranking?.encoder || reference?.head !== ranking?.head) return null;
  return reference;
}
