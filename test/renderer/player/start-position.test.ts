import { describe, expect, it } from 'vitest';
import { loudestPartStart } from '../../../src/renderer/player/loudest-part.ts';
import { startSecondsOf } from '../../../src/renderer/player/start-position.ts';
import type { SongDetails } from '../../../src/shared/song-details.ts';

/** Peaks of a song whose spans from one share to another are loud. */
function peaksWith(spans: number, from: number, to: number): number[] {
  return Array.from({ length: spans }, (_, span) => {
    const level = span / spans >= from && span / spans < to ? 100 : 10;
    return [-level, level];
  }).flat();
}

const songOf = (durationSeconds: number | null, peaks: readonly number[]) => ({
  details: { row: { durationSeconds } } as SongDetails,
  peaks,
});

describe('loudestPartStart', () => {
  it('finds the loud part, with a moment before it', () => {
    // Loud from 120 s to 140 s of 200 s.
    const start = loudestPartStart(peaksWith(800, 0.6, 0.7), 200);
    expect(start).toBeGreaterThanOrEqual(118);
    expect(start).toBeLessThanOrEqual(120);
  });

  it('finds it at either end, and never starts before the song', () => {
    expect(loudestPartStart(peaksWith(800, 0, 0.1), 200)).toBe(0);
    const atEnd = loudestPartStart(peaksWith(800, 0.95, 1), 200);
    expect(atEnd).toBeGreaterThan(180);
    expect(atEnd).toBeLessThan(190);
  });

  it('starts at the beginning of short, unmeasured and even songs', () => {
    expect(loudestPartStart(peaksWith(800, 0.6, 0.7), 12)).toBe(0);
    expect(loudestPartStart([], 200)).toBe(0);
    expect(loudestPartStart(peaksWith(800, 0, 1), 200)).toBe(0);
  });
});

describe('startSecondsOf', () => {
  const peaks = peaksWith(800, 0.6, 0.7);

  it('starts where the person wants', () => {
    expect(startSecondsOf(songOf(200, peaks), 'beginning')).toBe(0);
    expect(startSecondsOf(songOf(200, peaks), 'thirty-seconds')).toBe(30);
    expect(startSecondsOf(songOf(200, peaks), 'loudest-part')).toBe(loudestPartStart(peaks, 200));
  });

  it('starts a song that has no 30 s to spare at its beginning', () => {
    expect(startSecondsOf(songOf(59, peaks), 'thirty-seconds')).toBe(0);
    expect(startSecondsOf(songOf(null, peaks), 'thirty-seconds')).toBe(0);
  });
});
