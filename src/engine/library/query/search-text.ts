/** Turns what a person types into a search field into conditions on the search text; any text is safe. */

/** Shorter parts are not in the index, which holds every three characters. */
const indexedLength = 3;

/** What must hold for a song's search text. */
export interface TextCondition {
  /** An expression of FTS5 for all parts that the index can find, null where there is none. */
  match: string | null;
  /** For every other part the patterns for LIKE of which one must hold, escaped by a backslash. */
  likes: string[][];
}

/**
 * Parts the text at spaces, except between double quotes. Every part must occur; an empty text asks nothing.
 *
 * @param text anything
 */
export function parseSearchText(text: string): TextCondition {
  const parts = splitIntoParts(text);
  const indexed = parts.filter(isIndexed);
  return {
    match: indexed.length === 0 ? null : indexed.map((part) => `"${part}"`).join(' AND '),
    likes: parts.filter((part) => !isIndexed(part)).map(likePatterns),
  };
}

function splitIntoParts(text: string): string[] {
  // A zero would end the expression early; half a surrogate pair is no text.
  const clean = text.replaceAll('\0', ' ').toWellFormed();
  const parts = [...clean.matchAll(/"([^"]*)(?:"|$)|[^\s"]+/g)].map(([whole, quoted]) => quoted ?? whole);
  return parts.filter((part) => part.trim() !== '');
}

/** The index passes over marks that are written on another letter, so they do not count. */
function isIndexed(part: string): boolean {
  return Array.from(part.normalize('NFD').replace(/\p{M}/gu, '')).length >= indexedLength;
}

/** LIKE knows upper and lower case of ASCII alone, so the spellings of other letters are asked for one by one. */
function likePatterns(part: string): string[] {
  const [first = '', ...rest] = Array.from(part);
  const capitalised = first.toUpperCase() + rest.join('').toLowerCase();
  const cases = [part, part.toLowerCase(), part.toUpperCase(), capitalised];
  const spellings = cases.flatMap((form) => [form, form.normalize('NFC'), form.normalize('NFD')]);
  return [...new Set(spellings)].map((spelling) => `%${spelling.replace(/[\\%_]/g, '\\$&')}%`);
}
