/** Looking after a library: what it holds, its backups, and what a check finds. */
import { z } from 'zod';

export const libraryStatsSchema = z.object({
  file: z.string(),
  songs: z.int(),
  files: z.int(),
  missingFiles: z.int(),
  failedFiles: z.int(),
  embeddings: z.int(),
  scores: z.int(),
  /** Size on disk of the database and its write-ahead log. */
  sizeBytes: z.number(),
});

/** A copy of a library. */
export const backupSchema = z.object({
  file: z.string(),
  sizeBytes: z.number(),
  createdAtMs: z.number(),
  /** Made by the product itself before an upgrade; only the last few of these are kept. */
  isAutomatic: z.boolean(),
});
export type Backup = z.infer<typeof backupSchema>;

/**
 * What a check can find.
 *
 * - `damaged`: SQLite's own checks find the database damaged; restore a backup
 * - `dangling`: rows that refer to nothing; computed ones are removed by a repair, a person's never
 * - `list-outdated`: lists or search say something else than the songs; made anew by a repair
 * - `ungrouped`: songs in no batch; grouped by a repair
 * - `vanished`: files that are gone but not marked so; marked by a repair
 * - `returned`: files marked missing that are there again, unchanged; marked by a repair
 * - `changed`: files with another size or time than when they were scored; scored again when met next
 * - `unreachable`: files below a watched folder that is not there now, such as on a drive that is not connected
 */
export const findingKinds = [
  'damaged',
  'dangling',
  'list-outdated',
  'ungrouped',
  'vanished',
  'returned',
  'changed',
  'unreachable',
] as const;

export const findingSchema = z.object({
  kind: z.enum(findingKinds),
  count: z.int(),
  /** Some of them: paths or rows. */
  examples: z.array(z.string()),
  /** Whether a repair can put it right without losing anything. */
  isRepairable: z.boolean(),
  isRepaired: z.boolean(),
});
export type Finding = z.infer<typeof findingSchema>;

export const verificationSchema = z.object({
  /** Files that were looked up on disk. */
  filesChecked: z.int(),
  findings: z.array(findingSchema),
});
export type Verification = z.infer<typeof verificationSchema>;
