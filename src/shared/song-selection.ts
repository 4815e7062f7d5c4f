/** How the best songs are chosen, and what a choice answers. */
import { z } from 'zod';
import { rankingKeySchema, rankingSchema, songFilterSchema, songRowSchema } from './song-query.ts';

/** What songs are grouped by. Songs without a value form a group of their own. */
export const groupings = ['folder', 'genre', 'prompt', 'batch'] as const;
export const groupingSchema = z.enum(groupings);
export type Grouping = z.infer<typeof groupingSchema>;

/** How many are taken, of all or of each group. A share is rounded up, so that it never takes nothing. */
export const quotaSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('count'), count: z.int().positive() }),
  z.strictObject({ kind: z.literal('percent'), percent: z.number().gt(0).max(100) }),
  z.strictObject({ kind: z.literal('all') }),
]);
export type Quota = z.infer<typeof quotaSchema>;

export const songSelectionSchema = z.strictObject({
  /** Songs to choose from; explicit ones by their `songIds`. */
  filter: songFilterSchema.default({}),
  /** Left out: the ranking that lists use. Songs are never ranked by scores of two rankings. */
  ranking: rankingKeySchema.optional(),
  quota: quotaSchema.default({ kind: 'all' }),
  /** 0..10: the lowest score that counts. */
  minimumScore: z.number().optional(),
  /** Takes the quota of every group. */
  per: groupingSchema.optional(),
  /**
   * How different chosen songs must at least be, as a share of the usual distance between two songs of the
   * library: 0 for not at all, 1 for as different as two random songs.
   */
  diverse: z.number().min(0).max(2).optional(),
  includesRejected: z.boolean().default(false),
  includesMissing: z.boolean().default(false),
  /** Songs without a score in the ranking; they come last. */
  includesUnscored: z.boolean().default(false),
});
export type SongSelection = z.output<typeof songSelectionSchema>;

/**
 * Why a song was left out; each song counts once, with the first reason that holds.
 *
 * - `missing`, `rejected`, `unscored`: see the selection's options
 * - `below-score`: under the lowest score
 * - `too-similar`: too close to a better one that was chosen
 * - `beyond-quota`: enough better ones were chosen
 */
export const leftOutReasons = [
  'missing',
  'rejected',
  'unscored',
  'below-score',
  'too-similar',
  'beyond-quota',
] as const;
export const leftOutSchema = z.object({ reason: z.enum(leftOutReasons), count: z.int().positive() });
export type LeftOut = z.infer<typeof leftOutSchema>;

export const selectedSongsSchema = z.object({
  /** Best first; equal scores in order of song id. */
  songs: z.array(songRowSchema),
  leftOut: z.array(leftOutSchema),
  /** Null while there are no scores. */
  ranking: rankingSchema.nullable(),
  /** What the least difference came to; null unless it was asked for. */
  distance: z
    .object({
      /** Usual cosine distance between two songs, centred over the library. */
      medianDistance: z.number(),
      minimumDistance: z.number(),
    })
    .nullable(),
});
export type SelectedSongs = z.infer<typeof selectedSongsSchema>;
