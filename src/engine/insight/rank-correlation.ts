/** How far two quantities rise together. */
import type { Figure } from '../../shared/insight-parts.ts';
import { confidence, normalCritical } from './critical-values.ts';

/**
 * Spearman's rho, equal values sharing the mean of their ranks, with the interval of Bonett and Wright (2000).
 *
 * @returns null for fewer than four pairs, or where one side is all equal
 */
export function spearman(x: ArrayLike<number>, y: ArrayLike<number>, share = confidence): Figure | null {
  const count = x.length;
  if (count < 4) return null;
  const [first, second] = [averageRanks(x), averageRanks(y)];
  const mean = (count + 1) / 2;
  let [product, firstSquares, secondSquares] = [0, 0, 0];
  for (let row = 0; row < count; row++) {
    const a = (first[row] ?? 0) - mean;
    const b = (second[row] ?? 0) - mean;
    product += a * b;
    firstSquares += a * a;
    secondSquares += b * b;
  }
  if (firstSquares === 0 || secondSquares === 0) return null;
  const rho = Math.min(1, Math.max(-1, product / Math.sqrt(firstSquares * secondSquares)));
  const reach = normalCritical(share) * Math.sqrt((1 + rho ** 2 / 2) / (count - 3));
  const centre = Math.atanh(rho);
  return { value: rho, interval: { low: Math.tanh(centre - reach), high: Math.tanh(centre + reach) } };
}

/** The place of each value in ascending order, from 1; equal values share the mean of their places. */
export function averageRanks(values: ArrayLike<number>): Float64Array {
  // Sorting values and looking each one up takes a tenth of the time of sorting their places by comparison.
  const sorted = Float64Array.from(values).sort();
  return Float64Array.from(values, (value) => {
    const below = countBelow(sorted, (other) => other < value);
    const upTo = countBelow(sorted, (other) => other <= value);
    return (below + 1 + upTo) / 2;
  });
}

/** How many values stand before the first one for which a condition fails, as it does for all after it. */
function countBelow(sorted: Float64Array, holds: (value: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(sorted[middle] ?? NaN)) low = middle + 1;
    else high = middle;
  }
  return low;
}
