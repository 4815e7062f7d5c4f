/** Judges predictions against labels: errors, ranks, intervals, baselines, genres, bands, calibration, residuals. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  fewestForIntervals,
  type Estimate,
  type Evaluation,
  type ScoreMetrics,
} from '../../shared/evaluation.ts';
import { quantile } from '../../shared/quantile.ts';
import { drawBelow, seededBits } from '../../shared/seeded-bits.ts';
import { fitLine, meanOf } from './fit-line.ts';
import { PairedScores, type PairFigures } from './paired-scores.ts';

/** Songs whose predictions are judged, in any order. */
export interface JudgedSongs {
  predicted: ArrayLike<number>;
  actual: ArrayLike<number>;
  /** What each song is called, and its genre where one is known. */
  names: readonly string[];
  genres: readonly (string | null)[];
  /** Integrated loudness in LUFS, NaN where it is not known. */
  loudness: ArrayLike<number>;
}

/** What baselines learn from: the songs that were trained on. */
export interface BaselineSongs {
  actual: ArrayLike<number>;
  loudness: ArrayLike<number>;
}

export interface EvaluateOptions {
  /** Sets of songs that are drawn for the intervals, 1,000 unless told. */
  resamples?: number;
  /** Decides which, 0 unless told. */
  seed?: number;
  /** Predictions that are listed one by one, 5,000 at most unless told. */
  maximumPoints?: number;
}

const bandWidth = 2;
const residualBinWidth = 0.5;
const calibrationGroups = 10;
/** Fewer songs say nothing about a correlation, however it comes out. */
const fewestForRanks = 3;
/** How long resampling keeps other work waiting, in milliseconds. */
const turnMs = 15;

export async function evaluateScores(
  songs: JudgedSongs,
  trained: BaselineSongs | null,
  { resamples = 1000, seed = 0, maximumPoints = 5000 }: EvaluateOptions = {},
): Promise<Evaluation> {
  const metricsOf = (rows: Int32Array, predicted = songs.predicted) =>
    measureWithIntervals(takeValues(predicted, rows), takeValues(songs.actual, rows), resamples, seed);
  const all = Int32Array.from({ length: songs.actual.length }, (_, row) => row);
  const genres: Evaluation['genres'] = [];
  for (const [genre, rows] of groupRows(all, (row) => songs.genres[row] ?? null)) {
    genres.push({ genre, metrics: await metricsOf(rows) });
  }
  const bands: Evaluation['bands'] = [];
  for (let band = 0; band < 10 / bandWidth; band++) {
    const rows = all.filter((row) => bandOf(songs.actual[row] ?? NaN) === band);
    bands.push({ from: band * bandWidth, to: (band + 1) * bandWidth, metrics: await metricsOf(rows) });
  }
  return {
    metrics: await metricsOf(all),
    baselines: trained === null ? [] : await makeBaselines(songs, trained, metricsOf, all),
    genres: genres.sort((a, b) => b.metrics.songs - a.metrics.songs),
    bands,
    calibration: calibrate(songs, all),
    points: spreadEvenly(all, maximumPoints).map((row) => ({
      song: songs.names[row] ?? '',
      genre: songs.genres[row] ?? null,
      predicted: songs.predicted[row] ?? NaN,
      actual: songs.actual[row] ?? NaN,
    })),
    residuals: describeResiduals(songs),
    resamples,
    seed,
  };
}

/**
 * The figures of one set of songs, each with its interval by the percentile bootstrap. Other work of the process has
 * its turn meanwhile.
 */
