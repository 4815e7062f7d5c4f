/** Analyses, a training and an evaluation as the engine would give them, with figures that are made up and words that are hostile. */
import type { Evaluation, ScoreMetrics } from '../../src/shared/evaluation.ts';
import type { ComparedGroup, Figure, GroupRanking, ScoreSpread } from '../../src/shared/insight-parts.ts';
import type { InsightAnalysis } from '../../src/shared/insight.ts';
import { insightAnalysisSchema } from '../../src/shared/insight.ts';
import type { TrainedEpochRecord } from '../../src/shared/training-recipe.ts';
import { seededRandom } from './seeded-random.ts';

/** A title that would like to be markup, to close things, to turn the line around and to be no XML. */
export const hostileWords = '"><script>alert(1)</script>\u{0}\u{1b}\u{202e}&amp;\u{d800}]]>';

const next = seededRandom(7);
const round = (value: number) => Math.round(value * 100) / 100;
const around = (middle: number, spread: number) => round(middle + (next() + next() + next() - 1.5) * spread);

function figure(value: number, half: number | null): Figure {
  return { value, interval: half === null ? null : { low: round(value - half), high: round(value + half) } };
}

const spread: ScoreSpread = {
  ...{
    minimum: 2.4,
    lowerWhisker: 2.9,
    lowerQuartile: 4.8,
    median: 5.6,
    upperQuartile: 6.5,
    upperWhisker: 8.6,
  },
  ...{ maximum: 9.1, outliers: 2, standardDeviation: 1.3 },
};
const bins = Array.from({ length: 40 }, (_, index) => ({
  from: index / 4,
  to: (index + 1) / 4,
  songs: Math.max(0, Math.round(14 * Math.exp(-(((index / 4 - 5.6) / 1.75) ** 2)))),
}));
const base = { verdict: 'clear', songs: 171, songsWithout: 4, fewestSongs: 20 } as const;

function groupRanking(names: readonly string[]): GroupRanking {
  const groups = names.map((name, place) => {
    const songs = 3 + Math.floor(next() * 30);
    const mean = round(7.2 - (place * 3) / names.length);
    return {
      ...{ name, songs, mean: figure(mean, songs > 5 ? round(2 / Math.sqrt(songs)) : null), median: mean },
      ...{ best: round(mean + 1.6), worst: round(mean - 1.9), bestSongId: place + 1 },
      againstOthers: songs > 5 ? { difference: figure(round(mean - 5.6), 0.6), isClear: place < 2 } : null,
    };
  });
  return { groups, groupCount: names.length, comparedCount: names.length - 1, fewest: 5 };
}

const thresholds = [5, 6, 7, 8, 9];
const hitRates = (shift: number) =>
  thresholds.map((threshold, place) => {
    const rate = round(Math.max(0, [0.64, 0.38, 0.17, 0.06, 0.01][place] ?? 0) + shift);
    const interval = { low: round(Math.max(0, rate - 0.06)), high: round(rate + 0.07) };
    return { threshold, hits: Math.round(rate * 171), songs: 171, rate: { value: rate, interval } };
  });

function comparedGroup(name: string, shift: number): ComparedGroup {
  return {
    ...{ name, songs: 80, mean: figure(round(5.4 + shift), 0.28), spread, topMean: 8.1 },
    hitRates: hitRates(shift / 10),
  };
}

const difference = {
  difference: figure(0.8, 0.4),
  cliffsDelta: figure(0.3, 0.14),
  hedgesG: figure(0.55, 0.27),
  hitRates: thresholds.map((threshold) => ({ threshold, difference: figure(0.08, 0.06) })),
};

function relation(
  kind: 'tempo' | 'duration' | 'loudness' | 'generation-time',
  [low, high]: [number, number],
): InsightAnalysis {
  const step = (high - low) / 6;
  return {
    ...{ kind, ...base, spearman: figure(0.21, 0.14) },
    bins: Array.from({ length: 6 }, (_, place) => ({
      ...{ from: round(low + place * step), to: round(low + (place + 1) * step), songs: 28 },
      mean: place === 3 ? null : figure(around(5.6, 0.8), 0.5),
    })),
    points: Array.from({ length: 171 }, (_, place) => ({
      ...{ songId: place + 1, x: round(low + next() * (high - low)), score: around(5.6, 2) },
    })),
  };
}

