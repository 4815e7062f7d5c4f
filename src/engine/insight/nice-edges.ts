/** Divides a quantity into spans that a person would choose. */
import { quantile } from '../../shared/quantile.ts';

/** About as many spans as a plot can show with their intervals. */
const aboutSpans = 10;
/** As a share of the values. */
const smallestSpan = 1e-9;

/**
 * Edges at round numbers, ascending, about ten spans over all values but the outermost hundredths; the first and the
 * last span reach as far as the values do.
 *
 * @param values in any order; all finite
 * @returns none without values, else at least two; two equal ones where all values are equal
 */
export function niceEdges(values: Float64Array): number[] {
  if (values.length === 0) return [];
  const sorted = values.slice().sort();
  const [minimum, maximum] = [sorted[0] ?? 0, sorted.at(-1) ?? 0];
  const [low, high] = [quantile(sorted, 0.01), quantile(sorted, 0.99)];
  // Values that differ by less than any quantity is measured are as good as equal.
  const isWide = high - low > smallestSpan * Math.max(1, Math.abs(low), Math.abs(high));
  if (!isWide) return minimum === maximum ? [minimum, maximum] : [minimum, low, maximum].filter(isNew);
  const step = niceStep((high - low) / aboutSpans);
  const first = Math.floor(low / step) * step;
  const spans = Math.max(1, Math.ceil((high - first) / step));
  const edges = Array.from({ length: spans + 1 }, (_, edge) => roundTo(first + edge * step, step));
  edges[0] = Math.min(edges[0] ?? minimum, minimum);
  edges[spans] = Math.max(edges[spans] ?? maximum, maximum);
  return edges;
}

/** The span that a value lies in; the last one holds its upper end. */
export function binOf(edges: readonly number[], value: number): number {
  const spans = edges.length - 1;
  let bin = 0;
  while (bin < spans - 1 && value >= (edges[bin + 1] ?? Infinity)) bin += 1;
  return bin;
}

function isNew(edge: number, index: number, edges: readonly number[]): boolean {
  return index === 0 || edge !== edges[index - 1];
}

/** 1, 2 or 5 times a power of ten, whichever is nearest in proportion. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const distance = (factor: number) => Math.abs(Math.log((factor * power) / rough));
  return [1, 2, 5, 10].reduce((best, factor) => (distance(factor) < distance(best) ? factor : best)) * power;
}

/** Takes away what rounding adds, such as 0.30000000000000004. */
function roundTo(value: number, step: number): number {
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  return Number(value.toFixed(Math.min(20, digits)));
}
