/** Progress of a transfer, with a clock that the tests turn. */
import { expect, test } from 'vitest';
import { TransferMeter, type TransferProgress } from '../../../src/engine/models/transfer-meter.ts';

function makeMeter(totalBytes: number) {
  const events: TransferProgress[] = [];
  const clock = { nowMs: 0 };
  const meter = new TransferMeter(
    totalBytes,
    (progress) => events.push(progress),
    () => clock.nowMs,
  );
  return { meter, events, clock };
}

test('speed and time to go follow what arrives', () => {
  const { meter, events, clock } = makeMeter(10_000);
  meter.startFile('a');
  for (let second = 1; second <= 4; second += 1) {
    clock.nowMs = second * 1_000;
    meter.advanceTo(second * 1_000);
  }
  const last = events.at(-1);
  expect(last?.file).toBe('a');
  expect(last?.receivedBytes).toBe(4_000);
  expect(last?.bytesPerSecond).toBeCloseTo(1_000, -2);
  expect(last?.etaSeconds).toBeCloseTo(6, 0);
});

test('bytes that were here before do not count as speed', () => {
  const { meter, events, clock } = makeMeter(10_000);
  meter.moveTo(9_000);
  expect(events.at(-1)).toMatchObject({ receivedBytes: 9_000, bytesPerSecond: null, etaSeconds: null });
  clock.nowMs = 1_000;
  meter.advanceTo(9_100);
  clock.nowMs = 2_000;
  meter.advanceTo(9_200);
  expect(events.at(-1)?.bytesPerSecond).toBe(100);
});

test('a start over is no negative speed', () => {
  const { meter, events, clock } = makeMeter(10_000);
  meter.startFile('a');
  clock.nowMs = 1_000;
  meter.advanceTo(5_000);
  expect(events.at(-1)?.bytesPerSecond).toBe(5_000);
  meter.moveTo(0);
  expect(events.at(-1)).toMatchObject({ receivedBytes: 0, bytesPerSecond: null, etaSeconds: null });
});

test('old speed is forgotten', () => {
  const { meter, events, clock } = makeMeter(1e9);
  meter.startFile('a');
  for (let step = 1; step <= 20; step += 1) {
    clock.nowMs = step * 1_000;
    meter.advanceTo(step <= 10 ? step * 1e6 : 10e6 + (step - 10) * 1_000);
  }
  expect(events.at(-1)?.bytesPerSecond).toBeCloseTo(1_000, -2);
});

test('a flood of chunks becomes a few events, and the last one is told', () => {
  const { meter, events, clock } = makeMeter(10_000);
  for (let chunk = 1; chunk <= 10_000; chunk += 1) {
    clock.nowMs = chunk / 10;
    meter.advanceTo(chunk);
  }
  meter.moveTo(10_000);
  expect(events.length).toBeLessThan(10);
  expect(events.at(-1)).toMatchObject({ receivedBytes: 10_000, etaSeconds: 0 });
});