const genres = ['ambient', 'lo-fi hip hop', 'synthwave', 'orchestral', 'minimal techno', hostileWords];
const prompts = [
  'cinematic strings, rising tension, wide brass, and a choir that answers from far away in the second part',
  'lo-fi piano, rain on a window, tape hiss',
  'dark synthwave, driving bass, neon',
  'warm pads, slow dawn, choir',
  hostileWords,
];

/** One of each kind. */
export function sampleAnalyses(): InsightAnalysis[] {
  const analyses: InsightAnalysis[] = [
    { kind: 'scores', ...base, mean: figure(5.58, 0.2), spread, bins },
    { kind: 'hit-rates', ...base, rates: hitRates(0) },
    { kind: 'genres', ...base, ranking: groupRanking(genres) },
    { kind: 'prompts', ...base, ranking: groupRanking(prompts) },
    {
      ...{ kind: 'terms', ...base, comparedCount: 12, termCount: 40, promptCount: 10 },
      ...{ fewestSongsOfTerm: 5, fewestPromptsOfTerm: 2 },
      terms: ['choir', 'tape hiss', 'brass', 'neon', hostileWords, 'kick'].map((term, place) => ({
        ...{
          term,
          kind: place % 2 === 0 ? 'word' : 'style',
          songs: 40 - place,
          prompts: 3,
          meanWith: 6,
          meanWithout: 5,
        },
        ...{ difference: figure(round(1.2 - place * 0.5), 0.5), isClear: place !== 2 && place !== 3 },
      })),
    },
    relation('tempo', [60, 180]),
    {
      ...{
        kind: 'keys',
        ...base,
        ranking: groupRanking(['C major', 'A minor', 'F♯ minor', 'B♭ major', 'D minor']),
      },
      modes: {
        major: comparedGroup('major', 0.3),
        minor: comparedGroup('minor', 0),
        difference,
        isClear: false,
      },
    },
    {
      ...{ kind: 'tempo-keys', ...base, keys: ['C major', 'G major', 'A minor', 'D minor', hostileWords] },
      ...{ tempoEdgesBpm: [60, 80, 100, 120, 140, 160], fewestSongsOfCell: 3 },
      cells: Array.from({ length: 21 }, (_, place) => ({
        ...{
          key: place % 5,
          tempo: Math.floor(place / 5),
          songs: 1 + (place % 6),
          mean: figure(around(5.6, 1.5), null),
        },
      })),
    },
    relation('duration', [30, 240]),
    relation('loudness', [-24, -7]),
    relation('generation-time', [8, 70]),
    {
      ...{
        kind: 'top-bottom',
        ...base,
        share: 0.1,
        songsOfSide: 17,
        topMinimum: 7.4,
        bottomMaximum: 3.9,
        comparedCount: 30,
      },
      quantities: (['tempo', 'loudness', 'duration'] as const).map((quantity, place) => ({
        ...{ quantity, topSongs: 17, bottomSongs: 17, topMedian: 120, bottomMedian: 100 },
        ...{ cliffsDelta: figure(round(0.5 - place * 0.4), 0.3), isClear: place === 0 },
      })),
      shares: ['minor', 'choir', 'ambient', hostileWords].map((value, place) => ({
        ...{
          attribute: 'term' as const,
          value,
          topSongs: 12 - place * 2,
          bottomSongs: 3 + place * 2,
          isClear: place === 0,
        },
        ...{
          difference: figure(round(0.5 - place * 0.2), 0.25),
          topShare: round(0.7 - place * 0.12),
          bottomShare: round(0.18 + place * 0.1),
        },
      })),
    },
    {
      ...{
        kind: 'reference',
        ...base,
        spread,
        bins,
        medianPercentile: 63,
        aboveMedian: figure(0.6, 0.08),
        difference,
      },
      reference: {
        ...{ name: 'training set', source: 'loaded', scores: 400, spread },
        bins: bins.map(({ from, to }) => ({
          from,
          to,
          songs: Math.round(30 * Math.exp(-(((from - 5) / 1.6) ** 2))),
        })),
      },
      quantiles: Array.from({ length: 19 }, (_, place) => ({
        ...{ share: (place + 1) / 20, song: round(3.4 + place * 0.24), reference: round(2.9 + place * 0.24) },
      })),
    },
    {
      ...{ kind: 'comparison', ...base, shared: 0, difference },
      ...{ first: comparedGroup('before', 0), second: comparedGroup(hostileWords, 0.8) },
    },
  ];
  return analyses.map((analysis) => insightAnalysisSchema.parse(analysis));
}

