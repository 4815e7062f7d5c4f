/** Compares the scores of two groups of songs. */
import type { ComparedGroup, GroupDifference } from '../../shared/insight-parts.ts';
import { confidence } from './critical-values.ts';
import { cliffsDelta, hedgesG } from './effect-sizes.ts';
import { differenceOfMeans, meanScore, Moments } from './means.ts';
import { spreadOf, topMeanOf } from './score-spread.ts';
import { differenceOfShares, hitRates } from './shares.ts';

/** Fewer songs in either group, and nothing is said of their difference. */
export const fewestSongsOfSide = 10;

/** One group by itself. @param ascending its scores */
export function describeScores(
  name: string,
  ascending: Float64Array,
  thresholds: readonly number[],
): ComparedGroup {
  return {
    name,
    songs: ascending.length,
    mean: ascending.length === 0 ? null : meanScore(Moments.of(ascending)),
    spread: spreadOf(ascending),
    topMean: topMeanOf(ascending),
    hitRates: hitRates(ascending, thresholds),
  };
}

/**
 * The second group against the first; null where either has too few songs.
 *
 * @param first scores ascending, as are those of `second`
 * @param share confidence of every interval
 */
export function compareScores(
  first: Float64Array,
  second: Float64Array,
  thresholds: readonly number[],
  share = confidence,
): GroupDifference | null {
  if (Math.min(first.length, second.length) < fewestSongsOfSide) return null;
  const [firstRates, secondRates] = [hitRates(first, thresholds), hitRates(second, thresholds)];
  return {
    difference: differenceOfMeans(Moments.of(second).estimate, Moments.of(first).estimate, share),
    cliffsDelta: cliffsDelta(first, second, share),
    hedgesG: hedgesG(first, second, share),
    hitRates: thresholds.map((threshold, index) => ({
      threshold,
      difference: differenceOfShares(
        { part: secondRates[index]?.hits ?? 0, whole: second.length },
        { part: firstRates[index]?.hits ?? 0, whole: first.length },
        share,
      ),
    })),
  };
}

/** Two groups without the songs that are in both, which count in the smaller one only. */
export function separateGroups(
  first: { ids: Int32Array; scores: Float64Array },
  second: { ids: Int32Array; scores: Float64Array },
): { first: Float64Array; second: Float64Array; shared: number } {
  const [smaller, larger] = first.ids.length <= second.ids.length ? [first, second] : [second, first];
  const inSmaller = new Set(smaller.ids);
  const rest = larger.scores.filter((_, place) => !inSmaller.has(larger.ids[place] ?? 0));
  const shared = larger.scores.length - rest.length;
  const ascending = (scores: Float64Array) => scores.slice().sort();
  return smaller === first
    ? { first: ascending(first.scores), second: ascending(rest), shared }
    : { first: ascending(rest), second: ascending(second.scores), shared };
}
