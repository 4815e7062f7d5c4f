/** Sets the scores of songs against a reference distribution of the same models. */
import type { ReferenceInsight } from '../../shared/insight.ts';
import { quantile } from '../../shared/quantile.ts';
import { compareScores, fewestSongsOfSide } from './compare-groups.ts';
import { excludesZero } from './means.ts';
import { scoreBins, spreadOf } from './score-spread.ts';
import { wilsonShare } from './shares.ts';
import { verdictOf } from './verdict.ts';

export interface ReferenceScores {
  name: string;
  source: 'loaded' | 'songs';
  /** Ascending. */
  scores: Float64Array;
}

/** @param ascending the songs' scores */
export function compareWithReference(
  ascending: Float64Array,
  reference: ReferenceScores | null,
  thresholds: readonly number[],
): ReferenceInsight {
  const others = reference?.scores ?? new Float64Array();
  const difference = compareScores(others, ascending, thresholds);
  const bothHaveSome = ascending.length > 0 && others.length > 0;
  return {
    kind: 'reference',
    verdict: verdictOf(
      bothHaveSome ? ascending.length : 0,
      difference !== null,
      difference !== null && excludesZero(difference.difference),
    ),
    songs: ascending.length,
    songsWithout: 0,
    fewestSongs: fewestSongsOfSide,
    reference: reference && {
      name: reference.name,
      source: reference.source,
      scores: others.length,
      spread: spreadOf(others),
      bins: scoreBins(others),
    },
    spread: spreadOf(ascending),
    bins: scoreBins(ascending),
    quantiles: bothHaveSome
      ? Array.from({ length: 19 }, (_, index) => (index + 1) / 20).map((share) => ({
          share,
          song: quantile(ascending, share),
          reference: quantile(others, share),
        }))
      : [],
    medianPercentile: bothHaveSome ? percentileOf(others, quantile(ascending, 0.5)) : null,
    aboveMedian: bothHaveSome ? shareAbove(ascending, quantile(others, 0.5)) : null,
    difference,
  };
}

/** Share of the others that are no greater, 0..100. */
function percentileOf(others: Float64Array, score: number): number {
  return (100 * others.filter((other) => other <= score).length) / others.length;
}

function shareAbove(scores: Float64Array, limit: number) {
  return wilsonShare({ part: scores.filter((score) => score > limit).length, whole: scores.length });
}
