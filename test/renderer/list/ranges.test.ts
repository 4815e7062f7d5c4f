import { describe, expect, it } from 'vitest';
import {
  occupiedBins,
  rangeOfThumbs,
  readDuration,
  readNumber,
  thumbsOfRange,
} from '../../../src/renderer/list/ranges.ts';
import { drawingHeight, waveformPath } from '../../../src/renderer/list/waveform-path.ts';
import { keyWords } from '../../../src/renderer/list/key-words.ts';

describe('the range of scores', () => {
  it('is no filter at both ends of the scale', () => {
    expect(rangeOfThumbs(0, 10)).toBeUndefined();
    expect(rangeOfThumbs(3.3, 10)).toEqual({ min: 3.3 });
    expect(rangeOfThumbs(0, 7)).toEqual({ max: 7 });
    expect(rangeOfThumbs(2, 2)).toEqual({ min: 2, max: 2 });
  });

  it('is free of the errors of binary steps', () => {
    expect(rangeOfThumbs(0.1 + 0.2, 10)).toEqual({ min: 0.3 });
  });

  it('comes back to the same thumbs', () => {
    expect(thumbsOfRange(rangeOfThumbs(3.3, 8.1))).toEqual([3.3, 8.1]);
    expect(thumbsOfRange(undefined)).toEqual([0, 10]);
  });

  it('shows the scores that occur, in whole ones', () => {
    const counts = new Array<number>(50).fill(0);
    expect(occupiedBins(counts)).toEqual({ first: 0, last: 49 });
    counts[17] = 3;
    counts[31] = 1;
    // Five bins a score: 3.4 lies in 3..4, 6.2 in 6..7.
    expect(occupiedBins(counts)).toEqual({ first: 15, last: 34 });
    counts[49] = 1;
    expect(occupiedBins(counts)).toEqual({ first: 15, last: 49 });
  });
});

describe('typed ends of a range', () => {
  it('reads numbers, nothing, and what is none', () => {
    expect([readNumber('120'), readNumber(' 3,5 '), readNumber('')]).toEqual([120, 3.5, undefined]);
    expect([readNumber('fast'), readNumber('-1'), readNumber('Infinity')]).toEqual([null, null, null]);
  });

  it('reads lengths as people write them', () => {
    expect([readDuration('2:30'), readDuration('1:02:03'), readDuration('95')]).toEqual([150, 3723, 95]);
    expect([readDuration(''), readDuration('2:75'), readDuration('1:2:3:4'), readDuration('soon')]).toEqual([
      undefined,
      null,
      null,
      null,
    ]);
  });
});

describe('drawings of a row', () => {
  it('has a line for every height, all of them inside', () => {
    const heights = Uint8Array.from([0, 64, 127]);
    const lines = [...waveformPath(heights).matchAll(/M([\d.]+) ([\d.]+)v([\d.]+)/g)];
    expect(lines).toHaveLength(3);
    for (const [, , top, size] of lines) {
      expect(Number(top)).toBeGreaterThanOrEqual(1);
      expect(Number(top) + Number(size)).toBeLessThanOrEqual(drawingHeight - 1);
    }
    const sizes = lines.map(([, , , size]) => Number(size));
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    expect(waveformPath(heights)).toBe(waveformPath(heights));
  });

  it('writes keys short, and leaves alone what is none', () => {
    expect([keyWords('Eb minor'), keyWords('F# major'), keyWords('A minor')]).toEqual([
      'E♭ min',
      'F♯ maj',
      'A min',
    ]);
    expect(keyWords('dorian')).toBe('dorian');
  });
});
