/** Commands about what scores say: analyses of any set of songs, and the tables behind them as CSV. */
import { z } from 'zod';
import type { CommandDeclarations } from './contract.ts';
import { insightKinds, insightKindSchema, insightSchema } from './insight.ts';
import { maximumScore, minimumScore } from './score.ts';
import { rankingKeySchema, songFilterSchema } from './song-query.ts';

const score = z.number().min(minimumScore).max(maximumScore);
const namedSongsSchema = z.strictObject({ name: z.string().min(1).max(200), filter: songFilterSchema });
export type NamedSongs = z.output<typeof namedSongsSchema>;

/** Thresholds of hit rates unless others are chosen, in points. */
export const defaultThresholds: readonly number[] = [5, 6, 7, 8, 9];

export const insightRequestSchema = z.strictObject({
  filter: songFilterSchema.default({}),
  /** Left out: the ranking of the last scores that are not drafts, else the last draft's. */
  ranking: rankingKeySchema.optional(),
  /** All of them unless told; `comparison` needs the groups below and is left out without them. */
  analyses: z
    .array(insightKindSchema)
    .min(1)
    .default([...insightKinds]),
  thresholds: z
    .array(score)
    .min(1)
    .max(20)
    .default([...defaultThresholds]),
  /** Share of the songs that `top-bottom` takes on each side. */
  topShare: z.number().min(0.01).max(0.5).default(0.1),
  /** The groups of `comparison`, by their own filters: the filter above does not apply to them. */
  comparison: z.strictObject({ first: namedSongsSchema, second: namedSongsSchema }).optional(),
  /**
   * What `reference` compares with. Left out: the loaded reference distribution where it was made by the ranking's
   * models, else the other songs of the library.
   */
  referenceSongs: namedSongsSchema.optional(),
  /** Groups, terms and differing values that are listed at most. */
  maximumRows: z.int().min(1).max(1000).default(50),
  /** Points of a scatter plot at most. */
  maximumPoints: z.int().min(0).max(20_000).default(2000),
});
/** What a caller may write. */
export type InsightRequest = z.input<typeof insightRequestSchema>;
export type InsightQuery = z.output<typeof insightRequestSchema>;

export const insightCommands = {
  /** The analyses that are asked for, all from one state of the library and from the scores of one ranking. */
  'get-insight': { request: insightRequestSchema, response: insightSchema },
  /** The tables behind the same analyses' plots as CSV, one or two for each analysis. */
  'export-insight': {
    request: insightRequestSchema,
    response: z.array(
      z.strictObject({
        kind: insightKindSchema,
        /** A name for the file, different for each, such as `genres.csv`. */
        fileName: z.string(),
        csv: z.string(),
      }),
    ),
  },
} satisfies CommandDeclarations;
