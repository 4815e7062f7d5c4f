/** Turns a fine histogram of scores into the few bars of a small picture, cropped to where scores are. */
import { maximumScore } from '../../shared/score.ts';

export interface ScoreBar {
  count: number;
  /** Height beside the highest bar, 0..1. */
  height: number;
  /** Whether the song's score lies in it. */
  isOwn: boolean;
}

export interface ScoreBars {
  bars: ScoreBar[];
  /** Scores at the picture's ends. */
  lowest: number;
  highest: number;
}

/**
 * @param counts songs in each of equal parts of 0..10
 * @param score of the song, null for one without
 * @param wantedBars about as many bars are made
 * @returns null where there is nothing to show
 */
export function scoreBars(
  counts: readonly number[],
  score: number | null,
  wantedBars = 16,
): ScoreBars | null {
  const first = counts.findIndex((count) => count > 0);
  if (first < 0) return null;
  let last = counts.length - 1;
  while ((counts[last] ?? 0) === 0) last -= 1;
  const width = Math.max(1, Math.ceil((last - first + 1) / wantedBars));
  const barCount = Math.ceil((last - first + 1) / width);
  const own =
    score === null
      ? -1
      : Math.floor(
          (Math.min(counts.length - 1, Math.floor((score / maximumScore) * counts.length)) - first) / width,
        );
  const sums = Array.from({ length: barCount }, (_, bar) => {
    const start = first + bar * width;
    return counts.slice(start, start + width).reduce((sum, count) => sum + count, 0);
  });
  const tallest = Math.max(...sums);
  const scoreAt = (part: number) => (part / counts.length) * maximumScore;
  return {
    bars: sums.map((count, bar) => ({ count, height: count / tallest, isOwn: bar === own })),
    lowest: scoreAt(first),
    highest: Math.min(maximumScore, scoreAt(first + barCount * width)),
  };
}
