/** The phrases of sentences about scores: figures as people read them, names that cannot grow without end. */
import { describe, expect, it } from 'vitest';
import {
  counted,
  effectStrength,
  listed,
  percent,
  pointsApart,
  pointsWithInterval,
  quoted,
} from '../../src/shared/insight-phrases.ts';

describe('phrases', () => {
  it('turn a difference round with both ends of its interval', () => {
    const figure = { value: -0.4, interval: { low: -0.7, high: -0.1 } };
    expect(pointsApart(figure)).toBe('0.40 points lower (0.10 to 0.70)');
    expect(pointsApart(figure, '“old”')).toBe('0.40 points lower than “old” (0.10 to 0.70)');
    expect(pointsApart({ value: 0.4, interval: { low: -0.1, high: 0.9 } })).toBe(
      '0.40 points higher (−0.10 to 0.90)',
    );
    expect(pointsWithInterval({ value: 7, interval: null })).toBe('7.00');
  });

  it('do not write little as nothing', () => {
    expect([0, 0.0003, 0.004, 0.27, 1, -0.005].map(percent)).toEqual([
      '0 %',
      '0.03 %',
      '0.4 %',
      '27 %',
      '100 %',
      '−0.5 %',
    ]);
  });

  it('count and list as people do', () => {
    expect([counted(1, 'song'), counted(0, 'song'), counted(12_345, 'song')]).toEqual([
      '1 song',
      '0 songs',
      '12,345 songs',
    ]);
    expect([listed([]), listed(['a']), listed(['a', 'b']), listed(['a', 'b', 'c'])]).toEqual([
      '',
      'a',
      'a and b',
      'a, b and c',
    ]);
    expect([0, -0.2, 0.4, -1].map(effectStrength)).toEqual(['very small', 'small', 'medium', 'large']);
  });

  it('cut long names between characters', () => {
    expect(quoted('techno')).toBe('“techno”');
    expect(quoted('夜'.repeat(60))).toBe(`“${'夜'.repeat(60)}”`);
    const families = '👨‍👩‍👧'.repeat(5000);
    const cut = quoted(families);
    expect(cut).toBe(`“${'👨‍👩‍👧'.repeat(59)}…”`);
  });
});
