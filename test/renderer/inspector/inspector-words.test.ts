import { describe, expect, it } from 'vitest';
import { scoreBars } from '../../../src/renderer/inspector/histogram-bars.ts';
import { ordinal } from '../../../src/renderer/inspector/ordinal.ts';
import { placeWords, shareWords } from '../../../src/renderer/inspector/place-words.ts';
import { prettyJson } from '../../../src/renderer/inspector/pretty-json.ts';
import { selectionFacts } from '../../../src/renderer/inspector/selection-facts.ts';
import { inspectorStrings } from '../../../src/renderer/strings/inspector.ts';
import type { SongRow } from '../../../src/shared/song-query.ts';

describe('ordinal', () => {
  it('says places as people do', () => {
    expect([1, 2, 3, 4, 10, 11, 12, 13, 21, 22, 101, 111, 112, 1003].map(ordinal)).toEqual([
      '1st',
      '2nd',
      '3rd',
      '4th',
      '10th',
      '11th',
      '12th',
      '13th',
      '21st',
      '22nd',
      '101st',
      '111th',
      '112th',
      '1,003rd',
    ]);
  });
});

describe('places in words', () => {
  it('rounds against the song', () => {
    expect(shareWords({ rank: 1, total: 1204 })).toBe('top 1 %');
    expect(shareWords({ rank: 13, total: 1204 })).toBe('top 2 %');
    expect(shareWords({ rank: 1, total: 3 })).toBe('top 34 %');
    expect(shareWords({ rank: 2, total: 3 })).toBe('better than 33 %');
    expect(shareWords({ rank: 3, total: 3 })).toBe('better than 0 %');
  });

  it('says the place in the list first, then the share of everything', () => {
    const { place } = inspectorStrings;
    expect(placeWords({ rank: 3, total: 1204 })).toBe('3rd of 1,204');
    expect(place({ rank: 3, total: 54 }, { rank: 20, total: 1204 })).toBe(
      '3rd of 54 in this list · top 2 % of all 1,204',
    );
    expect(place({ rank: 3, total: 54 }, { rank: 3, total: 54 })).toBe('3rd of 54 · top 6 %');
    expect(place(null, { rank: 20, total: 1204 })).toBe('top 2 % of all 1,204');
    expect(place(null, null)).toBe('');
  });
});

describe('scoreBars', () => {
  it('crops to where scores are, and marks the song’s bar', () => {
    const counts = Array.from({ length: 100 }, () => 0);
    counts[30] = 1;
    counts[40] = 4;
    counts[61] = 2;
    const shown = scoreBars(counts, 4.05);
    expect(shown?.lowest).toBe(3);
    expect(shown?.highest).toBeCloseTo(6.2, 5);
    expect(shown?.bars.reduce((sum, { count }) => sum + count, 0)).toBe(7);
    expect(shown?.bars.length).toBeLessThanOrEqual(16);
    const [own, ...others] = shown?.bars.filter(({ isOwn }) => isOwn) ?? [];
    expect(own?.count).toBe(4);
    expect(own?.height).toBe(1);
    expect(others).toEqual([]);
  });

  it('holds the best score there is, and one song alone', () => {
    const counts = Array.from({ length: 100 }, () => 0);
    counts[99] = 1;
    const shown = scoreBars(counts, 10);
    expect(shown?.bars).toEqual([{ count: 1, height: 1, isOwn: true }]);
    expect(shown?.highest).toBe(10);
  });

  it('shows nothing where nothing is, and no place for a song without score', () => {
    expect(scoreBars([0, 0, 0], 5)).toBeNull();
    expect(scoreBars([1, 2, 3], null)?.bars.some(({ isOwn }) => isOwn)).toBe(false);
  });
});

describe('selectionFacts', () => {
  const row = (change: Partial<SongRow>) =>
    ({ score: 5, durationSeconds: 60, verdict: 'undecided', isDraft: false, ...change }) as SongRow;

  it('sums up what is selected', () => {
    const facts = selectionFacts([
      row({ score: 4.2, verdict: 'keep' }),
      row({ score: 7.1, verdict: 'reject', isDraft: true }),
      row({ score: null, durationSeconds: null }),
    ]);
    expect(facts).toEqual({
      durationSeconds: 120,
      lowestScore: 4.2,
      highestScore: 7.1,
      unscored: 1,
      kept: 1,
      rejected: 1,
      undecided: 1,
      hasDrafts: true,
    });
  });

  it('has no range without scores', () => {
    expect(selectionFacts([row({ score: null })]).lowestScore).toBeNull();
    expect(selectionFacts([]).highestScore).toBeNull();
  });
});

describe('prettyJson', () => {
  it('sets JSON in lines and leaves everything else', () => {
    expect(prettyJson('{"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}');
    expect(prettyJson('steps: 60')).toBe('steps: 60');
  });
});
