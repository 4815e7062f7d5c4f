/** What scores say about a set of songs: the analyses, each with the data of its plot and what it may be taken to say. */
import { z } from 'zod';
import {
  comparedGroupSchema,
  figureSchema,
  groupDifferenceSchema,
  groupRankingSchema,
  hitRateSchema,
  insightVerdictSchema,
  quantityBinSchema,
  scoreBinSchema,
  scoreSpreadSchema,
  songPointSchema,
  songQuantitySchema,
  termScoresSchema,
} from './insight-parts.ts';
import { rankingSchema } from './song-query.ts';

export const insightKinds = [
  'scores',
  'hit-rates',
  'genres',
  'prompts',
  'terms',
  'tempo',
  'keys',
  'tempo-keys',
  'duration',
  'loudness',
  'generation-time',
  'top-bottom',
  'reference',
  'comparison',
] as const;
export const insightKindSchema = z.enum(insightKinds);
export type InsightKind = z.infer<typeof insightKindSchema>;

const analysisBase = {
  verdict: insightVerdictSchema,
  /** Songs that have a score and everything else that the analysis needs. */
  songs: z.int().nonnegative(),
  /** Songs with a score that had to be left out because something else is not known of them. */
  songsWithout: z.int().nonnegative(),
  /** Songs that it takes to say anything; fewer are `too-few`. */
  fewestSongs: z.int().positive(),
};

/** Histogram and box plot. */
const scoresSchema = z.strictObject({
  kind: z.literal('scores'),
  ...analysisBase,
  mean: figureSchema.nullable(),
  spread: scoreSpreadSchema.nullable(),
  bins: z.array(scoreBinSchema),
});

const hitRatesSchema = z.strictObject({
  kind: z.literal('hit-rates'),
  ...analysisBase,
  rates: z.array(hitRateSchema),
});

/** Genre tags, or prompts in full. */
const groupsSchema = z.strictObject({
  kind: z.enum(['genres', 'prompts']),
  ...analysisBase,
  ranking: groupRankingSchema,
});

/** Words and styles of prompts; `songs` are those with a prompt. */
const termsSchema = z.strictObject({
  kind: z.literal('terms'),
  ...analysisBase,
  /** By how far the difference stands out of its interval, so that the clear ones come first. */
  terms: z.array(termScoresSchema),
  /** Terms that enough songs and prompts have, and lack, to be compared; those that are not listed included. */
  comparedCount: z.int().nonnegative(),
  /** Terms in all. */
  termCount: z.int().nonnegative(),
  /** Different prompts. */
  promptCount: z.int().nonnegative(),
  /** What a term needs to be compared: so many songs and so many different prompts, with it and without it. */
  fewestSongsOfTerm: z.int().positive(),
  fewestPromptsOfTerm: z.int().positive(),
});

/** A quantity against the score. */
const relationSchema = z.strictObject({
  kind: z.enum(['tempo', 'duration', 'loudness', 'generation-time']),
  ...analysisBase,
  /** Rank correlation, -1..1; null where it is not defined. */
  spearman: figureSchema.nullable(),
  bins: z.array(quantityBinSchema),
  /** One for each song; spread evenly over all where there are many. */
  points: z.array(songPointSchema),
});

const keysSchema = z.strictObject({
  kind: z.literal('keys'),
  ...analysisBase,
  ranking: groupRankingSchema,
  /** Songs in major first, songs in minor second; keys that are neither are in no group. */
  modes: z.strictObject({
    major: comparedGroupSchema,
    minor: comparedGroupSchema,
    /** Null where either has too few songs. */
    difference: groupDifferenceSchema.nullable(),
    isClear: z.boolean(),
  }),
});

/** A heat map; only cells with songs are listed. */
const tempoKeysSchema = z.strictObject({
  kind: z.literal('tempo-keys'),
  ...analysisBase,
  /** Rows in the order of the circle of fifths, major before minor; what is no key last. */
  keys: z.array(z.string()),
  /** Columns: each from one edge up to, without, the next; the last one holds its upper end. */
  tempoEdgesBpm: z.array(z.number()),
  cells: z.array(
    z.strictObject({
      /** Indices into keys and columns. */
      key: z.int().nonnegative(),
      tempo: z.int().nonnegative(),
      songs: z.int().positive(),
      mean: figureSchema,
    }),
  ),
  /** A cell of fewer songs says little. */
  fewestSongsOfCell: z.int().positive(),
});

