/** Measures for which share of a run the encoder was at work: everything else is to be hidden behind it. */

/** One song alone has nothing before it that could have left the encoder idle. */
const MINIMUM_ENCODED = 2;

export class BusyMeter {
  readonly #nowMs: () => number;
  #startedAtMs = 0;
  #endedAtMs = 0;
  #busySeconds = 0;
  #encoded = 0;
  #isNewRun = true;

  /** @param nowMs a monotonic clock in milliseconds */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Notes that a song has just come back from the encoder. The time before the first one, loading, is left out. */
  count(encodeSeconds: number): void {
    this.#endedAtMs = this.#nowMs();
    if (this.#isNewRun) {
      this.#isNewRun = false;
      this.#startedAtMs = this.#endedAtMs - encodeSeconds * 1000;
      this.#busySeconds = 0;
      this.#encoded = 0;
    }
    this.#encoded += 1;
    this.#busySeconds += encodeSeconds;
  }

  /**
   * Seconds in which the encoder computed, of those from the beginning of its first song to the end of its last;
   * 0..1, null before two songs were encoded.
   */
  share(): number | null {
    const wallSeconds = (this.#endedAtMs - this.#startedAtMs) / 1000;
    if (this.#encoded < MINIMUM_ENCODED || wallSeconds <= 0) return null;
    return Math.min(1, this.#busySeconds / wallSeconds);
  }

  /** A new run begins with the next song; until then the share is that of the last one. */
  beginRun(): void {
    this.#isNewRun = true;
  }
}
