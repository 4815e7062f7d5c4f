/** Magnitude spectra of overlapping frames of a signal. */
import rfft from 'fourier-transform';

export interface FrameSizes {
  /** A power of two. */
  frameLength: number;
  hopLength: number;
}

/**
 * Calls back with the magnitude spectrum of each Hann-windowed frame that fits into the signal.
 *
 * @param onFrame receives (frameLength / 2) bins from 0 Hz up, valid only during the call, and the frame's number
 * @returns number of frames
 */
export function forEachSpectrum(
  samples: Float32Array,
  { frameLength, hopLength }: FrameSizes,
  onFrame: (magnitudes: Float64Array, frame: number) => void,
): number {
  const window = Float64Array.from(
    { length: frameLength },
    (_, index) => 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / frameLength),
  );
  const windowed = new Float64Array(frameLength);
  const magnitudes = new Float64Array(frameLength / 2);
  const frames = frameCount(samples.length, { frameLength, hopLength });
  for (let frame = 0; frame < frames; frame += 1) {
    const start = frame * hopLength;
    for (let index = 0; index < frameLength; index += 1) {
      windowed[index] = (samples[start + index] ?? 0) * (window[index] ?? 0);
    }
    onFrame(rfft(windowed, magnitudes), frame);
  }
  return frames;
}

export function frameCount(sampleCount: number, { frameLength, hopLength }: FrameSizes): number {
  return Math.max(0, 1 + Math.floor((sampleCount - frameLength) / hopLength));
}

/** The power of two that is nearest to a number, by ratio. */
export function nearestPowerOfTwo(value: number): number {
  return 2 ** Math.round(Math.log2(value));
}
