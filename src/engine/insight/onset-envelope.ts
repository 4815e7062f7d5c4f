/** How strongly notes and drums begin at each moment of a clip: what tempo is read from. */
import type { ClipSignal } from './clip-signal.ts';
import { forEachSpectrum, frameCount, nearestPowerOfTwo } from './spectrogram.ts';

/** Short enough to part sixteenth notes, long enough to part bass notes from drums. */
const frameSeconds = 0.043;
const hopSeconds = 0.0107;
const lowestHz = 30;
const highestHz = 5500;
const bandCount = 24;
/** Magnitudes are compressed by this exponent: quiet onsets count too, and accents still stand out. */
const compression = 0.5;
/** Slow changes of loudness are taken out over this long. */
const meanSeconds = 1;
/** Two clicks this far apart, as by a person's hand, still count as one beat's. */
const smoothingSeconds = 0.02;

export interface OnsetEnvelope {
  /** Mean 0; in no unit. */
  strengths: Float64Array<ArrayBuffer>;
  /** Values a second. */
  rateHz: number;
}

/**
 * Rise of compressed energy, summed over bands that are equally wide on the mel scale (spectral flux; Bello et al.,
 * “A Tutorial on Onset Detection in Music Signals”, IEEE TSAP 13(5), 2005), without its slow changes and smoothed.
 */
export function measureOnsets({ samples, sampleRateHz }: ClipSignal): OnsetEnvelope {
  const frameLength = nearestPowerOfTwo(frameSeconds * sampleRateHz);
  const hopLength = Math.round(hopSeconds * sampleRateHz);
  const sizes = { frameLength, hopLength };
  const frames = frameCount(samples.length, sizes);
  const edges = bandEdges(frameLength, sampleRateHz);
  const energies = new Float64Array(frames * bandCount);
  forEachSpectrum(samples, sizes, (magnitudes, frame) => {
    for (let band = 0; band < bandCount; band += 1) {
      let energy = 0;
      const end = edges[band + 1] ?? 0;
      for (let bin = edges[band] ?? 0; bin < end; bin += 1) energy += magnitudes[bin] ?? 0;
      energies[frame * bandCount + band] = energy ** compression;
    }
  });
  const rises = new Float64Array(frames);
  for (let frame = 1; frame < frames; frame += 1) {
    let rise = 0;
    for (let band = 0; band < bandCount; band += 1) {
      const at = frame * bandCount + band;
      rise += Math.max(0, (energies[at] ?? 0) - (energies[at - bandCount] ?? 0));
    }
    rises[frame] = rise;
  }
  const rateHz = sampleRateHz / hopLength;
  return {
    strengths: smooth(withoutSlowChanges(rises, meanSeconds * rateHz), smoothingSeconds * rateHz),
    rateHz,
  };
}

/** First bins of the bands and the end of the last; each band has at least one bin. */
function bandEdges(frameLength: number, sampleRateHz: number): Int32Array {
  const toMel = (hertz: number) => 1127 * Math.log1p(hertz / 700);
  const toHertz = (mel: number) => 700 * Math.expm1(mel / 1127);
  const lowest = toMel(lowestHz);
  const highest = toMel(Math.min(highestHz, 0.48 * sampleRateHz));
  const edges = new Int32Array(bandCount + 1);
  for (let edge = 0; edge <= bandCount; edge += 1) {
    const hertz = toHertz(lowest + ((highest - lowest) * edge) / bandCount);
    const bin = Math.round((hertz * frameLength) / sampleRateHz);
    edges[edge] = Math.max(bin, edge === 0 ? 1 : (edges[edge - 1] ?? 0) + 1);
  }
  return edges;
}

/** Values less the mean around each. */
function withoutSlowChanges(values: Float64Array, width: number): Float64Array<ArrayBuffer> {
  const reach = Math.max(1, Math.round(width / 2));
  const sums = new Float64Array(values.length + 1);
  for (let index = 0; index < values.length; index += 1) {
    sums[index + 1] = (sums[index] ?? 0) + (values[index] ?? 0);
  }
  return Float64Array.from(values, (value, index) => {
    const from = Math.max(0, index - reach);
    const to = Math.min(values.length, index + reach + 1);
    return value - ((sums[to] ?? 0) - (sums[from] ?? 0)) / (to - from);
  });
}

/** A Gaussian's mean around each value. @param deviation in values */
function smooth(values: Float64Array, deviation: number): Float64Array<ArrayBuffer> {
  const reach = Math.ceil(3 * deviation);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, index) =>
    Math.exp(-0.5 * ((index - reach) / deviation) ** 2),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Float64Array.from(values, (_, index) => {
    let sum = 0;
    for (let offset = -reach; offset <= reach; offset += 1) {
      sum += (values[index + offset] ?? 0) * (weights[offset + reach] ?? 0);
    }
    return sum / total;
  });
}
