import { describe, expect, it } from 'vitest';
import { batchWords } from '../../../src/renderer/side-bar/batch-words.ts';
import { isShowing, movedIds, placedIds } from '../../../src/renderer/side-bar/side-bar-filters.ts';

describe('the entry that the list shows', () => {
  it('stays current while the person searches in it', () => {
    expect(isShowing({ verdicts: ['keep'], text: 'neon' }, { verdicts: ['keep'] })).toBe(true);
    expect(isShowing({ text: 'neon' }, {})).toBe(true);
  });

  it('is another one as soon as the list is narrowed', () => {
    expect(isShowing({ verdicts: ['keep'], stars: { min: 4 } }, { verdicts: ['keep'] })).toBe(false);
  });

  it('needs the search that a saved filter has', () => {
    expect(isShowing({ text: 'rain' }, { text: 'neon' })).toBe(false);
    expect(isShowing({ text: 'neon' }, { text: 'neon' })).toBe(true);
  });
});

describe('the order of saved filters', () => {
  it('changes by a place', () => {
    expect(movedIds([1, 2, 3], 2, -1)).toEqual([2, 1, 3]);
    expect(movedIds([1, 2, 3], 3, 1)).toEqual([1, 2, 3]);
  });

  it('changes by a drop, up and down', () => {
    expect(placedIds([1, 2, 3, 4], 4, 2)).toEqual([1, 4, 2, 3]);
    expect(placedIds([1, 2, 3, 4], 1, 3)).toEqual([2, 3, 1, 4]);
    expect(placedIds([1, 2], 1, 9)).toEqual([1, 2]);
  });
});

describe('when a batch began', () => {
  const now = new Date(2026, 10, 26, 8, 0).getTime();
  const at = (...parts: [number, number, number, number, number]) => new Date(...parts).getTime();

  it('is said as people say it', () => {
    const words = (started: number) => batchWords(started, now, 'en-GB');
    expect(words(at(2026, 10, 26, 1, 10))).toBe('today 01:10');
    expect(words(at(2026, 10, 25, 23, 5))).toBe('yesterday 23:05');
    expect(words(at(2026, 10, 24, 12, 0))).toMatch(/^Tue,? 24 Nov$/);
    expect(words(at(2025, 10, 24, 12, 0))).toBe('24 Nov 2025');
  });

  it('is written as the person writes dates', () => {
    expect(batchWords(at(2026, 10, 24, 12, 0), now, 'de-DE')).toMatch(/^Di\.?, 24\. Nov\.?$/);
    expect(batchWords(at(2025, 10, 24, 12, 0), now, 'en-US')).toBe('Nov 24, 2025');
    expect(batchWords(at(2026, 10, 26, 13, 10), now, 'en-US')).toMatch(/^today 1:10\sPM$/);
  });
});
