import { describe, expect, it } from 'vitest';
import { correctDrift } from '../../../src/renderer/compare/clock-drift.ts';
import { shuffleSides } from '../../../src/renderer/compare/shuffle-sides.ts';

describe('shuffleSides', () => {
  it('gives either order, by chance alone', () => {
    expect(shuffleSides([7, 8], () => 0.49)).toEqual([7, 8]);
    expect(shuffleSides([7, 8], () => 0.5)).toEqual([8, 7]);
  });

  it('gives both orders about equally often', () => {
    const kept = Array.from({ length: 2000 }, () => shuffleSides([7, 8])).filter(([a]) => a === 7).length;
    // Ten standard deviations.
    expect(Math.abs(kept - 1000)).toBeLessThan(224);
  });
});

describe('correctDrift', () => {
  it('leaves alone what nobody hears', () => {
    expect(correctDrift(0)).toEqual({ kind: 'rate', rate: 1 });
    expect(correctDrift(0.005)).toEqual({ kind: 'rate', rate: 1 });
    expect(correctDrift(-0.005)).toEqual({ kind: 'rate', rate: 1 });
  });

  it('slows what is ahead and hurries what is behind, within bounds', () => {
    expect(correctDrift(0.06)).toEqual({ kind: 'rate', rate: 0.9 });
    expect(correctDrift(-0.06)).toEqual({ kind: 'rate', rate: 1.1 });
    expect(correctDrift(0.3)).toEqual({ kind: 'rate', rate: 0.85 });
    expect(correctDrift(-0.3)).toEqual({ kind: 'rate', rate: 1.15 });
  });

  it('jumps where running would take too long', () => {
    expect(correctDrift(2)).toEqual({ kind: 'jump' });
    expect(correctDrift(-0.5)).toEqual({ kind: 'jump' });
  });

  it('comes together when it is applied again and again', () => {
    const lookSeconds = 0.2;
    let drift = 0.3;
    for (let look = 0; look < 40; look += 1) {
      const correction = correctDrift(drift);
      drift = correction.kind === 'jump' ? 0 : drift + (correction.rate - 1) * lookSeconds;
    }
    expect(Math.abs(drift)).toBeLessThanOrEqual(0.006);
  });
});
