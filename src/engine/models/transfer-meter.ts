/** Counts the bytes of a transfer and tells how far, how fast and how long to go, a few times a second. */

/** How far a transfer has come; bytes count all of its files together. */
export interface TransferProgress {
  /** Name of the file that is being worked on. */
  file: string;
  /** Bytes that are here, those from an earlier attempt included. */
  receivedBytes: number;
  totalBytes: number;
  /** Speed over the last few seconds, null until there is something to measure. */
  bytesPerSecond: number | null;
  /** Seconds to go at that speed, null while it is not known. */
  etaSeconds: number | null;
}

const WINDOW_MS = 5_000;
const EMIT_EVERY_MS = 200;

export class TransferMeter {
  readonly #totalBytes: number;
  readonly #onProgress: (progress: TransferProgress) => void;
  readonly #nowMs: () => number;
  #file = '';
  #receivedBytes = 0;
  #samples: { timeMs: number; receivedBytes: number }[] = [];
  #emittedAtMs = -Infinity;
  #emittedBytes = 0;

  /**
   * @param totalBytes bytes of all files together
   * @param onProgress called a few times a second, and once for every file that starts or ends
   * @param nowMs a monotonic clock in milliseconds
   */
  constructor(
    totalBytes: number,
    onProgress: (progress: TransferProgress) => void,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#totalBytes = totalBytes;
    this.#onProgress = onProgress;
    this.#nowMs = nowMs;
  }

  /** Says which file comes next. */
  startFile(file: string): void {
    const timeMs = this.#nowMs();
    this.#file = file;
    if (this.#samples.length === 0) this.#samples = [{ timeMs, receivedBytes: this.#receivedBytes }];
    this.#emit(timeMs);
  }

  /** Sets the count to bytes that did not arrive just now (found on disk, or thrown away), without a jump in speed. */
  moveTo(receivedBytes: number): void {
    if (receivedBytes === this.#emittedBytes) return;
    const timeMs = this.#nowMs();
    this.#receivedBytes = receivedBytes;
    this.#samples = [{ timeMs, receivedBytes }];
    this.#emit(timeMs);
  }

  /** Counts bytes that have just arrived. */
  advanceTo(receivedBytes: number): void {
    const timeMs = this.#nowMs();
    this.#receivedBytes = receivedBytes;
    if (timeMs - this.#emittedAtMs < EMIT_EVERY_MS) return;
    this.#samples.push({ timeMs, receivedBytes });
    while (this.#samples.length > 2 && timeMs - (this.#samples[1]?.timeMs ?? timeMs) > WINDOW_MS) {
      this.#samples.shift();
    }
    this.#emit(timeMs);
  }

  #emit(timeMs: number): void {
    this.#emittedAtMs = timeMs;
    this.#emittedBytes = this.#receivedBytes;
    const bytesPerSecond = this.#measureSpeed(timeMs);
    const remainingBytes = this.#totalBytes - this.#receivedBytes;
    this.#onProgress({
      file: this.#file,
      receivedBytes: this.#receivedBytes,
      totalBytes: this.#totalBytes,
      bytesPerSecond,
      etaSeconds:
        remainingBytes === 0
          ? 0
          : bytesPerSecond === null || bytesPerSecond <= 0
            ? null
            : remainingBytes / bytesPerSecond,
    });
  }

  #measureSpeed(timeMs: number): number | null {
    const oldest = this.#samples[0];
    if (oldest === undefined || timeMs <= oldest.timeMs) return null;
    return ((this.#receivedBytes - oldest.receivedBytes) * 1_000) / (timeMs - oldest.timeMs);
  }
}
