/** Saved filters: smart lists that a person named. */
import { z } from 'zod';
import { songFilterSchema } from './song-query.ts';

export const savedFilterNameSchema = z.string().trim().min(1).max(200);

export const savedFilterSchema = z.object({
  id: z.int(),
  name: z.string(),
  /** Null where another version of the product saved something that this one does not understand. */
  filter: songFilterSchema.nullable(),
  /** Songs that it lets through now; null where the filter is. */
  count: z.int().nullable(),
});
export type SavedFilter = z.infer<typeof savedFilterSchema>;
