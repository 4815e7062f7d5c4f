/** Measures how many songs are finished a second, over the last few minutes. */

const WINDOW_MS = 5 * 60_000;
const MAXIMUM_COUNTED = 200;
/** With fewer songs a pace says nothing. */
const MINIMUM_COUNTED = 2;

export class PaceMeter {
  readonly #finishedAtMs: number[] = [];
  readonly #nowMs: () => number;

  /** @param nowMs a monotonic clock in milliseconds */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Notes that a song was finished now. */
  count(): void {
    this.#finishedAtMs.push(this.#nowMs());
    if (this.#finishedAtMs.length > MAXIMUM_COUNTED) this.#finishedAtMs.shift();
  }

  /** Null until there is enough to measure. */
  songsPerSecond(): number | null {
    const now = this.#nowMs();
    while ((this.#finishedAtMs[0] ?? now) < now - WINDOW_MS) this.#finishedAtMs.shift();
    const [first] = this.#finishedAtMs;
    if (first === undefined || this.#finishedAtMs.length < MINIMUM_COUNTED || now === first) return null;
    return (1000 * (this.#finishedAtMs.length - 1)) / (now - first);
  }
}
