/** Ignore patterns, by examples of what .gitignore would do. */
import { expect, test } from 'vitest';
import { compileIgnorePatterns } from '../../../src/engine/watch/ignore-rules.ts';
import { hasErrorCode } from '../../../src/shared/errors.ts';

test.each([
  { patterns: [], path: 'a.wav', isIgnored: false },
  { patterns: ['', '  '], path: 'a.wav', isIgnored: false },
  { patterns: ['*.wav'], path: 'deep/below/a.wav', isIgnored: true },
  { patterns: ['*.wav'], path: 'a.mp3', isIgnored: false },
  { patterns: ['/*.wav'], path: 'a.wav', isIgnored: true },
  { patterns: ['/*.wav'], path: 'deep/a.wav', isIgnored: false },
  { patterns: ['drafts/*.wav'], path: 'drafts/a.wav', isIgnored: true },
  { patterns: ['drafts/*.wav'], path: 'drafts/b/a.wav', isIgnored: false },
  { patterns: ['drafts/**'], path: 'drafts/b/two\nlines.wav', isIgnored: true },
  { patterns: ['**/old/*'], path: 'a/b/old/c.wav', isIgnored: true },
  { patterns: ['take-[12].*'], path: 'x/take-2.ogg', isIgnored: true },
  { patterns: ['{a,b}.wav'], path: 'b.wav', isIgnored: true },
  { patterns: ['.*'], path: '.hidden', isIgnored: true },
  { patterns: ['*.wav', '!keep.wav'], path: 'x/keep.wav', isIgnored: false },
  { patterns: ['!keep.wav', '*.wav'], path: 'x/keep.wav', isIgnored: true },
  { patterns: ['é.wav'], path: 'é.wav', isIgnored: true },
])('$patterns and the file $path: $isIgnored', ({ patterns, path, isIgnored }) => {
  expect(compileIgnorePatterns(patterns)(path, false)).toBe(isIgnored);
});

test('a slash at the end means folders only', () => {
  const isIgnored = compileIgnorePatterns(['drafts/', '/top/']);
  expect(isIgnored('a/drafts', true)).toBe(true);
  expect(isIgnored('a/drafts', false)).toBe(false);
  expect(isIgnored('top', true)).toBe(true);
  expect(isIgnored('a/top', true)).toBe(false);
});

test('a pattern that nobody can read is named', () => {
  const pattern = 'x'.repeat(70_000);
  let thrown: unknown;
  try {
    compileIgnorePatterns([pattern]);
  } catch (error) {
    thrown = error;
  }
  expect(hasErrorCode(thrown, 'usage')).toBe(true);
});
