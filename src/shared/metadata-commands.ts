/** Commands about what files say of songs: how they were made, and what is written back into their tags. */
import { z } from 'zod';
import type { CommandDeclarations } from './contract.ts';
import { errorRecordSchema } from './errors.ts';
import { generationSchema } from './generation.ts';
import { songIdSchema } from './song-query.ts';

/** A song by its id, which means its best file, or one file by its absolute path. */
export const songFileSchema = z.union([
  z.strictObject({ songId: songIdSchema }),
  z.strictObject({ path: z.string().min(1) }),
]);
export type SongFile = z.infer<typeof songFileSchema>;

/**
 * What can be written: the score as `BANGER_SCORE` (0.00 to 10.00), the person’s stars as `FMPS_Rating` (0.0 to 1.0).
 */
export const tagKinds = ['score', 'stars'] as const;
export const tagKindSchema = z.enum(tagKinds);
export type TagKind = z.infer<typeof tagKindSchema>;

/** What became of one file. */
export const taggedFileSchema = z.object({
  /** Null for a song that has no file. */
  path: z.string().nullable(),
  /** False where the file holds these values already, or was left alone. */
  isChanged: z.boolean(),
  /** Our tags in the file before and after; null where it could not be read. */
  before: z.record(z.string(), z.string()).nullable(),
  after: z.record(z.string(), z.string()).nullable(),
  /** Why something was not written: a draft score (`tags-refused`), a format, a file that may not be written. */
  errors: z.array(errorRecordSchema),
});
export type TaggedFile = z.infer<typeof taggedFileSchema>;

const songFiles = z.array(songFileSchema).min(1).max(100_000);

export const metadataCommands = {
  /** Reads again how a song was made, from its sidecars and tags, and keeps it. */
  'read-generation': {
    request: z.strictObject({ songId: songIdSchema }),
    response: z.object({ generation: generationSchema.nullable() }),
  },
  /**
   * Writes into the tags of files, which nothing else ever does. Draft scores are refused; a song without stars
   * keeps whatever rating its file has.
   */
  'write-tags': {
    request: z.strictObject({ songs: songFiles, kinds: z.array(tagKindSchema).min(1) }),
    response: z.object({ files: z.array(taggedFileSchema) }),
  },
  /** Takes both tags out of files again. */
  'remove-tags': {
    request: z.strictObject({ songs: songFiles }),
    response: z.object({ files: z.array(taggedFileSchema) }),
  },
} satisfies CommandDeclarations;
