/** What an evaluation of a head says: how far its scores lie from the labels and how well they rank. */
import { z } from 'zod';

/** Fewer songs cannot be resampled in a way that means anything: an interval of theirs is the value itself. */
export const fewestForIntervals = 5;

/** A figure with the interval that contains it in 95 of 100 resampled sets of songs. */
export const estimateSchema = z.strictObject({
  value: z.number(),
  low: z.number(),
  high: z.number(),
});
export type Estimate = z.infer<typeof estimateSchema>;

/** Null where it is not defined: too few songs, or predictions or labels that are all equal. */
const possibleEstimate = estimateSchema.nullable();

export const scoreMetricsSchema = z.strictObject({
  songs: z.int().nonnegative(),
  /** Mean of the absolute errors, and root of the mean squared error, in points of 0..10. */
  mae: possibleEstimate,
  rmse: possibleEstimate,
  /** Rank correlations, -1..1: Spearman's rho with average ranks, Kendall's tau-b. */
  spearman: possibleEstimate,
  kendall: possibleEstimate,
  /** Share of the pairs with different labels that are put into the right order; equal scores count half. */
  pairwiseAccuracy: possibleEstimate,
  /** Mean of prediction minus label. */
  bias: possibleEstimate,
});
export type ScoreMetrics = z.infer<typeof scoreMetricsSchema>;

const baselineSchema = z.strictObject({
  name: z.enum(['mean', 'loudness']),
  metrics: scoreMetricsSchema,
});

export const evaluationSchema = z.strictObject({
  metrics: scoreMetricsSchema,
  /** What needs no model: the mean label of the training songs, and a line through their loudness. */
  baselines: z.array(baselineSchema),
  /** The largest genre first; songs without one under null. */
  genres: z.array(z.strictObject({ genre: z.string().nullable(), metrics: scoreMetricsSchema })),
  /** By label, in bands of two points. */
  bands: z.array(z.strictObject({ from: z.number(), to: z.number(), metrics: scoreMetricsSchema })),
  /** Songs in ten groups of equal size by prediction: what was predicted and what was true. */
  calibration: z.strictObject({
    groups: z.array(z.strictObject({ songs: z.int(), meanPredicted: z.number(), meanActual: z.number() })),
    /** The line through label against prediction; a perfect head has slope 1 and offset 0. */
    slope: z.number().nullable(),
    offset: z.number().nullable(),
  }),
  /** Prediction against label, one for each song; spread evenly over all where there are many. */
  points: z.array(
    z.strictObject({
      song: z.string(),
      genre: z.string().nullable(),
      predicted: z.number(),
      actual: z.number(),
    }),
  ),
  /** Prediction minus label: in bins of half a point, each from `from` up to half a point more. */
  residuals: z.strictObject({
    bins: z.array(z.strictObject({ from: z.number(), songs: z.int() })),
    standardDeviation: z.number().nullable(),
  }),
  /** Resampled sets behind each interval, and the seed that draws them. */
  resamples: z.int(),
  seed: z.int(),
});
export type Evaluation = z.infer<typeof evaluationSchema>;
