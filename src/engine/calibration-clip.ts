/** Makes the clip that providers are compared on: as long and as loud as a song, and the same everywhere. */
import { seededBits } from '../shared/seeded-bits.ts';

/** A bar of each: roots and thirds of a slow progression, in hertz. */
const chords: readonly (readonly number[])[] = [
  [110, 220, 261.6, 329.6],
  [87.3, 174.6, 220, 261.6],
  [130.8, 261.6, 329.6, 392],
  [98, 196, 246.9, 293.7],
];
const BEAT_SECONDS = 0.5;
const BEATS_PER_BAR = 4;

/**
 * Chords that die away from beat to beat with some noise between: loud and quiet, tones and edges, so that numbers of
 * every size go through the encoder.
 *
 * @returns mono samples, -1..1
 */
export function makeCalibrationClip(lengthSeconds: number, sampleRateHz: number): Float32Array {
  const bits = seededBits(1);
  const samples = new Float32Array(Math.round(lengthSeconds * sampleRateHz));
  for (let index = 0; index < samples.length; index++) {
    const seconds = index / sampleRateHz;
    const beat = Math.floor(seconds / BEAT_SECONDS);
    const chord = chords[Math.floor(beat / BEATS_PER_BAR) % chords.length] ?? [];
    const sinceBeat = seconds - beat * BEAT_SECONDS;
    const tones = chord.reduce((sum, hertz) => sum + Math.sin(2 * Math.PI * hertz * seconds), 0);
    const noise = (bits() / 2 ** 31 - 1) * Math.exp(-40 * sinceBeat);
    samples[index] = 0.12 * tones * Math.exp(-3 * sinceBeat) + 0.3 * noise;
  }
  return samples;
}
