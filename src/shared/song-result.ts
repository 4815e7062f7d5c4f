/** What scoring says about one file: the form of `banger score --format json` and of every other caller. */
import { z } from 'zod';
import { songFlagSchema } from './audio.ts';
import { errorRecordSchema } from './errors.ts';

export const songResultSchema = z.object({
  /** The path as it was given or found. */
  path: z.string(),
  /** 0..10, to rank songs within one list; null for a file that could not be scored. */
  score: z.number().nullable(),
  /** The head's output before the clamp to 0..10. */
  rawScore: z.number().nullable(),
  /** Ids of the models that made the score. */
  encoder: z.string(),
  head: z.string(),
  /** True for the built-in draft, whose scale is its own and never compared with another model's. */
  draft: z.boolean(),
  durationSeconds: z.number().nullable(),
  /** Integrated loudness of the whole song by EBU R 128. */
  loudnessLufs: z.number().nullable(),
  flags: z.array(songFlagSchema),
  /** Whether the embedding was already in the library. */
  cached: z.boolean(),
  /** Row of this song in the file written with `--embeddings`, null where none was asked for. */
  embeddingRow: z.int().nullable(),
  error: errorRecordSchema.pick({ code: true, message: true, nextStep: true }).nullable(),
});

export type SongResult = z.infer<typeof songResultSchema>;

/** How far a run of scoring is. */
export interface ScoringProgress {
  /** Files with an outcome, and all files of the run. */
  done: number;
  total: number;
  failed: number;
  /** Songs that came from the library. */
  cached: number;
  /** Pace of the songs that had to be encoded; null until one was. */
  songsPerSecond: number | null;
  /** Expected rest of the run; null until there is a pace. */
  etaSeconds: number | null;
  /** Share of the time since the first song in which the encoder was at work, 0..1; null before two were encoded. */
  busyShare: number | null;
  /** Since the run began. */
  secondsTaken: number;
  /** The file that was finished last. */
  path: string;
}

/** Best first; what could not be scored last; equal scores in order of path, so that the order is always the same. */
export function compareByScore(a: SongResult, b: SongResult): number {
  return (b.score ?? -Infinity) - (a.score ?? -Infinity) || (a.path < b.path ? -1 : Number(a.path > b.path));
}
