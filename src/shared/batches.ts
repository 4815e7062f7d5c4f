/** Batches: songs that arrived together, such as last night's. */
import { z } from 'zod';

export const batchSchema = z.object({
  id: z.int().positive(),
  /** When its first and its last song arrived: the file's own time where that is plausible, else when it was seen. */
  startedAtMs: z.number(),
  endedAtMs: z.number(),
  songCount: z.int(),
});
export type Batch = z.infer<typeof batchSchema>;
