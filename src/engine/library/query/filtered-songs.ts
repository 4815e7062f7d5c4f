/** The songs that a filter lets through, in the order of a ranking: totals, ranks, percentiles and histograms. */
import type { RankedSongs } from './ranked-songs.ts';

export class FilteredSongs {
  /** Those with a score, best first, equal ones in order of song id, and their scores. */
  readonly #scoredIds: number[] = [];
  readonly #scores: number[] = [];
  /** Those without a score, in order of song id. */
  readonly #unscoredIds: number[];

  /** @param songIds the songs within the filter, in order of song id */
  constructor(songIds: readonly number[], ranked: RankedSongs) {
    const isWithin = new Uint8Array((songIds.at(-1) ?? 0) + 1);
    for (const songId of songIds) isWithin[songId] = 1;
    for (let index = 0; index < ranked.ids.length; index += 1) {
      const songId = ranked.ids[index] ?? 0;
      if (isWithin[songId] !== 1) continue;
      this.#scoredIds.push(songId);
      this.#scores.push(ranked.scores[index] ?? 0);
      isWithin[songId] = 2;
    }
    this.#unscoredIds =
      this.#scoredIds.length === songIds.length ? [] : songIds.filter((songId) => isWithin[songId] === 1);
  }

  /** Songs within the filter, scored or not. */
  get total(): number {
    return this.#scoredIds.length + this.#unscoredIds.length;
  }

  get scoredTotal(): number {
    return this.#scoredIds.length;
  }

  /** A window in order of score; songs without one come last either way. */
  window(direction: 'ascending' | 'descending', offset: number, limit: number): number[] {
    const end = offset + limit;
    const scored =
      direction === 'descending' ? this.#scoredIds.slice(offset, end) : this.#ascendingIds(offset, end);
    const passed = this.scoredTotal;
    const unscored = this.#unscoredIds.slice(Math.max(0, offset - passed), Math.max(0, end - passed));
    return scored.length === 0 ? unscored : scored.concat(unscored);
  }

  /** 1 for the best; equal scores share the better rank. */
  rankOf(score: number): number {
    return 1 + countUntil(this.#scores, (other) => other <= score);
  }

  /** Share of the scores that are no better, 0..100. */
  percentileOf(score: number): number {
    const noBetter = this.scoredTotal - (this.rankOf(score) - 1);
    return (100 * noBetter) / Math.max(1, this.scoredTotal);
  }

  /**
   * How many scores fall into each of equal parts of a range; the last part holds its upper end.
   *
   * @param bins number of parts, at least 1
   */
  histogram(bins: number, minimum: number, maximum: number): number[] {
    const counts = new Array<number>(bins).fill(0);
    for (const score of this.#scores) {
      const bin = Math.floor(((score - minimum) / (maximum - minimum)) * bins);
      const inside = Math.min(bins - 1, Math.max(0, bin));
      counts[inside] = (counts[inside] ?? 0) + 1;
    }
    return counts;
  }

  /** Worst first, but equal scores still in order of song id: groups of equal scores change places, not songs. */
  #ascendingIds(offset: number, end: number): number[] {
    const ids: number[] = [];
    let groupEnd = this.scoredTotal;
    for (let place = 0; groupEnd > 0 && place < end;) {
      const score = this.#scores[groupEnd - 1] ?? 0;
      const groupStart = countUntil(this.#scores, (other) => other <= score);
      const size = groupEnd - groupStart;
      if (place + size > offset) {
        const groupStop = groupStart + Math.min(size, end - place);
        for (let index = groupStart + Math.max(0, offset - place); index < groupStop; index += 1) {
          ids.push(this.#scoredIds[index] ?? 0);
        }
      }
      place += size;
      groupEnd = groupStart;
    }
    return ids;
  }
}

/** Share of values, ascending, that are no greater, 0..100. */
export function percentileWithin(ascending: readonly number[], value: number): number {
  return (100 * countUntil(ascending, (other) => other > value)) / Math.max(1, ascending.length);
}

/** How many values stand before the first one that fulfils a condition, which all after it fulfil too. */
function countUntil(values: readonly number[], holds: (value: number) => boolean): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(values[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}
