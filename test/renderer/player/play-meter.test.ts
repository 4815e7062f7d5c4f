/** When a song counts as played: 30 seconds or half of it, heard; skipping through is not hearing. */
import { expect, test } from 'vitest';
import { PlayMeter } from '../../../src/renderer/player/play-meter.ts';
import { secondsUntilPlayed } from '../../../src/shared/plays.ts';

/** Positions a quarter of a second apart. @returns where plays were counted */
function hear(meter: PlayMeter, from: number, to: number, durationSeconds: number | null): number[] {
  const counted: number[] = [];
  for (let position = from; position <= to; position += 0.25) {
    if (meter.reach(position, durationSeconds)) counted.push(position);
  }
  return counted;
}

test('a long song counts after 30 seconds and a short one after its half, once', () => {
  expect(hear(new PlayMeter(), 0, 180, 180)).toEqual([30]);
  expect(hear(new PlayMeter(), 0, 20, 20)).toEqual([10]);
  expect(hear(new PlayMeter(), 40, 100, null)).toEqual([70]);
  expect([secondsUntilPlayed(0), secondsUntilPlayed(60), secondsUntilPlayed(59)]).toEqual([30, 30, 29.5]);
});

test('what is skipped was not heard', () => {
  const meter = new PlayMeter();
  expect(hear(meter, 0, 10, 180)).toEqual([]);
  meter.jump();
  expect(hear(meter, 150, 160, 180)).toEqual([]);
  // A jump that nobody announced, as after the computer slept.
  expect(meter.reach(179, 180)).toBe(false);
  meter.jump();
  expect(hear(meter, 20, 40, 180)).toEqual([30]);
});

test('the same song from its start counts again', () => {
  const meter = new PlayMeter();
  expect(hear(meter, 0, 60, 60)).toEqual([30]);
  meter.begin();
  expect(hear(meter, 0, 60, 60)).toEqual([30]);
});
