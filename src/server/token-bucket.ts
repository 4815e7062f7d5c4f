/** Lets so much through at once and so much in the long run. */

export class TokenBucket {
  readonly #capacity: number;
  readonly #perMs: number;
  #level: number;
  #filledAtMs: number;

  /** @param nowMs by a clock that nobody sets, as in all calls */
  constructor(options: { capacity: number; perSecond: number; nowMs: number }) {
    this.#capacity = options.capacity;
    this.#perMs = options.perSecond / 1000;
    this.#level = options.capacity;
    this.#filledAtMs = options.nowMs;
  }

  /** Whether one more may pass now; it has passed then. */
  take(nowMs: number): boolean {
    this.#level = Math.min(this.#capacity, this.#level + (nowMs - this.#filledAtMs) * this.#perMs);
    this.#filledAtMs = nowMs;
    if (this.#level < 1) return false;
    this.#level -= 1;
    return true;
  }

  /** How long until one may pass, 0 when one may now. */
  waitMs(): number {
    return this.#level >= 1 ? 0 : Math.ceil((1 - this.#level) / this.#perMs);
  }
}
