/** How much may pass at once and in the long run, by a clock of the test's own. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TokenBucket } from '../../src/server/token-bucket.ts';

test('a burst passes, then as much as the rate allows', () => {
  const bucket = new TokenBucket({ capacity: 3, perSecond: 10, nowMs: 0 });
  expect([0, 0, 0, 0].map((nowMs) => bucket.take(nowMs))).toEqual([true, true, true, false]);
  expect(bucket.waitMs()).toBe(100);
  expect([99, 100, 150, 200].map((nowMs) => bucket.take(nowMs))).toEqual([false, true, false, true]);
  expect([10_000, 10_000, 10_000, 10_000].map((nowMs) => bucket.take(nowMs))).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

test('whoever waits as long as told passes', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 1000 }),
      fc.array(fc.nat(500), { maxLength: 50 }),
      (capacity, perSecond, pauses) => {
        const bucket = new TokenBucket({ capacity, perSecond, nowMs: 0 });
        let nowMs = 0;
        let passed = 0;
        for (const pause of pauses) {
          nowMs += pause;
          if (bucket.take(nowMs)) {
            passed += 1;
            continue;
          }
          nowMs += bucket.waitMs();
          expect(bucket.take(nowMs)).toBe(true);
          passed += 1;
        }
        expect(passed).toBeLessThanOrEqual(capacity + (nowMs * perSecond) / 1000 + 1e-6);
      },
    ),
  );
});
