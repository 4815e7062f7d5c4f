/** The songs that a filter lets through, in the order of a ranking: totals, ranks, percentiles and histograms. */
import type { RankedSongs } from './ranked-songs.ts';

export type SongIds = Int32Array<ArrayBuffer>;

export class FilteredSongs {
  /** By song id: 1 for songs within the filter that have no score, 2 for those that have one. */
  readonly #membership: Uint8Array;
  /** Those with a score, best first, equal ones in order of song id, and their scores. */
  readonly #scoredIds: SongIds;
  readonly #scores: Float64Array;
  /** Those without a score, in order of song id. */
  readonly #unscoredIds: SongIds;
  #worstFirst: SongIds | null = null;

  /** @param songIds the songs within the filter, in order of song id */
  constructor(songIds: SongIds, ranked: RankedSongs) {
    const membership = new Uint8Array((songIds.at(-1) ?? 0) + 1);
    for (const songId of songIds) membership[songId] = 1;
    const scoredIds = new Int32Array(songIds.length);
    const scores = new Float64Array(songIds.length);
    let scored = 0;
    for (let index = 0; index < ranked.ids.length; index += 1) {
      const songId = ranked.ids[index] ?? 0;
      if (membership[songId] !== 1) continue;
      membership[songId] = 2;
      scoredIds[scored] = songId;
      scores[scored] = ranked.scores[index] ?? 0;
      scored += 1;
    }
    this.#membership = membership;
    this.#scoredIds = scoredIds.subarray(0, scored);
    this.#scores = scores.subarray(0, scored);
    this.#unscoredIds =
      scored === songIds.length ? new Int32Array() : songIds.filter((songId) => membership[songId] === 1);
  }

  /** Songs within the filter, scored or not. */
  get total(): number {
    return this.#scoredIds.length + this.#unscoredIds.length;
  }

  get scoredTotal(): number {
    return this.#scoredIds.length;
  }

  /** Those with a score, best first, equal ones in order of song id; not to be changed. */
  get scored(): { ids: Int32Array; scores: Float64Array } {
    return { ids: this.#scoredIds, scores: this.#scores };
  }

  /** A window in order of score; songs without one come last either way. */
  window(direction: 'ascending' | 'descending', offset: number, limit: number): SongIds {
    const end = offset + limit;
    const inOrder = direction === 'descending' ? this.#scoredIds : this.#ascendingIds();
    const passed = this.scoredTotal;
    const scored = inOrder.subarray(Math.min(offset, passed), Math.min(end, passed));
    const unscored = this.#unscoredIds.subarray(Math.max(0, offset - passed), Math.max(0, end - passed));
    const window = new Int32Array(scored.length + unscored.length);
    window.set(scored);
    window.set(unscored, scored.length);
    return window;
  }

  /** Those of some songs that are within the filter, in the order given. */
  among(songIds: SongIds): SongIds {
    const within = new Int32Array(this.total);
    let count = 0;
    for (const songId of songIds) {
      if ((this.#membership[songId] ?? 0) === 0) continue;
      within[count] = songId;
      count += 1;
    }
    return within.subarray(0, count);
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
  #ascendingIds(): SongIds {
    if (this.#worstFirst !== null) return this.#worstFirst;
    const ids = new Int32Array(this.scoredTotal);
    let place = 0;
    for (let groupEnd = this.scoredTotal; groupEnd > 0;) {
      let groupStart = groupEnd - 1;
      while (groupStart > 0 && this.#scores[groupStart - 1] === this.#scores[groupEnd - 1]) groupStart -= 1;
      ids.set(this.#scoredIds.subarray(groupStart, groupEnd), place);
      place += groupEnd - groupStart;
      groupEnd = groupStart;
    }
    this.#worstFirst = ids;
    return ids;
  }
}

/** Share of values, ascending, that are no greater, 0..100. */
export function percentileWithin(ascending: readonly number[], value: number): number {
  return (100 * countUntil(ascending, (other) => other > value)) / Math.max(1, ascending.length);
}

/** How many values stand before the first one that fulfils a condition, which all after it fulfil too. */
function countUntil(
  values: { readonly length: number; readonly [index: number]: number },
  holds: (value: number) => boolean,
): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(values[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}
