/** Comparisons: which of two songs a person liked better. */
import { z } from 'zod';
import { songIdSchema } from './song-query.ts';

export const comparisonToRecordSchema = z
  .strictObject({
    songA: songIdSchema,
    songB: songIdSchema,
    outcome: z.enum(['a', 'b', 'even']),
    /** Whether the person saw neither name nor score. */
    isBlind: z.boolean(),
  })
  .refine(({ songA, songB }) => songA !== songB, { error: 'A song cannot be compared with itself.' });
export type ComparisonToRecord = z.infer<typeof comparisonToRecordSchema>;

export const comparisonSchema = z.object({
  id: z.int(),
  songA: songIdSchema,
  songB: songIdSchema,
  outcome: z.enum(['a', 'b', 'even']),
  isBlind: z.boolean(),
  comparedAtMs: z.number(),
});
export type Comparison = z.infer<typeof comparisonSchema>;
