/** The phrases that sentences about scores are made of: figures, counts, names and how strong something is. */
import { formatNumber } from './data-table.ts';
import type { Figure } from './insight-parts.ts';

/** `5.15`, in points. */
export function points(value: number): string {
  return formatNumber(value, 2);
}

/** `5.15 (5.10 to 5.20)`; the value alone where it has no interval. */
export function pointsWithInterval(figure: Figure): string {
  return `${points(figure.value)}${intervalOf(figure, points)}`;
}

/**
 * `0.41 points higher (0.21 to 0.62)`, or lower with both ends turned round.
 *
 * @param than what it is compared with, to be named before the interval
 */
export function pointsApart({ value, interval }: Figure, than?: string): string {
  const isLower = value < 0;
  const apart: Figure = {
    value: Math.abs(value),
    interval: interval && (isLower ? { low: -interval.high, high: -interval.low } : interval),
  };
  const direction = isLower ? 'lower' : 'higher';
  const compared = than === undefined ? direction : `${direction} than ${than}`;
  return `${points(apart.value)} points ${compared}${intervalOf(apart, points)}`;
}

/** `27 %`. @param share 0..1 */
export function percent(share: number): string {
  const value = share * 100;
  const size = Math.abs(value);
  // Little must not look like nothing.
  const digits = size === 0 || size >= 1 ? 0 : size >= 0.1 ? 1 : 2;
  return `${formatNumber(value, digits)} %`;
}

/** `27 % (26 % to 29 %)`. */
export function percentWithInterval(figure: Figure): string {
  return `${percent(figure.value)}${intervalOf(figure, percent)}`;
}

function intervalOf({ interval }: Figure, write: (value: number) => string): string {
  return interval === null ? '' : ` (${write(interval.low)} to ${write(interval.high)})`;
}

const counts = new Intl.NumberFormat('en-GB');

/** `1,234`. */
export function count(value: number): string {
  return counts.format(value);
}

/** `1 song`, `1,234 songs`; the plural is the word with an s unless told. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

const longestName = 60;
const characters = new Intl.Segmenter('en');

/** A name in quotes, cut where it is long. */
export function quoted(name: string): string {
  // Enough to tell whether it is too long, however long a prompt is.
  const start = [...characters.segment(name.slice(0, 10 * longestName))].map(({ segment }) => segment);
  if (start.length <= longestName) return `“${name}”`;
  return `“${start
    .slice(0, longestName - 1)
    .join('')
    .trimEnd()}…”`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(parts: readonly string[]): string {
  const [last = '', ...before] = parts.toReversed();
  return before.length === 0 ? last : `${before.toReversed().join(', ')} and ${last}`;
}

/** What a rank correlation is called. @param rho -1..1 */
export function correlationStrength(rho: number): string {
  const size = Math.abs(rho);
  if (size < 0.1) return 'very weak';
  if (size < 0.3) return 'weak';
  return size < 0.5 ? 'moderate' : 'strong';
}

/** What a difference is called by Cliff's delta, with the limits of Romano and others (2006). */
export function effectStrength(delta: number): string {
  const size = Math.abs(delta);
  if (size < 0.147) return 'very small';
  if (size < 0.33) return 'small';
  return size < 0.474 ? 'medium' : 'large';
}
