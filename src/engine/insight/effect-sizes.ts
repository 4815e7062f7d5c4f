/** How large the difference of two groups is, in a measure that other data can be compared with. */
import type { Figure } from '../../shared/insight-parts.ts';
import { confidence, normalCritical } from './critical-values.ts';
import { Moments } from './means.ts';

/**
 * Cliff's delta: the chance that a value of the second group is larger than one of the first, minus the reverse.
 * With the interval of Feng and Cliff (2004) from Cliff's unbiased variance.
 *
 * @param first ascending, at least two values; so is the second
 */
export function cliffsDelta(first: ArrayLike<number>, second: ArrayLike<number>, share = confidence): Figure {
  const [n, m] = [first.length, second.length];
  const ofSecond = dominance(second, first);
  const ofFirst = dominance(first, second);
  let [sum, untied] = [0, 0];
  for (const { below, above } of ofSecond) {
    sum += below - above;
    untied += below + above;
  }
  const delta = sum / (n * m);
  let squares = 0;
  for (const { below, above } of ofSecond) squares += n * n * ((below - above) / n - delta) ** 2;
  for (const { below, above } of ofFirst) squares += m * m * ((above - below) / m - delta) ** 2;
  const within = untied - n * m * delta ** 2;
  const variance = Math.max((squares - within) / (n * m * (n - 1) * (m - 1)), (1 - delta ** 2) / (n * m - 1));
  return { value: delta, interval: intervalOfDelta(delta, variance, Math.min(n, m), normalCritical(share)) };
}

function intervalOfDelta(delta: number, variance: number, smaller: number, z: number) {
  if (Math.abs(delta) === 1) {
    // Nothing overlaps and no variance can be seen: what the smaller group alone allows.
    const bound = (smaller - z * z) / (smaller + z * z);
    return delta > 0 ? { low: bound, high: 1 } : { low: -1, high: -bound };
  }
  const reach = z * Math.sqrt(variance) * Math.sqrt((1 - delta ** 2) ** 2 + z * z * variance);
  const scale = 1 - delta ** 2 + z * z * variance;
  const centre = delta - delta ** 3;
  return { low: Math.max(-1, (centre - reach) / scale), high: Math.min(1, (centre + reach) / scale) };
}

/** For each value how many others lie below and above it; both ascending. */
function dominance(values: ArrayLike<number>, others: ArrayLike<number>): { below: number; above: number }[] {
  const found: { below: number; above: number }[] = [];
  let [below, upTo] = [0, 0];
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? NaN;
    while (below < others.length && (others[below] ?? NaN) < value) below += 1;
    while (upTo < others.length && (others[upTo] ?? NaN) <= value) upTo += 1;
    found.push({ below, above: others.length - upTo });
  }
  return found;
}

/**
 * Hedges' g: the difference of the means in pooled standard deviations, second minus first, corrected for few
 * values, with the usual large-sample interval.
 *
 * @returns null where no value differs from its group's mean
 */
export function hedgesG(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  share = confidence,
): Figure | null {
  const [a, b] = [Moments.of(Array.from(first)), Moments.of(Array.from(second))];
  const degrees = a.count + b.count - 2;
  const pooled = Math.sqrt((a.squares + b.squares) / degrees);
  if (!(pooled > 0)) return null;
  const value = ((b.mean - a.mean) / pooled) * (1 - 3 / (4 * degrees - 1));
  const variance = (a.count + b.count) / (a.count * b.count) + value ** 2 / (2 * (a.count + b.count));
  const reach = normalCritical(share) * Math.sqrt(variance);
  return { value, interval: { low: value - reach, high: value + reach } };
}
