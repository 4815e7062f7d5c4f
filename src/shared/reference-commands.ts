/** Commands by which a person says what percentiles are stated against, besides the list that they look at. */
import { z } from 'zod';
import type { CommandDeclarations } from './contract.ts';
import { rankingKeySchema } from './song-query.ts';

/** What a reference distribution is taken from. */
export const referenceSourceSchema = z.discriminatedUnion('kind', [
  /** All scores of a ranking, as they are now; left out, the ranking of lists. */
  z.strictObject({ kind: z.literal('library'), ranking: rankingKeySchema.optional() }),
  /**
   * The songs that a head was trained with, as its card tells: their labels, or the head's own scores of them. Both
   * are told by their percentiles, so that a share is known to within one in a hundred.
   */
  z.strictObject({
    kind: z.literal('head'),
    head: z.string().min(1),
    values: z.enum(['labels', 'predictions']),
  }),
]);
export type ReferenceSource = z.infer<typeof referenceSourceSchema>;

/** A reference distribution without its scores. */
export const statedReferenceSchema = z.object({
  /** What the songs were, in words that fit after “of”. */
  name: z.string(),
  encoder: z.string(),
  head: z.string(),
  /** How many scores, or percentiles, it is told by. */
  scoreCount: z.int(),
});
export type StatedReference = z.infer<typeof statedReferenceSchema>;

export const referenceCommands = {
  /** What percentiles are stated against, null for the list alone. */
  'get-stated-reference': {
    request: z.strictObject({}),
    response: z.object({ reference: statedReferenceSchema.nullable() }),
  },
  /**
   * States percentiles against this from now on. Throws `data-unusable` where it has no scores, `model-missing` for an
   * unknown head.
   */
  'state-reference': {
    request: z.strictObject({ source: referenceSourceSchema }),
    response: statedReferenceSchema,
  },
} satisfies CommandDeclarations;
