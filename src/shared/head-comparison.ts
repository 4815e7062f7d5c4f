/** How two heads rank the same songs. */
import { z } from 'zod';

export const headComparisonSchema = z.strictObject({
  /** The heads' ids, and the encoder whose embeddings both scored. */
  first: z.string(),
  second: z.string(),
  encoder: z.string(),
  songs: z.int(),
  /** Rank correlation of the two lists, null where one of them is all equal. */
  spearman: z.number().nullable(),
  /** Songs among the first `topCount` of both lists. */
  topCount: z.int(),
  sharedTop: z.int(),
  /** The largest change of rank first. */
  rows: z.array(
    z.strictObject({
      songId: z.int().positive(),
      title: z.string(),
      path: z.string().nullable(),
      /** Clamped to 0..10; ranks from 1. */
      firstScore: z.number(),
      firstRank: z.int(),
      secondScore: z.number(),
      secondRank: z.int(),
      /** Places that the song climbs from the first list to the second; negative where it falls. */
      rise: z.int(),
    }),
  ),
});
export type HeadComparison = z.infer<typeof headComparisonSchema>;