export async function measureWithIntervals(
  predicted: ArrayLike<number>,
  actual: ArrayLike<number>,
  resamples: number,
  seed: number,
): Promise<ScoreMetrics> {
  const songs = predicted.length;
  const empty = { mae: null, rmse: null, bias: null, spearman: null, kendall: null, pairwiseAccuracy: null };
  if (songs === 0) return { songs, ...empty };
  const pairs = new PairedScores(predicted, actual);
  const whole = pairs.measure();
  const drawn: PairFigures[] = [];
  if (songs >= fewestForIntervals) {
    const bits = seededBits(seed);
    let lastTurnMs = performance.now();
    const counts = new Uint16Array(songs);
    for (let sample = 0; sample < resamples; sample++) {
      counts.fill(0);
      for (let draw = 0; draw < songs; draw++) {
        const row = drawBelow(bits, songs);
        counts[row] = (counts[row] ?? 0) + 1;
      }
      drawn.push(pairs.measure(counts));
      if (performance.now() - lastTurnMs < turnMs) continue;
      await nextTurn();
      lastTurnMs = performance.now();
    }
  }
  const estimate = (name: keyof PairFigures): Estimate | null => {
    if (!Number.isFinite(whole[name])) return null;
    const values = drawn.map((figures) => figures[name]).filter(Number.isFinite);
    // Without resamples the interval says nothing, and is the value itself.
    if (values.length === 0) return { value: whole[name], low: whole[name], high: whole[name] };
    const sorted = Float64Array.from(values).sort();
    return { value: whole[name], low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
  };
  const ranked = (name: keyof PairFigures) => (songs < fewestForRanks ? null : estimate(name));
  return {
    songs,
    mae: estimate('mae'),
    rmse: estimate('rmse'),
    bias: estimate('bias'),
    spearman: ranked('spearman'),
    kendall: ranked('kendall'),
    pairwiseAccuracy: ranked('pairwiseAccuracy'),
  };
}

/** The 0th to the 100th percentile. */
export function percentiles(values: ArrayLike<number>): number[] {
  const sorted = Float64Array.from(values).sort();
  return Array.from({ length: 101 }, (_, percent) => quantile(sorted, percent / 100));
}

async function makeBaselines(
  songs: JudgedSongs,
  trained: BaselineSongs,
  metricsOf: (rows: Int32Array, predicted: ArrayLike<number>) => Promise<ScoreMetrics>,
  all: Int32Array,
): Promise<Evaluation['baselines']> {
  const mean = meanOf(trained.actual);
  const baselines: Evaluation['baselines'] = [
    { name: 'mean', metrics: await metricsOf(all, new Float64Array(all.length).fill(mean)) },
  ];
  const line = fitLine(trained.loudness, trained.actual);
  if (line !== null) {
    const predicted = Float64Array.from(songs.loudness, (lufs) => line.offset + line.slope * lufs);
    const known = all.filter((row) => Number.isFinite(predicted[row]));
    if (known.length > 0) baselines.push({ name: 'loudness', metrics: await metricsOf(known, predicted) });
  }
  return baselines;
}

function calibrate({ predicted, actual }: JudgedSongs, all: Int32Array): Evaluation['calibration'] {
  const ordered = all.slice().sort((a, b) => (predicted[a] ?? 0) - (predicted[b] ?? 0));
  const count = Math.min(calibrationGroups, ordered.length);
  const groups = Array.from({ length: count }, (_, group) => {
    const [start, end] = [group, group + 1].map((edge) => Math.round((edge * ordered.length) / count));
    const rows = ordered.slice(start, end);
    return {
      songs: rows.length,
      meanPredicted: meanOf(takeValues(predicted, rows)),
      meanActual: meanOf(takeValues(actual, rows)),
    };
  });
  const line = fitLine(predicted, actual);
  return { groups, slope: line?.slope ?? null, offset: line?.offset ?? null };
}

function describeResiduals({ predicted, actual }: JudgedSongs): Evaluation['residuals'] {
  const residuals = Float64Array.from(predicted, (value, row) => value - (actual[row] ?? NaN));
  const bins = new Map<number, number>();
  for (const residual of residuals) {
    const bin = Math.floor(residual / residualBinWidth);
    bins.set(bin, (bins.get(bin) ?? 0) + 1);
  }
  const numbers = [...bins.keys()];
  const [first, last] = [Math.min(...numbers), Math.max(...numbers)];
  const mean = meanOf(residuals);
  const variance = meanOf(residuals.map((residual) => (residual - mean) ** 2));
  return {
    bins:
      numbers.length === 0
        ? []
        : Array.from({ length: last - first + 1 }, (_, place) => ({
            from: (first + place) * residualBinWidth,
            songs: bins.get(first + place) ?? 0,
          })),
    standardDeviation: residuals.length === 0 ? null : Math.sqrt(variance),
  };
}

/** The highest band holds its upper end as well. */
function bandOf(label: number): number {
  return Math.min(10 / bandWidth - 1, Math.floor(label / bandWidth));
}

function groupRows<Key>(rows: Int32Array, keyOf: (row: number) => Key): [Key, Int32Array][] {
  const groups = new Map<Key, number[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups].map(([key, group]) => [key, Int32Array.from(group)]);
}

function takeValues(values: ArrayLike<number>, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => values[row] ?? NaN);
}

/** At most so many of the rows, evenly over all of them. */
function spreadEvenly(rows: Int32Array, maximum: number): number[] {
  if (rows.length <= maximum) return [...rows];
  return Array.from(
    { length: maximum },
    (_, place) => rows[Math.floor((place * rows.length) / maximum)] ?? 0,
  );
}
