/** Everything that is known about one song, and the songs that sound like it. */
import { z } from 'zod';
import { songFlagSchema } from './audio.ts';
import { errorRecordSchema } from './errors.ts';
import { generationSchema } from './generation.ts';
import { storedJudgementSchema } from './judgement.ts';
import { songPlaysSchema } from './plays.ts';
import { rankingSchema, songIdSchema, songRowSchema } from './song-query.ts';
import { soundAnalysisSchema } from './sound-analysis.ts';

export const songFileDetailsSchema = z.object({
  path: z.string(),
  sizeBytes: z.number(),
  /** Time of the last change, milliseconds since 1970. */
  modifiedAtMs: z.number(),
  firstSeenAtMs: z.number(),
  lastSeenAtMs: z.number(),
  missingSinceMs: z.number().nullable(),
  flags: z.array(songFlagSchema),
  failure: errorRecordSchema.nullable(),
});

export const songDetailsSchema = z.object({
  /** The song as lists show it, ranked within the whole library. */
  row: songRowSchema,
  album: z.string().nullable(),
  comment: z.string().nullable(),
  container: z.string(),
  codec: z.string(),
  sampleRateHz: z.number(),
  channels: z.number(),
  truePeakDbtp: z.number().nullable(),
  /** Files that hold the song, missing ones included, in order of path. */
  files: z.array(songFileDetailsSchema),
  /** Names of its audio by which it is found again. */
  identityCount: z.int(),
  generation: generationSchema.nullable(),
  /** Tempo and key as measured; null until they have been. */
  soundAnalysis: soundAnalysisSchema.nullable(),
  /** Null where nobody judged it. */
  judgement: storedJudgementSchema.nullable(),
  plays: songPlaysSchema,
  /** Its score in every ranking that has one, the ranking used last first. */
  scores: z.array(z.object({ ranking: rankingSchema, score: z.number(), rawScore: z.number() })),
});
export type SongDetails = z.infer<typeof songDetailsSchema>;

export const similarSongSchema = z.object({
  songId: songIdSchema,
  /** Cosine of the embeddings, centred over the library: 1 for the same direction, 0 for unrelated ones. */
  similarity: z.number().min(-1).max(1),
});
export type SimilarSong = z.infer<typeof similarSongSchema>;
