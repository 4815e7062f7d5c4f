/** Change notices: what may be new in a library, by topic. */
import { z } from 'zod';

/**
 * - `songs`: songs, files, scores, generation parameters, batches, and what lists show of verdicts
 * - `verdicts`, `jobs`, `folders` (watched ones), `filters` (saved ones)
 */
export const revisionTopics = ['songs', 'verdicts', 'jobs', 'folders', 'filters'] as const;
export const revisionTopicSchema = z.enum(revisionTopics);
export type RevisionTopic = z.infer<typeof revisionTopicSchema>;

/** A counter for each topic that grows with every change, whichever process made it. */
export const revisionsSchema = z.object({
  songs: z.int(),
  verdicts: z.int(),
  jobs: z.int(),
  folders: z.int(),
  filters: z.int(),
});
export type Revisions = z.infer<typeof revisionsSchema>;
