/** The songs that are culled, in an order that no verdict changes, and how far one has come. */
import type { Verdict } from '../../shared/song-query.ts';

const verdictCodes: Record<Verdict, number> = { undecided: 0, keep: 1, reject: 2 };
const verdictsByCode: readonly Verdict[] = ['undecided', 'keep', 'reject'];

export class CullQueue {
  readonly songIds: readonly number[];
  readonly #places = new Map<number, number>();
  readonly #codes: Uint8Array;
  readonly #counts = [0, 0, 0];

  /**
   * @param songIds in order
   * @param keptIds those of them that are kept; others may be among them
   * @param rejectedIds those of them that are rejected
   */
  constructor(songIds: Iterable<number>, keptIds: Iterable<number>, rejectedIds: Iterable<number>) {
    this.songIds = [...songIds];
    this.songIds.forEach((songId, index) => this.#places.set(songId, index));
    this.#codes = new Uint8Array(this.songIds.length);
    this.#counts[0] = this.songIds.length;
    this.setAll(keptIds, rejectedIds);
  }

  get length(): number {
    return this.songIds.length;
  }

  get undecidedCount(): number {
    return this.#counts[verdictCodes.undecided] ?? 0;
  }

  get keptCount(): number {
    return this.#counts[verdictCodes.keep] ?? 0;
  }

  get rejectedCount(): number {
    return this.#counts[verdictCodes.reject] ?? 0;
  }

  /** The songs with a verdict, in order. */
  songsWith(verdict: Verdict): number[] {
    return this.songIds.filter((_, index) => this.#codes[index] === verdictCodes[verdict]);
  }

  /** @returns -1 for a song that is not culled here */
  indexOf(songId: number): number {
    return this.#places.get(songId) ?? -1;
  }

  verdictOf(songId: number): Verdict {
    return verdictsByCode[this.#codes[this.indexOf(songId)] ?? 0] ?? 'undecided';
  }

  /** Takes in a verdict; songs that are not culled here are passed over. */
  set(songId: number, verdict: Verdict): void {
    const index = this.indexOf(songId);
    if (index < 0) return;
    const before = this.#codes[index] ?? 0;
    const code = verdictCodes[verdict];
    this.#codes[index] = code;
    this.#counts[before] = (this.#counts[before] ?? 0) - 1;
    this.#counts[code] = (this.#counts[code] ?? 0) + 1;
  }

  /** Takes in all verdicts anew; songs that are named nowhere are undecided. */
  setAll(keptIds: Iterable<number>, rejectedIds: Iterable<number>): void {
    this.#codes.fill(0);
    this.#counts.splice(0, 3, this.songIds.length, 0, 0);
    for (const songId of keptIds) this.set(songId, 'keep');
    for (const songId of rejectedIds) this.set(songId, 'reject');
  }

  /**
   * The next song without a verdict: after a place, else from the top.
   *
   * @returns its index, -1 where all are decided
   */
  nextUndecided(index: number): number {
    for (let step = 1; step <= this.length; step += 1) {
      const candidate = (index + step) % this.length;
      if (this.#codes[candidate] === verdictCodes.undecided) return candidate;
    }
    return -1;
  }
}
