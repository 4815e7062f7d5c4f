/** The scores within a filter, in order: where ranks, percentiles, totals and histograms come from. */

/** Scores of the songs that a filter lets through. */
export class FilterScores {
  /** Songs within the filter, scored or not. */
  readonly total: number;
  /** The scores there are, ascending. */
  readonly ascending: Float64Array;

  /** @param scores one for each song within the filter, null where it has none */
  constructor(scores: readonly (number | null)[]) {
    this.total = scores.length;
    this.ascending = Float64Array.from(scores.filter((score) => score !== null)).sort();
  }

  get scoredTotal(): number {
    return this.ascending.length;
  }

  /** 1 for the best; equal scores share the better rank. */
  rankOf(score: number): number {
    return 1 + this.countAbove(score);
  }

  countAbove(score: number): number {
    return this.ascending.length - countUpTo(this.ascending, score);
  }

  countBelow(score: number): number {
    return countUntil(this.ascending, (value) => value >= score);
  }

  /** Share of the scores that are no better, 0..100; 0 where there are none. */
  percentileOf(score: number): number {
    return percentileWithin(this.ascending, score);
  }

  /** The score in a place of the order, 0 for the best. */
  inPlace(place: number): number {
    return this.ascending[this.ascending.length - 1 - place] ?? Number.NaN;
  }

  /**
   * How many scores fall into each of equal parts of a range; the last part holds its upper end.
   *
   * @param bins number of parts, at least 1
   */
  histogram(bins: number, minimum: number, maximum: number): number[] {
    const counts = new Array<number>(bins).fill(0);
    for (const score of this.ascending) {
      const bin = Math.floor(((score - minimum) / (maximum - minimum)) * bins);
      const inside = Math.min(bins - 1, Math.max(0, bin));
      counts[inside] = (counts[inside] ?? 0) + 1;
    }
    return counts;
  }
}

/** Share of values that are no greater, 0..100. */
export function percentileWithin(ascending: ArrayLike<number>, value: number): number {
  return ascending.length === 0 ? 0 : (100 * countUpTo(ascending, value)) / ascending.length;
}

/** How many values are at most this. */
function countUpTo(ascending: ArrayLike<number>, value: number): number {
  return countUntil(ascending, (other) => other > value);
}

/** How many values stand before the first one that fulfils a condition, which all after it fulfil too. */
function countUntil(ascending: ArrayLike<number>, holds: (value: number) => boolean): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(ascending[middle] ?? Infinity)) high = middle;
    else low = middle + 1;
  }
  return low;
}
