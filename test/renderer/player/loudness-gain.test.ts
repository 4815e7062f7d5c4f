import { describe, expect, it } from 'vitest';
import { gainFactor, loudnessGainDb, matchedGainsDb } from '../../../src/renderer/player/loudness-gain.ts';

const song = (loudnessLufs: number | null, truePeakDbtp: number | null) => ({ loudnessLufs, truePeakDbtp });

describe('loudnessGainDb', () => {
  it('brings loud songs down and quiet ones up to the target', () => {
    expect(loudnessGainDb(song(-8, 0.5), -14)).toBe(-6);
    expect(loudnessGainDb(song(-20, -12), -14)).toBe(6);
  });

  it('raises no song so far that its peaks would pass -1 dBTP', () => {
    expect(loudnessGainDb(song(-20, -3), -14)).toBe(2);
    expect(loudnessGainDb(song(-20, 0.4), -14)).toBe(0);
  });

  it('only ever softens a song whose peak is not known', () => {
    expect(loudnessGainDb(song(-20, null), -14)).toBe(0);
    expect(loudnessGainDb(song(-10, null), -14)).toBe(-4);
  });

  it('leaves a song without loudness alone, and never lifts mere noise to the target', () => {
    expect(loudnessGainDb(song(null, -3), -14)).toBe(0);
    expect(loudnessGainDb(song(-Infinity, -90), -14)).toBe(0);
    expect(loudnessGainDb(song(-60, -50), -14)).toBe(20);
  });
});

describe('matchedGainsDb', () => {
  it('gives both songs the target where both can reach it', () => {
    expect(matchedGainsDb([song(-8, 0), song(-18, -9)], -14)).toEqual([-6, 4]);
  });

  it('softens the other song where one cannot be raised to the target', () => {
    const songs = [song(-8, 0), song(-20, -3)];
    const gains = matchedGainsDb(songs, -14);
    expect(gains).toEqual([-10, 2]);
    expect(songs.map(({ loudnessLufs }, index) => (loudnessLufs ?? 0) + (gains[index] ?? 0))).toEqual([
      -18, -18,
    ]);
  });

  it('leaves a song without loudness as it is', () => {
    expect(matchedGainsDb([song(null, null), song(-8, 0)], -14)).toEqual([0, -6]);
  });
});

describe('gainFactor', () => {
  it('doubles about every 6 dB, and is nothing for silence', () => {
    expect(gainFactor(0)).toBe(1);
    expect(gainFactor(6.0206)).toBeCloseTo(2, 4);
    expect(gainFactor(-Infinity)).toBe(0);
  });
});
