/** What is to be doubted about a head is said before its figures are believed. */
import { describe, expect, test } from 'vitest';
import { doubtsOf, doubtWords } from '../../../src/renderer/training/head-doubts.ts';
import type { Estimate, ScoreMetrics } from '../../../src/shared/evaluation.ts';

function metrics(songs: number, mae: Estimate, spearman: Estimate | null): ScoreMetrics {
  return { songs, mae, rmse: mae, spearman, kendall: spearman, pairwiseAccuracy: null, bias: mae };
}

const about = (value: number, width: number): Estimate => ({
  value,
  low: value - width,
  high: value + width,
});
const baseline = (mae: Estimate) => [{ name: 'mean' as const, metrics: metrics(100, mae, null) }];

describe('a head', () => {
  test('that is clearly better than what needs no model has nothing to be doubted', () => {
    const good = {
      metrics: metrics(100, about(1, 0.1), about(0.6, 0.1)),
      baselines: baseline(about(2, 0.2)),
    };
    expect(doubtsOf(1000, good)).toEqual([]);
    expect(doubtsOf(null, good)).toEqual([]);
  });

  test('of 41 songs says so with its number', () => {
    const good = { metrics: metrics(8, about(1, 0.1), about(0.6, 0.1)), baselines: [] };
    expect(doubtWords(doubtsOf(41, good), { trained: 41, tested: 8 })).toEqual([
      'Trained on 41 songs: too few to trust.',
    ]);
  });

  test('whose interval reaches 0, or lies over a baseline’s, is not called better', () => {
    const weak = {
      metrics: metrics(50, about(1.9, 0.3), about(0.2, 0.3)),
      baselines: baseline(about(2, 0.2)),
    };
    expect(doubtsOf(500, weak)).toEqual(['chance', 'mean']);
    const worse = { metrics: metrics(50, about(3, 0.1), null), baselines: baseline(about(2, 0.2)) };
    expect(doubtsOf(500, worse)).toEqual(['chance', 'mean']);
  });

  test('tested on three songs claims nothing, however well it did', () => {
    const exact = (value: number) => about(value, 0);
    const lucky = { metrics: metrics(3, exact(0.1), exact(1)), baselines: baseline(exact(2)) };
    expect(doubtWords(doubtsOf(20, lucky), { trained: 20, tested: 3 })).toEqual([
      'Trained on 20 songs: too few to trust.',
      'Tested on 3 songs: so few that these figures say nothing.',
    ]);
  });
});
