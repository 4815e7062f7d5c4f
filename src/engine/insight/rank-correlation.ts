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
  const order = Int32Array.from({ length: values.length }, (_, row) => row).sort(
    (a, b) => (values[a] ?? NaN) - (values[b] ?? NaN),
  );
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length;) {
    const value = values[order[start] ?? 0];
    let end = start + 1;
    while (end < order.length && values[order[end] ?? 0] === value) end += 1;
    for (let place = start; place < end; place++) ranks[order[place] ?? 0] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}
