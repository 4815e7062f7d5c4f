/** The share of a run in which the encoder was at work. */
import { expect, test } from 'vitest';
import { BusyMeter } from '../../../src/engine/scoring/busy-meter.ts';

test('counts from the beginning of the first song to the end of the last, run by run', () => {
  let nowMs = 5000;
  const meter = new BusyMeter(() => nowMs);
  expect(meter.share()).toBeNull();
  // Loading and the first decoding came before: the song itself took two of the five seconds.
  meter.count(2);
  expect(meter.share()).toBeNull();
  nowMs = 7500;
  meter.count(2);
  expect(meter.share()).toBeCloseTo(4 / 4.5);
  meter.beginRun();
  expect(meter.share()).toBeCloseTo(4 / 4.5);
  nowMs = 100_000;
  meter.count(1);
  expect(meter.share()).toBeNull();
  nowMs = 101_000;
  meter.count(1);
  expect(meter.share()).toBe(1);
});
