/** The queue behind the one timer: nothing is due early, nothing is forgotten. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SettleQueue } from '../../../src/engine/watch/settle-queue.ts';

const deed = fc.oneof(
  fc.record({ kind: fc.constant('schedule' as const), item: fc.nat(20), inMs: fc.nat(5000) }),
  fc.record({ kind: fc.constant('remove' as const), item: fc.nat(20) }),
  fc.record({
    kind: fc.constant('take' as const),
    afterMs: fc.nat(2000),
    limit: fc.integer({ min: 1, max: 30 }),
  }),
);

test('takes out what is due and nothing else, whatever was scheduled, moved and removed', () => {
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 60 }), (deeds) => {
      const queue = new SettleQueue<number>();
      const expected = new Map<number, number>();
      let nowMs = 0;
      for (const step of deeds) {
        if (step.kind === 'schedule') {
          queue.schedule(step.item, nowMs + step.inMs);
          expected.set(step.item, nowMs + step.inMs);
        } else if (step.kind === 'remove') {
          queue.remove(step.item);
          expected.delete(step.item);
        } else {
          nowMs += step.afterMs;
          for (const item of queue.takeDue(nowMs, step.limit)) {
            expect(expected.get(item)).toBeLessThanOrEqual(nowMs);
            expected.delete(item);
          }
        }
        expect(queue.size).toBe(expected.size);
        const nextMs = Math.min(...expected.values());
        // Due together within a tenth of a second, and never before.
        if (queue.nextDueMs === null) expect(expected.size).toBe(0);
        else expect(queue.nextDueMs - nextMs).toBeLessThan(100);
      }
      expect(queue.takeDue(nowMs + 10_000, 100).sort()).toEqual([...expected.keys()].sort());
      expect(queue.nextDueMs).toBeNull();
    }),
    { numRuns: 300 },
  );
});
