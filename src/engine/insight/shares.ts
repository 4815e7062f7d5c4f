/** Shares of songs, such as hit rates, and their differences, with intervals. */
import type { Figure, HitRate } from '../../shared/insight-parts.ts';
import { confidence, normalCritical } from './critical-values.ts';

/** So many of so many; neither has to be whole. */
export interface Share {
  part: number;
  whole: number;
}

/**
 * Wilson's score interval, which stays within 0..1 and says something even for none or all of a few.
 *
 * @param whole above 0
 */
export function wilsonShare({ part, whole }: Share, share = confidence): Figure & { interval: object } {
  const z = normalCritical(share);
  const value = part / whole;
  const centre = (part + (z * z) / 2) / (whole + z * z);
  const reach = (z / (whole + z * z)) * Math.sqrt((part * (whole - part)) / whole + (z * z) / 4);
  return {
    value,
    interval: {
      low: part <= 0 ? 0 : Math.max(0, centre - reach),
      high: part >= whole ? 1 : Math.min(1, centre + reach),
    },
  };
}

/** One share minus another, -1..1, by Newcombe's hybrid score interval (his method 10). */
export function differenceOfShares(of: Share, minus: Share, share = confidence): Figure {
  const [a, b] = [wilsonShare(of, share), wilsonShare(minus, share)];
  const value = a.value - b.value;
  return {
    value,
    interval: {
      low: value - Math.hypot(a.value - a.interval.low, b.interval.high - b.value),
      high: value + Math.hypot(a.interval.high - a.value, b.value - b.interval.low),
    },
  };
}

/** The share of scores that reach each threshold. */
export function hitRates(scores: ArrayLike<number>, thresholds: readonly number[]): HitRate[] {
  return thresholds.map((threshold) => {
    let hits = 0;
    for (let index = 0; index < scores.length; index++) if ((scores[index] ?? 0) >= threshold) hits += 1;
    const songs = scores.length;
    return { threshold, hits, songs, rate: songs === 0 ? null : wilsonShare({ part: hits, whole: songs }) };
  });
}