/** The best and the worst songs, and what differs between them. */
const topBottomSchema = z.strictObject({
  kind: z.literal('top-bottom'),
  ...analysisBase,
  /** Share of the songs on each side, and how many that are. */
  share: z.number(),
  songsOfSide: z.int().nonnegative(),
  topMinimum: z.number().nullable(),
  bottomMaximum: z.number().nullable(),
  /** The clear ones first, then by the size of the effect. */
  quantities: z.array(
    z.strictObject({
      quantity: songQuantitySchema,
      topSongs: z.int().positive(),
      bottomSongs: z.int().positive(),
      topMedian: z.number(),
      bottomMedian: z.number(),
      /** Positive where it is larger among the best. */
      cliffsDelta: figureSchema,
      isClear: z.boolean(),
    }),
  ),
  shares: z.array(
    z.strictObject({
      attribute: z.enum(['genre', 'key', 'mode', 'generator', 'term']),
      value: z.string(),
      topSongs: z.int().nonnegative(),
      bottomSongs: z.int().nonnegative(),
      /** Share of the best minus share of the worst, -1..1, among those of which the attribute is known. */
      difference: figureSchema,
      topShare: z.number(),
      bottomShare: z.number(),
      isClear: z.boolean(),
    }),
  ),
  /** Quantities and values that were compared; those that are not listed included. */
  comparedCount: z.int().nonnegative(),
});

/** The songs against a reference distribution of the same models. */
const referenceSchema = z.strictObject({
  kind: z.literal('reference'),
  ...analysisBase,
  /** Null where there is nothing to compare with. */
  reference: z
    .strictObject({
      name: z.string(),
      /** `loaded`: the distribution that percentiles are stated against. `songs`: songs of the library. */
      source: z.enum(['loaded', 'songs']),
      scores: z.int().nonnegative(),
      spread: scoreSpreadSchema.nullable(),
      bins: z.array(scoreBinSchema),
    })
    .nullable(),
  spread: scoreSpreadSchema.nullable(),
  bins: z.array(scoreBinSchema),
  /** The 5th, 10th, … 95th percentile of both, for a quantile plot. */
  quantiles: z.array(z.strictObject({ share: z.number(), song: z.number(), reference: z.number() })),
  /** Share of the reference that scores no better than the median song, 0..100. */
  medianPercentile: z.number().nullable(),
  /** Share of the songs above the reference's median, 0..1. */
  aboveMedian: figureSchema.nullable(),
  /** Reference first, songs second; null where either has too few. */
  difference: groupDifferenceSchema.nullable(),
});

/** Two groups of songs, such as before and after a change of the generator's settings. */
const comparisonAnalysisSchema = z.strictObject({
  kind: z.literal('comparison'),
  ...analysisBase,
  first: comparedGroupSchema,
  second: comparedGroupSchema,
  /** Songs that both filters let through; they count in the smaller group only. */
  shared: z.int().nonnegative(),
  /** Null where either has too few songs. */
  difference: groupDifferenceSchema.nullable(),
});

export const insightAnalysisSchema = z.discriminatedUnion('kind', [
  scoresSchema,
  hitRatesSchema,
  groupsSchema,
  termsSchema,
  relationSchema,
  keysSchema,
  tempoKeysSchema,
  topBottomSchema,
  referenceSchema,
  comparisonAnalysisSchema,
]);
export type InsightAnalysis = z.infer<typeof insightAnalysisSchema>;
type Holding<Analysis extends InsightAnalysis, Kind extends InsightKind> = Analysis extends unknown
  ? Kind extends Analysis['kind']
    ? Analysis
    : never
  : never;
/** The result of one kind of analysis. */
export type InsightOf<Kind extends InsightKind> = Holding<InsightAnalysis, Kind>;
export type ScoresInsight = z.infer<typeof scoresSchema>;
export type HitRatesInsight = z.infer<typeof hitRatesSchema>;
export type GroupsInsight = z.infer<typeof groupsSchema>;
export type TermsInsight = z.infer<typeof termsSchema>;
export type RelationInsight = z.infer<typeof relationSchema>;
export type KeysInsight = z.infer<typeof keysSchema>;
export type TempoKeysInsight = z.infer<typeof tempoKeysSchema>;
export type TopBottomInsight = z.infer<typeof topBottomSchema>;
export type ReferenceInsight = z.infer<typeof referenceSchema>;
export type ComparisonInsight = z.infer<typeof comparisonAnalysisSchema>;

export const insightSchema = z.object({
  /** Whose scores these are: never those of several rankings. Null while there are none. */
  ranking: rankingSchema.nullable(),
  /** Songs within the filter, and those of them that have a score. */
  total: z.int().nonnegative(),
  scoredTotal: z.int().nonnegative(),
  /** In the order in which they were asked for. */
  analyses: z.array(insightAnalysisSchema),
  /** The library's revision that this shows; see the change notices. */
  revision: z.int(),
});
export type Insight = z.infer<typeof insightSchema>;

/** The result of one kind of analysis, null where it was not asked for. */
export function findInsight<Kind extends InsightKind>(insight: Insight, kind: Kind): InsightOf<Kind> | null {
  const found = insight.analyses.find((analysis): analysis is InsightOf<Kind> => analysis.kind === kind);
  return found ?? null;
}
