/** Ranges that people set: typed ends, and the two thumbs under the histogram of scores. */
import type { NumberRange } from '../../shared/song-query.ts';
import { maximumScore, minimumScore } from '../../shared/score.ts';

/** Distance of two places that a thumb can stand on. */
export const scoreStep = 0.1;

/** Where the thumbs stand for a range of scores. */
export function thumbsOfRange(range: NumberRange | undefined): [number, number] {
  return [range?.min ?? minimumScore, range?.max ?? maximumScore];
}

/** The range that two thumbs stand for: an end of the scale is no limit, and two of them are no filter. */
export function rangeOfThumbs(low: number, high: number): NumberRange | undefined {
  const range: NumberRange = {
    ...(low > minimumScore && { min: rounded(low) }),
    ...(high < maximumScore && { max: rounded(high) }),
  };
  return Object.keys(range).length === 0 ? undefined : range;
}

/** Steps of a slider come with the errors of binary fractions. */
function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Reads a number that a person typed; undefined for nothing, null for what is none. */
export function readNumber(text: string): number | undefined | null {
  const trimmed = text.trim().replace(',', '.');
  if (trimmed === '') return undefined;
  const value = Number(trimmed);
  return Number.isFinite(value) && value >= 0 ? value : null;
}

/** Reads a length such as `2:30`, `1:02:03` or `150`, in seconds; undefined for nothing, null for what is none. */
export function readDuration(text: string): number | undefined | null {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  if (!/^\d+(:[0-5]?\d){0,2}$/.test(trimmed)) return null;
  return trimmed.split(':').reduce((seconds, part) => 60 * seconds + Number(part), 0);
}

/** The first and the last bin that hold anything, widened to whole scores; all of them where none does. */
export function occupiedBins(counts: readonly number[]): { first: number; last: number } {
  const perScore = counts.length / (maximumScore - minimumScore);
  const lowest = counts.findIndex((count) => count > 0);
  if (lowest < 0) return { first: 0, last: counts.length - 1 };
  const highest = counts.length - 1 - [...counts].reverse().findIndex((count) => count > 0);
  return {
    first: Math.floor(lowest / perScore) * perScore,
    last: Math.min(counts.length, Math.ceil((highest + 1) / perScore) * perScore) - 1,
  };
}
