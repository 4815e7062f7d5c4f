/** What analyses of scores are made of: verdicts about support, figures with intervals, groups, bins and points. */
import { z } from 'zod';
import { songIdSchema } from './song-query.ts';

/**
 * What an analysis may be taken to say.
 *
 * - `nothing`: no song has what it needs
 * - `too-few`: some songs do, but so few that nothing follows
 * - `unclear`: enough songs, but what they show may as well be chance
 * - `clear`: more than chance explains, all comparisons of the analysis taken together, at 95 %
 * - `described`: a plain description in which nothing is compared
 */
export const insightVerdicts = ['nothing', 'too-few', 'unclear', 'clear', 'described'] as const;
export const insightVerdictSchema = z.enum(insightVerdicts);
export type InsightVerdict = z.infer<typeof insightVerdictSchema>;

/**
 * A figure and the interval that holds the true one with 95 %; null where it cannot be told: too few songs are behind
 * it, or their scores are all equal.
 */
export const figureSchema = z.strictObject({
  value: z.number(),
  interval: z.strictObject({ low: z.number(), high: z.number() }).nullable(),
});
export type Figure = z.infer<typeof figureSchema>;

/** How the scores of some songs lie; every score is in points, 0..10. */
export const scoreSpreadSchema = z.strictObject({
  minimum: z.number(),
  /** The ends of a box plot's whiskers: the furthest scores within 1.5 times the box from it. */
  lowerWhisker: z.number(),
  lowerQuartile: z.number(),
  median: z.number(),
  upperQuartile: z.number(),
  upperWhisker: z.number(),
  maximum: z.number(),
  /** Songs beyond the whiskers. */
  outliers: z.int().nonnegative(),
  /** Null for a single song. */
  standardDeviation: z.number().nullable(),
});
export type ScoreSpread = z.infer<typeof scoreSpreadSchema>;

/** A difference of two means and whether it is more than chance, all comparisons beside it taken together. */
export const comparedDifferenceSchema = z.strictObject({
  /** In points. Its interval is widened so that those of all comparisons hold together with 95 %. */
  difference: figureSchema,
  isClear: z.boolean(),
});
export type ComparedDifference = z.infer<typeof comparedDifferenceSchema>;

/** The scores of the songs that share a value, such as a genre. */
export const groupScoresSchema = z.strictObject({
  name: z.string(),
  songs: z.int().positive(),
  mean: figureSchema,
  median: z.number(),
  best: z.number(),
  worst: z.number(),
  /** The song with the best score. */
  bestSongId: songIdSchema,
  /** The group's mean minus that of all other songs that have a value; null where either side has too few songs. */
  againstOthers: comparedDifferenceSchema.nullable(),
});
export type GroupScores = z.infer<typeof groupScoresSchema>;

/** Groups with enough songs first, by their mean from the best down; then the others, likewise. */
export const groupRankingSchema = z.strictObject({
  groups: z.array(groupScoresSchema),
  /** Groups in all: those that are not listed included. */
  groupCount: z.int().nonnegative(),
  /** Groups of at least `fewest` songs: those that are compared. */
  comparedCount: z.int().nonnegative(),
  fewest: z.int().positive(),
});
export type GroupRanking = z.infer<typeof groupRankingSchema>;

/** A song as a point: the quantity that the analysis is about, and the score. */
export const songPointSchema = z.strictObject({ songId: songIdSchema, x: z.number(), score: z.number() });
export type SongPoint = z.infer<typeof songPointSchema>;

/** Songs within a span of a quantity: from `from` up to, without, `to`; the last bin holds `to` as well. */
export const quantityBinSchema = z.strictObject({
  from: z.number(),
  to: z.number(),
  songs: z.int().nonnegative(),
  /** Null for a bin without songs. */
  mean: figureSchema.nullable(),
});
export type QuantityBin = z.infer<typeof quantityBinSchema>;

/** A term of prompts and how the songs that have it score. */
export const termScoresSchema = z.strictObject({
  /** In small letters. */
  term: z.string(),
  /** `style`: a phrase between commas, such as `lo-fi hip hop`. */
  kind: z.enum(['word', 'style']),
  songs: z.int().positive(),
  /** Different prompts that have it: songs of one prompt count as one draw. */
  prompts: z.int().positive(),
  meanWith: z.number(),
  meanWithout: z.number(),
  /** Mean with it minus mean without it. */
  difference: figureSchema,
  isClear: z.boolean(),
});
export type TermScores = z.infer<typeof termScoresSchema>;

/** The share of songs that reach a score. */
export const hitRateSchema = z.strictObject({
  /** In points; a song reaches it with exactly this score too. */
  threshold: z.number(),
  hits: z.int().nonnegative(),
  songs: z.int().nonnegative(),
  /** 0..1, with Wilson's interval; null without songs. */
  rate: figureSchema.nullable(),
});
export type HitRate = z.infer<typeof hitRateSchema>;

/** One of two groups that are compared; figures are null without songs. */
export const comparedGroupSchema = z.strictObject({
  name: z.string(),
  /** Songs with a score. */
  songs: z.int().nonnegative(),
  mean: figureSchema.nullable(),
  spread: scoreSpreadSchema.nullable(),
  /** Mean score of the best tenth of the songs, at least one song. */
  topMean: z.number().nullable(),
  hitRates: z.array(hitRateSchema),
});
export type ComparedGroup = z.infer<typeof comparedGroupSchema>;

/** How the scores of two groups lie to each other; a positive figure means that the second one is higher. */
export const groupDifferenceSchema = z.strictObject({
  /** Mean of the second minus mean of the first, in points, by Welch. */
  difference: figureSchema,
  /** Chance that a song of the second scores higher than one of the first, minus the reverse: -1..1. */
  cliffsDelta: figureSchema,
  /** The difference in standard deviations, corrected for few songs; null where all scores are equal. */
  hedgesG: figureSchema.nullable(),
  /** At each threshold: share of the second minus share of the first, -1..1, by Newcombe. */
  hitRates: z.array(z.strictObject({ threshold: z.number(), difference: figureSchema })),
});
export type GroupDifference = z.infer<typeof groupDifferenceSchema>;

/** Equal parts of 0..10 and the songs in each: from `from` up to, without, `to`; the last one holds 10 too. */
export const scoreBinSchema = z.strictObject({
  from: z.number(),
  to: z.number(),
  songs: z.int().nonnegative(),
});
export type ScoreBin = z.infer<typeof scoreBinSchema>;

/** Quantities of a song that scores are looked at against. */
export const songQuantities = [
  'tempo',
  'duration',
  'loudness',
  'generation-time',
  'guidance-scale',
  'inference-steps',
] as const;
export const songQuantitySchema = z.enum(songQuantities);
export type SongQuantity = z.infer<typeof songQuantitySchema>;
