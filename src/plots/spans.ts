/** How far axes reach and how much room words take, without measuring type, which not every document can. */

/** Ends of an axis for values: a little more than they span, and never nothing. */
export function spanOf(
  values: readonly number[],
  [least, most]: [number, number] = [-Infinity, Infinity],
): [number, number] {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return [0, 1];
  const low = finite.reduce((one, other) => Math.min(one, other));
  const high = finite.reduce((one, other) => Math.max(one, other));
  const room = high > low ? (high - low) * 0.04 : Math.max(0.5, Math.abs(high) * 0.05);
  return [Math.max(least, low - room), Math.min(most, high + room)];
}

/** Usual width of a letter of a label, in pixels. */
const letterWidth = 6.4;

/** Room for the longest of some labels and a gap, in pixels, within bounds. */
export function labelWidth(
  labels: readonly string[],
  { least, most }: { least: number; most: number },
): number {
  const longest = labels.reduce((length, label) => Math.max(length, label.length), 0);
  return Math.round(Math.min(most, Math.max(least, longest * letterWidth + 18)));
}
