/** The words and styles of a prompt. */

export interface PromptTerm {
  term: string;
  kind: 'word' | 'style';
}

/** A phrase of more words is a sentence, not the name of a style. */
const longestStyle = 4;

/** Words that say nothing about music. */
const fillers = new Set(
  (
    'a an and are as at be but by for from has have in into is it its like made of on or per so some song such ' +
    'than that the their then there these this those to track very was were where which while who with without'
  ).split(' '),
);

/**
 * The different terms of a prompt in small letters: every word, and every phrase of two to four words between
 * commas, semicolons, bars and line ends. A style of a single word is that word.
 */
export function termsOf(prompt: string): PromptTerm[] {
  const small = prompt.toLowerCase().normalize('NFC');
  const words = new Set<string>();
  for (const [word] of small.matchAll(wordPattern)) if (!fillers.has(word)) words.add(word);
  const styles = new Set<string>();
  for (const phrase of small.split(/[,;|/\n.:()[\]]+/u)) {
    const parts = phrase.trim().split(/\s+/u);
    if (parts.length < 2 || parts.length > longestStyle || !/\p{L}/u.test(phrase)) continue;
    styles.add(parts.join(' '));
  }
  return [
    ...[...words].map((term) => ({ term, kind: 'word' as const })),
    ...[...styles].map((term) => ({ term, kind: 'style' as const })),
  ];
}

/** Letters and digits, with hyphens and apostrophes inside; at least two characters and one letter. */
const wordPattern = /(?=[\p{N}'’&-]*\p{L})[\p{L}\p{N}][\p{L}\p{M}\p{N}'’&-]*[\p{L}\p{M}\p{N}]/gu;
