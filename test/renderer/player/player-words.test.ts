import { describe, expect, it } from 'vitest';
import { heardLoudness } from '../../../src/renderer/player/heard-loudness.ts';
import { keyInFull } from '../../../src/renderer/player/key-in-full.ts';
import { peakHeights } from '../../../src/renderer/player/peak-heights.ts';
import { playerStrings, signed } from '../../../src/renderer/strings/player.ts';

describe('signed', () => {
  it('has a minus as wide as a plus, and a decimal only where there is one', () => {
    expect(signed(-14)).toBe('−14');
    expect(signed(-3.24)).toBe('−3.2');
    expect(signed(1.5, true)).toBe('+1.5');
    expect(signed(1.5)).toBe('1.5');
    expect(signed(-0.02, true)).toBe('0');
  });
});

describe('heardLoudness', () => {
  it('says what is heard after the gain', () => {
    expect(heardLoudness(-10.8, -3.2, -14)).toEqual({ lufs: -14, gainDb: -3.2, isHeldBack: false });
    expect(playerStrings.matched(-14, -3.2)).toBe('≈ −14 LUFS, −3.2 dB');
  });

  it('says when peaks keep a song below the target, and nothing of a song without loudness', () => {
    expect(heardLoudness(-20, 2, -14)?.isHeldBack).toBe(true);
    expect(heardLoudness(null, 0, -14)).toBeNull();
  });
});

describe('keyInFull', () => {
  it('writes signs as musicians do, and leaves what is no key', () => {
    expect(keyInFull('Eb minor')).toBe('E♭ minor');
    expect(keyInFull('f# Major')).toBe('F♯ major');
    expect(keyInFull('C minor')).toBe('C minor');
    expect(keyInFull('mostly in D')).toBe('mostly in D');
  });
});

describe('peakHeights', () => {
  it('takes the sample furthest from zero of each span', () => {
    const [first, second, third] = peakHeights([-127, 60, -10, 20, -128, 127]);
    expect(first).toBe(1);
    expect(second).toBeCloseTo(20 / 127, 5);
    expect(third).toBe(1);
  });

  it('is flat for a song that was not measured', () => {
    expect([...peakHeights([])]).toEqual([0]);
  });
});
