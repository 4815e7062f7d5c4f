/** Measures a whole song's decoded samples as they stream by: waveform peaks, silence, clipping, length. */

/** How many peaks the waveform of a song has at most. */
export const waveformBuckets = 800;

/** Below -60 dBFS a song counts as silent. */
const silenceLevel = 33;
const fullScale = 32_767;
/** A run of this many samples at full scale is no crest of an unclipped wave, except of the lowest bass. */
const clippedRunSamples = 5;
/** A single run may be a click that was meant. */
const clippedRuns = 3;
/** Frames of the finest bucket while the length is unknown; pairs are merged as the song goes on. */
const firstBucketFrames = 64;
const maxLiveBuckets = waveformBuckets * 4;

/**
 * The outline of a song: for each of up to 800 equal spans the lowest and the highest sample over all channels,
 * as pairs (min, max) one after the other; -127..127 stands for -1..1.
 */
export type WaveformPeaks = Int8Array<ArrayBuffer>;

/** Takes interleaved 16-bit little-endian samples in chunks of any size; memory stays constant. */
export class WaveformMeter {
  readonly #channels: number;
  readonly #runs: Uint32Array;
  readonly #lows = new Int16Array(maxLiveBuckets);
  readonly #highs = new Int16Array(maxLiveBuckets);
  #bucket = 0;
  #bucketFrames = firstBucketFrames;
  #framesInBucket = 0;
  #rest = Buffer.alloc(0);
  #clippedRuns = 0;
  #loudest = 0;
  #frames = 0;

  constructor(channels: number) {
    this.#channels = channels;
    this.#runs = new Uint32Array(channels);
  }

  /** Samples per channel so far. */
  get frames(): number {
    return this.#frames;
  }

  /** Whether the whole song stays under -60 dBFS. */
  get isSilent(): boolean {
    return this.#loudest < silenceLevel;
  }

  /** Whether runs of samples stand at full scale. */
  get isClipped(): boolean {
    return this.#clippedRuns >= clippedRuns;
  }

  push(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frameBytes = this.#channels * 2;
    const frames = Math.floor(bytes.length / frameBytes);
    this.#rest = Buffer.from(bytes.subarray(frames * frameBytes));
    const samples = alignedInt16(bytes, frames * this.#channels);
    for (let frame = 0; frame < frames; frame += 1) this.#pushFrame(samples, frame * this.#channels);
  }

  /** The waveform of what was pushed. */
  peaks(): WaveformPeaks {
    const live = this.#bucket + (this.#framesInBucket > 0 ? 1 : 0);
    const count = Math.min(live, waveformBuckets);
    const peaks = new Int8Array(count * 2);
    for (let index = 0; index < count; index += 1) {
      const from = Math.floor((index * live) / count);
      const to = Math.floor(((index + 1) * live) / count);
      peaks[index * 2] = toInt8(Math.min(...this.#lows.subarray(from, to)));
      peaks[index * 2 + 1] = toInt8(Math.max(...this.#highs.subarray(from, to)));
    }
    return peaks;
  }

  #pushFrame(samples: Int16Array, offset: number): void {
    let low = fullScale;
    let high = -fullScale - 1;
    for (let channel = 0; channel < this.#channels; channel += 1) {
      const sample = samples[offset + channel] ?? 0;
      if (sample < low) low = sample;
      if (sample > high) high = sample;
      const run = sample >= fullScale || sample <= -fullScale ? (this.#runs[channel] ?? 0) + 1 : 0;
      this.#runs[channel] = run;
      if (run === clippedRunSamples) this.#clippedRuns += 1;
    }
    this.#loudest = Math.max(this.#loudest, high, -low);
    this.#frames += 1;
    this.#addToBucket(low, high);
  }

  #addToBucket(low: number, high: number): void {
    const isNew = this.#framesInBucket === 0;
    if (isNew || low < (this.#lows[this.#bucket] ?? 0)) this.#lows[this.#bucket] = low;
    if (isNew || high > (this.#highs[this.#bucket] ?? 0)) this.#highs[this.#bucket] = high;
    this.#framesInBucket += 1;
    if (this.#framesInBucket < this.#bucketFrames) return;
    this.#framesInBucket = 0;
    this.#bucket += 1;
    if (this.#bucket === maxLiveBuckets) this.#mergePairs();
  }

  #mergePairs(): void {
    this.#bucket = maxLiveBuckets / 2;
    this.#bucketFrames *= 2;
    for (let index = 0; index < this.#bucket; index += 1) {
      this.#lows[index] = Math.min(this.#lows[index * 2] ?? 0, this.#lows[index * 2 + 1] ?? 0);
      this.#highs[index] = Math.max(this.#highs[index * 2] ?? 0, this.#highs[index * 2 + 1] ?? 0);
    }
  }
}

/** A view of the samples where the bytes lie at an even address, a copy where not. */
function alignedInt16(bytes: Buffer, sampleCount: number): Int16Array {
  const isAligned = bytes.byteOffset % 2 === 0;
  const source = isAligned ? bytes : Buffer.from(new Uint8Array(bytes).buffer);
  return new Int16Array(source.buffer, source.byteOffset, sampleCount);
}

function toInt8(sample: number): number {
  return Math.round((Math.max(sample, -fullScale) / fullScale) * 127);
}
