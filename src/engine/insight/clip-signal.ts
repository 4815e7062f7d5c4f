/** A clip at the low rate that tempo and key are measured at. */

/** The rate that is aimed at: notes up to 3 kHz and the noise of drums up to 6 kHz are left. */
const aimedRateHz = 12_000;
/** Taps of the filter before decimation, on each side of its middle, for each sample that is merged into one. */
const tapsASide = 8;
/** Below this RMS, -66 dBFS, a clip is taken for silence. */
const silentRms = 5e-4;

export interface ClipSignal {
  /** Mono, scaled to an RMS of 1. */
  samples: Float32Array<ArrayBuffer>;
  sampleRateHz: number;
}

/**
 * Thins a clip out by a whole number and scales it to an RMS of 1, so that loud and quiet mixes are measured alike.
 *
 * @param samples mono, about -1..1
 * @returns null for silence, and for samples that are no finite numbers
 */
export function prepareClip(samples: Float32Array, sampleRateHz: number): ClipSignal | null {
  const factor = Math.max(1, Math.round(sampleRateHz / aimedRateHz));
  const thinned = decimate(samples, factor);
  let energy = 0;
  for (const sample of thinned) energy += sample * sample;
  const rms = Math.sqrt(energy / Math.max(1, thinned.length));
  if (!Number.isFinite(rms) || rms < silentRms) return null;
  for (let index = 0; index < thinned.length; index += 1) thinned[index] = (thinned[index] ?? 0) / rms;
  return { samples: thinned, sampleRateHz: sampleRateHz / factor };
}

/** Every n-th sample behind a low-pass filter: a sinc under a Hann window, in the middle of the new band's edge. */
function decimate(samples: Float32Array, factor: number): Float32Array<ArrayBuffer> {
  if (factor === 1) return new Float32Array(samples);
  const reach = tapsASide * factor;
  const taps = new Float64Array(2 * reach + 1);
  let sum = 0;
  for (let tap = -reach; tap <= reach; tap += 1) {
    const angle = (0.9 * Math.PI * tap) / factor;
    const value = (tap === 0 ? 1 : Math.sin(angle) / angle) * (0.5 + 0.5 * Math.cos((Math.PI * tap) / reach));
    taps[tap + reach] = value;
    sum += value;
  }
  for (let tap = 0; tap < taps.length; tap += 1) taps[tap] = (taps[tap] ?? 0) / sum;
  const thinned = new Float32Array(Math.floor(samples.length / factor));
  for (let index = 0; index < thinned.length; index += 1) {
    const middle = index * factor;
    const first = Math.max(0, middle - reach);
    const last = Math.min(samples.length - 1, middle + reach);
    let value = 0;
    for (let at = first; at <= last; at += 1) value += (samples[at] ?? 0) * (taps[at - middle + reach] ?? 0);
    thinned[index] = value;
  }
  return thinned;
}
