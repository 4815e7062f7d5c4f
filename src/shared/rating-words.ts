/** Words for scores, shown beside the number where a person asks for them, and never in its place. */

/**
 * Five parts of the scale from 0 to 10, of two points each. They say where a score lies on its scale; a word such as
 * “good” would say more than a score knows.
 */
export const ratingBands = ['very-low', 'low', 'middle', 'high', 'very-high'] as const;
export type RatingBand = (typeof ratingBands)[number];

/** Width of a part of the scale in points. */
export const ratingBandWidth = 2;

/** The part that a score lies in; its lower end belongs to it. @param score 0..10; beyond, the nearest part */
export function ratingBandOf(score: number): RatingBand {
  const place = Math.min(ratingBands.length - 1, Math.max(0, Math.floor(score / ratingBandWidth)));
  return ratingBands[place] ?? 'middle';
}
