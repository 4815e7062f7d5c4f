/** What a score is: a head's raw output, clamped to the scale that it was trained on. */

export const minimumScore = 0;
export const maximumScore = 10;

/** The score that a raw output stands for, 0..10. */
export function clampScore(rawScore: number): number {
  return Math.min(maximumScore, Math.max(minimumScore, rawScore));
}
