/** Keeps the window of a stream of float32 samples and counts the rest. */

/** Beyond this amplitude (full scale is 1) a sample is garbage that would drown every statistic. */
const absurdAmplitude = 1e6;
const firstCapacity = 65_536;

/** Takes little-endian float32 samples in chunks of any size. */
export class WindowCollector {
  /** The sample after the window's last. */
  readonly endSample: number;
  readonly #startSample: number;
  #samples = new Float32Array(firstCapacity);
  #kept = 0;
  #seen = 0;
  #rest = Buffer.alloc(0);
  #hasInvalidSamples = false;

  /**
   * @param startSample first sample to keep, counted from the stream's start
   * @param length how many to keep at most
   */
  constructor(startSample: number, length: number) {
    this.#startSample = startSample;
    this.endSample = startSample + length;
  }

  /** Samples that went by up to the window's end. */
  get samplesSeen(): number {
    return Math.min(this.#seen, this.endSample);
  }

  /** Whether a sample in the window is not a number, infinite, or a million times full scale. */
  get hasInvalidSamples(): boolean {
    return this.#hasInvalidSamples;
  }

  push(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const count = Math.floor(bytes.length / 4);
    this.#rest = Buffer.from(bytes.subarray(count * 4));
    const from = Math.max(0, this.#startSample - this.#seen);
    const to = Math.min(count, this.endSample - this.#seen);
    if (to > from) this.#keep(bytes, from, to);
    this.#seen += count;
  }

  /** The samples kept, in memory of their own. */
  take(): Float32Array<ArrayBuffer> {
    return this.#samples.slice(0, this.#kept);
  }

  #keep(bytes: Buffer, from: number, to: number): void {
    this.#reserve(this.#kept + to - from);
    for (let index = from; index < to; index += 1) {
      const sample = bytes.readFloatLE(index * 4);
      if (!(Math.abs(sample) < absurdAmplitude)) this.#hasInvalidSamples = true;
      this.#samples[this.#kept] = sample;
      this.#kept += 1;
    }
  }

  #reserve(length: number): void {
    if (length <= this.#samples.length) return;
    const grown = new Float32Array(Math.max(length, this.#samples.length * 2));
    grown.set(this.#samples.subarray(0, this.#kept));
    this.#samples = grown;
  }
}
