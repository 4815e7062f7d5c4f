/** Name patterns: fields, numbers, braces, and what is refused before anything starts. */
import { describe, expect, it } from 'vitest';
import { parseNamePattern } from '../../src/shared/name-pattern.ts';
import { entryWith } from '../support/export-entries.ts';

const entry = entryWith({
  ...{ rank: 7, score: 8.3456, title: 'Night Rain', artist: 'Ж', path: '/music/a.b.wav', stars: 4 },
  ...{ verdict: 'keep', tempoBpm: 127.6, musicalKey: 'C minor' },
});

describe('a pattern', () => {
  it.each([
    ['{rank:03} {score} {title}', '007 8.35 Night Rain'],
    ['{rank}-{score:.1}', '7-8.3'],
    ['{score:06.3}', '08.346'],
    ['{artist} {album}|', 'Ж |'],
    ['{name}.{ext} {stars} {verdict} {key} {bpm}', 'a.b.wav 4 keep C minor 128'],
    ['{{{rank}}}', '{7}'],
  ])('%s makes %s', (pattern, name) => {
    expect(parseNamePattern(pattern)(entry)).toBe(name);
  });

  it.each([
    '{rank:3x}',
    '{year}',
    '{constructor}',
    '{rank',
    'rank}',
    '',
    '  ',
    'a/b',
    'a\\b',
    '{title:}',
    '{}',
  ])('%s is refused', (pattern) => {
    expect(() => parseNamePattern(pattern)).toThrow(expect.objectContaining({ code: 'usage' }));
  });

  it('says nothing of what is not known', () => {
    expect(parseNamePattern('{score}{key}{bpm}')(entryWith({ score: null }))).toBe('');
  });
});
