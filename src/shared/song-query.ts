/** How songs are asked for: filter, order, window and ranking, and the rows that answer. */
import { z } from 'zod';
import { songFlagSchema } from './audio.ts';
import { precisionSchema } from './library.ts';

export const verdictNames = ['keep', 'reject', 'undecided'] as const;
export const verdictSchema = z.enum(verdictNames);
export type Verdict = z.infer<typeof verdictSchema>;

/** A closed range; an end that is left out is open. Songs without the value are outside every range. */
const rangeSchema = z
  .strictObject({ min: z.number().optional(), max: z.number().optional() })
  .refine(({ min, max }) => min === undefined || max === undefined || min <= max, {
    error: 'The lower end of a range must not lie above the upper one.',
  });
export type NumberRange = z.infer<typeof rangeSchema>;

export const songIdSchema = z.int().positive();

/**
 * Which scores count: one embedding space (encoder, decode recipe, window, precision) and one head. Scores of
 * different rankings have different scales and are never put into one order.
 */
export const rankingKeySchema = z.strictObject({ spaceId: z.int().positive(), headId: z.int().positive() });
export type RankingKey = z.infer<typeof rankingKeySchema>;

/** A ranking that holds scores. */
export const rankingSchema = rankingKeySchema.extend({
  /** Ids that a person types, such as `mert-v1-330m` and `banger`, and the names in full. */
  encoder: z.string(),
  encoderLabel: z.string(),
  head: z.string(),
  headLabel: z.string(),
  precision: precisionSchema,
  windowStartSeconds: z.number(),
  windowLengthSeconds: z.number(),
  /** True where the encoder is the built-in draft. */
  isDraft: z.boolean(),
  songCount: z.int(),
  /** When the newest of its scores was made. */
  lastUsedAtMs: z.number(),
});
export type Ranking = z.infer<typeof rankingSchema>;

/**
 * What a song must fulfil: every field that is given. An empty list matches no song; a field that is left out
 * matches all of them, except that missing songs are hidden unless asked for.
 */
export const songFilterSchema = z.strictObject({
  /**
   * Words that must all occur somewhere in file name, path, tags or generation prompt, as parts of words too and
   * in any case; any text is allowed. A part in double quotes is looked for as it stands, spaces included.
   */
  text: z.string().max(1000).optional(),
  /** Score in the ranking in use. */
  score: rangeSchema.optional(),
  /** A song that nobody judged is `undecided`. */
  verdicts: z.array(verdictSchema).optional(),
  /** 0..5; a song that nobody gave stars has 0. */
  stars: rangeSchema.optional(),
  hasNote: z.boolean().optional(),
  /** Absolute path: songs with a file in this folder or below it. */
  folder: z.string().min(1).optional(),
  /** At least one of these. */
  flags: z.array(songFlagSchema).optional(),
  /** None of these. */
  withoutFlags: z.array(songFlagSchema).optional(),
  durationSeconds: rangeSchema.optional(),
  /** The generator's, else the measured one; so is the key. */
  tempoBpm: rangeSchema.optional(),
  /** Any of these, such as `A minor`, in any case. */
  musicalKeys: z.array(z.string()).optional(),
  /** Any of these genre tags, in any case. */
  genres: z.array(z.string()).optional(),
  /** Any of these generators, such as `ace-step-1.5`. */
  generators: z.array(z.string()).optional(),
  /** Songs of which no file is there any more: left out unless told. */
  missing: z.enum(['hidden', 'shown', 'only']).optional(),
  /** A batch by its id, or the one that arrived last. */
  batch: z.union([z.int().positive(), z.literal('latest')]).optional(),
  /**
   * - `ranking`: has a score in the ranking in use
   * - `model`: has a score by an encoder other than the draft, in whatever ranking
   * - `draft-only`: has scores by the draft alone
   * - `nothing`: has no score at all
   */
  scoredBy: z.enum(['ranking', 'model', 'draft-only', 'nothing']).optional(),
  /** When the song arrived, milliseconds since 1970. */
  addedAtMs: rangeSchema.optional(),
  songIds: z.array(songIdSchema).max(100_000).optional(),
});
export type SongFilter = z.infer<typeof songFilterSchema>;

export const songSortColumns = [
  'score',
  'title',
  'artist',
  'path',
  'duration',
  'loudness',
  'added',
  'verdict',
  'stars',
  'tempo',
  'key',
  'genre',
  'batch',
  'generator',
] as const;

/** A column and a direction. Songs without a value come last either way; equal ones stand in order of song id. */
export const songSortSchema = z.strictObject({
  column: z.enum(songSortColumns),
  direction: z.enum(['ascending', 'descending']),
});
export type SongSort = z.infer<typeof songSortSchema>;
export type SongSortColumn = SongSort['column'];

/** Best first. */
export const defaultSongSort: SongSort = { column: 'score', direction: 'descending' };

/** How many rows one answer holds at most. */
export const maximumWindow = 1000;

export const songQuerySchema = z.strictObject({
  filter: songFilterSchema.default({}),
  sort: songSortSchema.default(defaultSongSort),
  /** The window: how many songs to leave out from the top, and how many to give. */
  offset: z.int().nonnegative().default(0),
  limit: z.int().min(0).max(maximumWindow).default(100),
  /** Left out: the ranking of the last scores that are not drafts, else the last draft's. */
  ranking: rankingKeySchema.optional(),
});
export type SongQuery = z.output<typeof songQuerySchema>;

/** A song as lists show it. */
export const songRowSchema = z.object({
  id: songIdSchema,
  /** The title tag, else the file's name without its extension. */
  title: z.string(),
  artist: z.string().nullable(),
  /** Its best file: one that is there before one that is missing, then in order of path; null without any file. */
  path: z.string().nullable(),
  folder: z.string().nullable(),
  /** 0..10 in the ranking in use, null where it gave this song none. */
  score: z.number().nullable(),
  rawScore: z.number().nullable(),
  /** 1 for the best score within the filter; songs of equal score share the better rank. */
  rank: z.int().nullable(),
  /** Share of the scored songs within the filter that score no better, 0..100. */
  percentile: z.number().nullable(),
  /** The same against the reference distribution, null where none is loaded. */
  referencePercentile: z.number().nullable(),
  /** Whether the ranking in use is the draft's. */
  isDraft: z.boolean(),
  durationSeconds: z.number().nullable(),
  loudnessLufs: z.number().nullable(),
  flags: z.array(songFlagSchema),
  verdict: verdictSchema,
  stars: z.int().min(0).max(5),
  hasNote: z.boolean(),
  genre: z.string().nullable(),
  /** As the generator names it, else as measured; which of both, the song's details say. */
  tempoBpm: z.number().nullable(),
  musicalKey: z.string().nullable(),
  generator: z.string().nullable(),
  prompt: z.string().nullable(),
  seed: z.string().nullable(),
  addedAtMs: z.number(),
  batchId: z.int().nullable(),
  isMissing: z.boolean(),
});
export type SongRow = z.infer<typeof songRowSchema>;

export const songPageSchema = z.object({
  rows: z.array(songRowSchema),
  /** Songs within the filter, and those of them that have a score in the ranking. */
  total: z.int(),
  scoredTotal: z.int(),
  /** The ranking that was used, null while there are no scores. */
  ranking: rankingSchema.nullable(),
  /** Name of the reference distribution that percentiles are stated against, null where none is loaded. */
  reference: z.string().nullable(),
  /** The library's revision that this page shows; see the change notices. */
  revision: z.int(),
});
export type SongPage = z.infer<typeof songPageSchema>;