/** The curve of a training that ended early. */
export function sampleEpochs(): TrainedEpochRecord[] {
  return Array.from({ length: 47 }, (_, place) => ({
    ...{ epoch: place + 1, learningRate: 1e-3 * Math.cos((place / 200) * (Math.PI / 2)) },
    trainLoss: round(4 * Math.exp(-place / 9) + 0.9 + next() * 0.1),
    validationMae: round(
      1.6 * Math.exp(-place / 6) + 1.1 + (Math.max(0, place - 26) / 26) * 0.15 + next() * 0.05,
    ),
    validationSpearman: round(0.48 * (1 - Math.exp(-place / 6)) + next() * 0.02),
  }));
}

function metrics(songs: number, mae: number, rho: number | null): ScoreMetrics {
  const estimate = (value: number, half: number) => ({
    value,
    low: round(value - half),
    high: round(value + half),
  });
  return {
    ...{ songs, mae: estimate(mae, 0.9 / Math.sqrt(songs)), rmse: estimate(mae * 1.3, 0.1) },
    spearman: rho === null ? null : estimate(rho, 1 / Math.sqrt(songs)),
    kendall: rho === null ? null : estimate(round(rho * 0.7), 0.05),
    ...{ pairwiseAccuracy: estimate(0.66, 0.04), bias: estimate(-0.12, 0.1) },
  };
}

/** A head that ranks somewhat, over songs of five genres. */
export function sampleEvaluation(): Evaluation {
  const points = Array.from({ length: 240 }, (_, place) => {
    const actual = around(5, 2.4);
    return {
      song: place === 0 ? hostileWords : `song ${place}`,
      genre: 'ambient',
      actual,
      predicted: around(3 + actual * 0.4, 1),
    };
  });
  return {
    metrics: metrics(240, 1.12, 0.52),
    baselines: [
      { name: 'mean', metrics: metrics(240, 1.41, null) },
      { name: 'loudness', metrics: metrics(240, 1.38, 0.14) },
    ],
    genres: [...genres.slice(0, 4), hostileWords, null].map((genre, place) => ({
      genre,
      metrics: metrics(60 - place * 9, round(0.95 + place * 0.12), 0.4),
    })),
    bands: Array.from({ length: 5 }, (_, place) => ({
      ...{
        from: place * 2,
        to: place * 2 + 2,
        metrics: metrics(12 + place * 20, round(0.8 + Math.abs(place - 2) * 0.5), 0.2),
      },
    })),
    calibration: {
      groups: Array.from({ length: 10 }, (_, place) => ({
        songs: 24,
        meanPredicted: round(3.4 + place * 0.36),
        meanActual: round(2.9 + place * 0.45),
      })),
      ...{ slope: 1.18, offset: -0.9 },
    },
    points,
    residuals: {
      bins: Array.from({ length: 14 }, (_, place) => ({
        from: -3.5 + place / 2,
        songs: Math.round(40 * Math.exp(-(((place - 7) / 3) ** 2))),
      })),
      standardDeviation: 1.36,
    },
    ...{ resamples: 1000, seed: 42 },
  };
}
