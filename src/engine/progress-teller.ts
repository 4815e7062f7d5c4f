/** Tells how far the work is, at once where its state changes and else a few times a second. */

/** Between two tellings; reading the counts of 100,000 jobs takes as long as scoring a known song. */
const TOLD_APART_MS = 250;

export class ProgressTeller {
  readonly #tell: () => void;
  #toldAtMs = -Infinity;
  #timer: NodeJS.Timeout | null = null;

  constructor(tell: () => void) {
    this.#tell = tell;
  }

  /** Tells now. Whoever ends the work tells so, after which nothing is left to be told. */
  tellNow(): void {
    this.#clear();
    this.#toldAtMs = performance.now();
    this.#tell();
  }

  /** Tells soon; what comes until then is told together. */
  tellSoon(): void {
    if (this.#timer !== null) return;
    const waitMs = this.#toldAtMs + TOLD_APART_MS - performance.now();
    if (waitMs <= 0) {
      this.tellNow();
      return;
    }
    this.#timer = setTimeout(() => {
      this.tellNow();
    }, waitMs);
  }

  #clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
