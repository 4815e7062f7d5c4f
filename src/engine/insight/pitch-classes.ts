/** How much of each of the twelve notes sounds in a clip: what the key is read from. */
import type { ClipSignal } from './clip-signal.ts';
import { forEachSpectrum, nearestPowerOfTwo } from './spectrogram.ts';

/** Long enough to part semitones from 80 Hz up. */
const frameSeconds = 0.683;
const lowestHz = 60;
const highestHz = 2000;
/** Peaks more than 50 dB below the loudest of a frame are not looked at. */
const leastOfLoudest = 0.003;
/** A note stands out from what surrounds it further than noise does, whose peaks reach 2.5 times its mean. */
const leastOfMean = 2.5;
const surroundingsHz = 40;
/** A note sounds at multiples of its frequency too: each peak speaks also for the notes of which it may be one. */
const harmonics = 4;
const harmonicDecay = 0.6;
/** Magnitudes are compressed by this exponent, so that a loud bass does not hide the chords. */
const compression = 0.5;
/** A4 is the ninth note above C. */
const noteOfA = 9;

interface Peak {
  /** In semitones above A4 at 440 Hz. */
  pitch: number;
  weight: number;
}

interface TonalFrame {
  peaks: Peak[];
  /** Share of the magnitude that lies in peaks, 0..1. */
  tonality: number;
}

export interface PitchClasses {
  /** Share of each note from C up; their sum is 1. */
  shares: Float64Array<ArrayBuffer>;
  /** How far the clip is tuned from A4 = 440 Hz, -0.5..0.5 semitones. */
  tuningSemitones: number;
  /** Mean share of the magnitude that lies in notes, 0..1: 0.02 for noise, above 0.1 for music. */
  tonality: number;
}

/**
 * Harmonic pitch class profile of a clip: spectral peaks, put right for the clip's own tuning, shared out to the notes
 * whose harmonics they may be (E. Gómez, “Tonal Description of Music Audio Signals”, thesis, UPF 2006). A frame counts
 * by how tonal it is, not by how loud.
 *
 * @returns null where no frame has a note
 */
export function measurePitchClasses({ samples, sampleRateHz }: ClipSignal): PitchClasses | null {
  const frameLength = nearestPowerOfTwo(frameSeconds * sampleRateHz);
  const frames: TonalFrame[] = [];
  forEachSpectrum(samples, { frameLength, hopLength: frameLength / 2 }, (magnitudes) => {
    frames.push(findNotes(magnitudes, sampleRateHz / frameLength));
  });
  const tuningSemitones = tuningOf(frames);
  const shares = new Float64Array(12);
  let tonalities = 0;
  for (const { peaks, tonality } of frames) {
    const profile = profileOf(peaks, tuningSemitones);
    const sum = sumOf(profile);
    if (sum === 0) continue;
    for (let note = 0; note < 12; note += 1) {
      shares[note] = (shares[note] ?? 0) + (tonality * (profile[note] ?? 0)) / sum;
    }
    tonalities += tonality;
  }
  if (tonalities === 0) return null;
  return {
    shares: shares.map((share) => share / tonalities),
    tuningSemitones,
    tonality: tonalities / frames.length,
  };
}

function findNotes(magnitudes: Float64Array, binHz: number): TonalFrame {
  const first = Math.max(2, Math.ceil(lowestHz / binHz));
  const last = Math.min(magnitudes.length - 2, Math.floor(highestHz / binHz));
  const sums = new Float64Array(magnitudes.length + 1);
  let loudest = 0;
  for (let bin = 0; bin < magnitudes.length; bin += 1) {
    const value = magnitudes[bin] ?? 0;
    sums[bin + 1] = (sums[bin] ?? 0) + value;
    if (bin >= first && bin <= last) loudest = Math.max(loudest, value);
  }
  const reach = Math.round(surroundingsHz / binHz);
  const peaks: Peak[] = [];
  let inPeaks = 0;
  for (let bin = first; bin <= last; bin += 1) {
    const value = magnitudes[bin] ?? 0;
    const before = magnitudes[bin - 1] ?? 0;
    const after = magnitudes[bin + 1] ?? 0;
    if (value <= before || value < after || value < loudest * leastOfLoudest) continue;
    const from = Math.max(1, bin - reach);
    const to = Math.min(magnitudes.length, bin + reach + 1);
    const mean = ((sums[to] ?? 0) - (sums[from] ?? 0)) / (to - from);
    if (value < leastOfMean * mean) continue;
    const pitch = 12 * Math.log2(((bin + summit(before, value, after)) * binHz) / 440);
    peaks.push({ pitch, weight: (value - leastOfMean * mean) ** compression });
    inPeaks += value - mean;
  }
  const all = (sums[last + 1] ?? 0) - (sums[first] ?? 0);
  // Under a Hann window a tone's bins sum up to twice its peak.
  return { peaks, tonality: all > 0 ? Math.min(1, (2 * inPeaks) / all) : 0 };
}

/** Where the top of a peak lies between its bins, -0.5..0.5: of a parabola through the logarithms. */
function summit(before: number, value: number, after: number): number {
  const [left, top, right] = [before, value, after].map((magnitude) => Math.log(magnitude + 1e-12));
  if (left === undefined || top === undefined || right === undefined) return 0;
  const curvature = left - 2 * top + right;
  return curvature === 0 ? 0 : (0.5 * (left - right)) / curvature;
}

/** The common distance of all peaks from the nearest semitone: their mean on the circle. */
function tuningOf(frames: readonly TonalFrame[]): number {
  let sine = 0;
  let cosine = 0;
  for (const { peaks } of frames) {
    for (const { pitch, weight } of peaks) {
      sine += weight * Math.sin(2 * Math.PI * pitch);
      cosine += weight * Math.cos(2 * Math.PI * pitch);
    }
  }
  return Math.atan2(sine, cosine) / (2 * Math.PI);
}

function profileOf(peaks: readonly Peak[], tuningSemitones: number): Float64Array {
  const profile = new Float64Array(12);
  for (const { pitch, weight } of peaks) {
    for (let harmonic = 1; harmonic <= harmonics; harmonic += 1) {
      const note = pitch - tuningSemitones - 12 * Math.log2(harmonic) + noteOfA;
      const nearest = Math.round(note);
      const closeness = Math.cos(Math.PI * (note - nearest)) ** 2;
      const place = ((nearest % 12) + 12) % 12;
      profile[place] = (profile[place] ?? 0) + weight * closeness * harmonicDecay ** (harmonic - 1);
    }
  }
  return profile;
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
