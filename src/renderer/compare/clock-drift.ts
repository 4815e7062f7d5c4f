/** Keeps a silent song on the clock of the one that is heard. */

/** Below this nobody hears a difference when the sound is switched. */
const tolerableSeconds = 0.006;
/** Above this running faster or slower would take too long. */
const jumpSeconds = 0.35;
/** Within this time a small drift is made good. */
const settleSeconds = 0.6;
const maximumRateChange = 0.15;

export type DriftCorrection = { kind: 'jump' } | { kind: 'rate'; rate: number };

/**
 * What brings the silent song back: a jump, or another speed for a moment, which nobody hears.
 *
 * @param driftSeconds how far the silent song is ahead; negative for behind
 */
export function correctDrift(driftSeconds: number): DriftCorrection {
  const size = Math.abs(driftSeconds);
  if (size > jumpSeconds) return { kind: 'jump' };
  if (size <= tolerableSeconds) return { kind: 'rate', rate: 1 };
  const change = Math.max(-maximumRateChange, Math.min(maximumRateChange, driftSeconds / settleSeconds));
  return { kind: 'rate', rate: 1 - change };
}
