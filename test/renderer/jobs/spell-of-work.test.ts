/** How far a spell of work is, over counts that also fall. */
import { expect, it } from 'vitest';
import { SpellMeter } from '../../../src/renderer/jobs/spell-of-work.ts';
import type { JobCounts } from '../../../src/shared/jobs.ts';

const countsOf = (counts: Partial<JobCounts>): JobCounts => ({
  ...{ waiting: 0, running: 0, scored: 0, known: 0, skipped: 0, failed: 0, cancelled: 0 },
  ...counts,
});

it('counts what is done since songs began to wait, whatever was done before', () => {
  const meter = new SpellMeter();
  expect(meter.update(countsOf({ scored: 500 }))).toBeNull();
  expect(meter.update(countsOf({ scored: 500, waiting: 4 }))).toEqual({ done: 0, total: 4 });
  expect(meter.update(countsOf({ scored: 501, failed: 1, waiting: 1, running: 1 }))).toEqual({
    done: 2,
    total: 4,
  });
  expect(meter.update(countsOf({ scored: 501, failed: 1, known: 1, waiting: 3 }))).toEqual({
    done: 3,
    total: 6,
  });
  expect(meter.update(countsOf({ scored: 504, failed: 1, known: 1 }))).toBeNull();
  expect(meter.update(countsOf({ scored: 504, failed: 1, known: 1, waiting: 2 }))).toEqual({
    done: 0,
    total: 2,
  });
});

it('does not count backwards when failed songs wait again or old jobs are forgotten', () => {
  const meter = new SpellMeter();
  meter.update(countsOf({ scored: 100, failed: 10, waiting: 1 }));
  expect(meter.update(countsOf({ scored: 100, waiting: 11 }))).toEqual({ done: 0, total: 11 });
  expect(meter.update(countsOf({ scored: 101, waiting: 10 }))).toEqual({ done: 1, total: 11 });
});
