/** Evaluations against values worked out by hand. */
import { describe, expect, test } from 'vitest';
import { compareRanks } from '../../../src/engine/learn/compare-heads.ts';
import {
  evaluateScores,
  measureWithIntervals,
  percentiles,
} from '../../../src/engine/learn/evaluate-scores.ts';
import { seededBits } from '../../../src/shared/seeded-bits.ts';
import { evaluationSchema } from '../../../src/shared/evaluation.ts';

const songs = {
  predicted: [1, 3, 4, 6, 9, 2],
  actual: [0, 2, 5, 6, 10, 3],
  names: ['a', 'b', 'c', 'd', 'e', 'f'],
  genres: ['Rock', 'Rock', 'Pop', 'Rock', null, 'Pop'],
  loudness: [-20, -18, -12, -10, -6, NaN],
};
const trained = { actual: [0, 5, 10], loudness: [-20, -15, -10] };

describe('an evaluation', () => {
  test('has the errors, ranks and baselines of its songs', async () => {
    const evaluation = evaluationSchema.parse(await evaluateScores(songs, trained, { resamples: 200 }));
    const { metrics, baselines } = evaluation;
    // Errors: 1, 1, −1, 0, −1, −1.
    expect(metrics.mae?.value).toBeCloseTo(5 / 6, 12);
    expect(metrics.rmse?.value).toBeCloseTo(Math.sqrt(5 / 6), 12);
    expect(metrics.bias?.value).toBeCloseTo(-1 / 6, 12);
    // One of fifteen pairs is the wrong way round: b before f by label, after it by prediction.
    expect(metrics.kendall?.value).toBeCloseTo(13 / 15, 12);
    expect(metrics.pairwiseAccuracy?.value).toBeCloseTo(14 / 15, 12);
    expect(metrics.spearman?.value).toBeCloseTo(1 - (6 * 2) / (6 * 35), 12);

    const [mean, loudness] = baselines;
    expect(mean).toMatchObject({ name: 'mean', metrics: { songs: 6, spearman: null } });
    expect(mean?.metrics.mae?.value).toBeCloseTo((5 + 3 + 0 + 1 + 5 + 2) / 6, 12);
    // The line through the training songs: 20 + loudness. Predictions 0, 2, 8, 10, 14; the last song’s is unknown.
    expect(loudness).toMatchObject({ name: 'loudness', metrics: { songs: 5 } });
    expect(loudness?.metrics.mae?.value).toBeCloseTo((0 + 0 + 3 + 4 + 4) / 5, 12);
  });

  test('tells genres, bands, calibration, points and residuals apart', async () => {
    const { genres, bands, calibration, points, residuals } = await evaluateScores(songs, null, {
      resamples: 50,
    });
    expect(genres.map(({ genre, metrics }) => [genre, metrics.songs])).toEqual([
      ['Rock', 3],
      ['Pop', 2],
      [null, 1],
    ]);
    expect(genres[1]?.metrics.spearman).toBeNull();
    expect(bands.map(({ metrics }) => metrics.songs)).toEqual([1, 2, 1, 1, 1]);
    expect(calibration.groups).toHaveLength(6);
    expect(calibration.groups[0]).toEqual({ songs: 1, meanPredicted: 1, meanActual: 0 });
    expect(calibration.slope).toBeCloseTo((158 - (25 * 26) / 6) / (147 - 25 ** 2 / 6), 12);
    expect(points).toContainEqual({ song: 'e', genre: null, predicted: 9, actual: 10 });
    expect(residuals.bins.reduce((sum, bin) => sum + bin.songs, 0)).toBe(6);
    expect(residuals.bins[0]).toEqual({ from: -1, songs: 3 });
  });

  test('of one genre has that genre alone, with the figures of all songs', async () => {
    const ofOne = { ...songs, genres: songs.genres.map(() => 'Rock') };
    const { genres, metrics } = await evaluateScores(ofOne, null, { resamples: 50 });
    expect(genres).toHaveLength(1);
    expect(genres[0]?.genre).toBe('Rock');
    expect(genres[0]?.metrics.mae?.value).toBe(metrics.mae?.value);
    expect(genres[0]?.metrics.songs).toBe(6);
  });

  test('of one song, or of none, claims nothing that cannot be known', async () => {
    const one = { predicted: [5], actual: [6], names: ['a'], genres: [null], loudness: [NaN] };
    const { metrics, baselines } = evaluationSchema.parse(
      await evaluateScores(one, { actual: [1, 2], loudness: [NaN, NaN] }),
    );
    expect(metrics).toMatchObject({
      songs: 1,
      mae: { value: 1, low: 1, high: 1 },
      spearman: null,
      kendall: null,
    });
    expect(baselines.map(({ name }) => name)).toEqual(['mean']);
    const none = { predicted: [], actual: [], names: [], genres: [], loudness: [] };
    expect(evaluationSchema.parse(await evaluateScores(none, null)).metrics).toMatchObject({
      songs: 0,
      mae: null,
    });
  });

  test('gives the same intervals for the same seed, and contains what it should', async () => {
    const bits = seededBits(4);
    const predicted = Float64Array.from({ length: 300 }, () => bits() / 2 ** 32);
    const actual = predicted.map((value) => value + bits() / 2 ** 32);
    const first = await measureWithIntervals(predicted, actual, 300, 1);
    expect(await measureWithIntervals(predicted, actual, 300, 1)).toEqual(first);
    expect(await measureWithIntervals(predicted, actual, 300, 2)).not.toEqual(first);
    for (const name of ['mae', 'rmse', 'spearman', 'kendall', 'pairwiseAccuracy', 'bias'] as const) {
      const { value, low, high } = first[name] ?? { value: NaN, low: NaN, high: NaN };
      expect(low, name).toBeLessThan(value);
      expect(high, name).toBeGreaterThan(value);
    }
    // The mean of 300 numbers evenly from 0 to 1 lies within 1.96 × 0.289 / √300 of 0.5.
    expect(first.mae?.low).toBeLessThan(0.5 + 0.033);
    expect((first.mae?.high ?? 0) - (first.mae?.low ?? 0)).toBeCloseTo(
      2 * 1.96 * (0.289 / Math.sqrt(300)),
      1,
    );
  });
});

test('percentiles are NumPy’s', () => {
  const values = percentiles([4, 1, 3, 2]);
  expect(values).toHaveLength(101);
  expect([values[0], values[25], values[50], values[100]]).toEqual([1, 1.75, 2.5, 4]);
});

test('ranks of two heads: who climbs most comes first, equal scores share the better rank', () => {
  const { changes, spearman, sharedTop } = compareRanks(
    [
      { songId: 1, first: 9, second: 1 },
      { songId: 2, first: 5, second: 5 },
      { songId: 3, first: 5, second: 7 },
      { songId: 4, first: 1, second: 9 },
    ],
    2,
  );
  expect(
    changes.map(({ songId, firstRank, secondRank, rise }) => [songId, firstRank, secondRank, rise]),
  ).toEqual([
    [4, 4, 1, 3],
    [1, 1, 4, -3],
    [2, 2, 3, -1],
    [3, 2, 2, 0],
  ]);
  expect(spearman).toBeLessThan(0);
  expect(sharedTop).toBe(1);
});
