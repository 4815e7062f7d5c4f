/** How scores lie: histogram, box plot and the mean of the best. */
import type { ScoreBin, ScoreSpread } from '../../shared/insight-parts.ts';
import { quantile } from '../../shared/quantile.ts';
import { maximumScore, minimumScore } from '../../shared/score.ts';
import { Moments } from './means.ts';

/** Bins of half a point. */
const binCount = 20;
/** How many boxes a whisker may be long, as Tukey drew it. */
const whiskerLength = 1.5;
const topShare = 0.1;

/** @param ascending scores; null of none */
export function spreadOf(ascending: Float64Array): ScoreSpread | null {
  if (ascending.length === 0) return null;
  const [lowerQuartile, median, upperQuartile] = [0.25, 0.5, 0.75].map((share) => quantile(ascending, share));
  if (lowerQuartile === undefined || median === undefined || upperQuartile === undefined) return null;
  const reach = whiskerLength * (upperQuartile - lowerQuartile);
  const inside = ascending.filter(
    (score) => score >= lowerQuartile - reach && score <= upperQuartile + reach,
  );
  const { variance } = Moments.of(ascending);
  return {
    minimum: ascending[0] ?? median,
    lowerWhisker: Math.min(inside[0] ?? lowerQuartile, lowerQuartile),
    lowerQuartile,
    median,
    upperQuartile,
    upperWhisker: Math.max(inside.at(-1) ?? upperQuartile, upperQuartile),
    maximum: ascending.at(-1) ?? median,
    outliers: ascending.length - inside.length,
    standardDeviation: ascending.length < 2 ? null : Math.sqrt(variance),
  };
}

/** The scores in bins of half a point over 0..10; scores beyond count in the outermost. */
export function scoreBins(scores: ArrayLike<number>): ScoreBin[] {
  const width = (maximumScore - minimumScore) / binCount;
  const counts = new Int32Array(binCount);
  for (let index = 0; index < scores.length; index++) {
    const bin = Math.floor(((scores[index] ?? 0) - minimumScore) / width);
    const inside = Math.min(binCount - 1, Math.max(0, bin));
    counts[inside] = (counts[inside] ?? 0) + 1;
  }
  return Array.from(counts, (songs, bin) => ({
    from: minimumScore + bin * width,
    to: minimumScore + (bin + 1) * width,
    songs,
  }));
}

/** The mean of the best tenth, at least one; null of none. */
export function topMeanOf(ascending: Float64Array): number | null {
  if (ascending.length === 0) return null;
  const count = Math.max(1, Math.round(ascending.length * topShare));
  return Moments.of(ascending.subarray(ascending.length - count)).mean;
}
