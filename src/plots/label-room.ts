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

/** Usual width of a letter, in sizes of its type. */
const letterWidth = 0.54;

/** Room that words in one line usually take, in pixels. @param size of their type, in pixels */
export function wordsWidth(words: string, size: number): number {
  return words.length * letterWidth * size;
}

/** Room for the longest of some labels and a gap, in pixels, within bounds. */
export function labelWidth(
  labels: readonly string[],
  size: number,
  { least, most }: { least: number; most: number },
): number {
  const longest = labels.reduce((length, label) => Math.max(length, label.length), 0);
  return Math.round(Math.min(most, Math.max(least, longest * letterWidth * size + 18)));
}

/** Lines that words take at most when they are wrapped to a width in pixels; 0 without words. */
export function linesOf(words: string, width: number, size: number): number {
  return words === '' ? 0 : Math.ceil((wordsWidth(words, size) * 1.08) / width);
}

/**
 * Words of songs for one line of a picture: white space and what cannot be seen become spaces, signs that turn the
 * direction of a line are left out, and its own direction stays its own.
 */
export function plainWords(words: string): string {
  const plain = words
    .toWellFormed()
    .replaceAll(/[\u{200E}\u{200F}\u{202A}-\u{202E}\u{2066}-\u{2069}\u{061C}]/gu, '')
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim();
  return plain === '' ? '–' : plain;
}

/** Plain words within others: whatever their direction, what surrounds them keeps its own. */
export function isolatedWords(words: string): string {
  return `\u{2068}${plainWords(words)}\u{2069}`;
}

/** Stands between the parts of a note: a gap that is not taken together with others. */
export const gap = '\u{2003}';
