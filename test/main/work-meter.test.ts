import { expect, test } from 'vitest';
import { WorkMeter } from '../../src/main/work-meter.ts';
import type { JobCounts, JobProgress, RunnerState } from '../../src/shared/jobs.ts';

const none: JobCounts = {
  waiting: 0,
  running: 0,
  scored: 100,
  known: 20,
  skipped: 3,
  failed: 4,
  cancelled: 0,
};

function progress(counts: Partial<JobCounts>, state: RunnerState['state'] = 'working'): JobProgress {
  return {
    runner: { state, reason: null },
    counts: { ...none, ...counts },
    songsPerSecond: null,
    etaSeconds: null,
    currentPath: null,
    busyShare: null,
    quietBecause: null,
  };
}

test('a spell of work counts from its own beginning to its own end', () => {
  const meter = new WorkMeter();
  expect(meter.update(progress({}, 'idle'))).toEqual({ state: 'idle', done: 0, total: 0, batchDone: null });
  expect(meter.update(progress({ waiting: 5 }))).toMatchObject({ state: 'working', done: 0, total: 5 });
  expect(meter.update(progress({ waiting: 2, running: 1, scored: 102 }))).toMatchObject({
    done: 2,
    total: 5,
  });
  // More arrive in between.
  expect(meter.update(progress({ waiting: 4, scored: 102, failed: 5 }))).toMatchObject({ done: 3, total: 7 });
  expect(meter.update(progress({ waiting: 4, scored: 102, failed: 5 }, 'paused'))).toMatchObject({
    state: 'paused',
    done: 3,
    total: 7,
  });
  expect(meter.update(progress({ scored: 104, known: 22, failed: 5 }, 'idle')).batchDone).toEqual({
    scored: 6,
    failed: 1,
  });
  expect(meter.update(progress({ scored: 104, known: 22, failed: 5 }, 'idle')).batchDone).toBeNull();
});

test('work that was only taken back is no batch', () => {
  const meter = new WorkMeter();
  meter.update(progress({ waiting: 2 }));
  expect(meter.update(progress({ cancelled: 2 }, 'idle')).batchDone).toBeNull();
});

test('old jobs that are forgotten meanwhile never count backwards', () => {
  const meter = new WorkMeter();
  meter.update(progress({ waiting: 2 }));
  expect(meter.update(progress({ waiting: 2, scored: 10 }))).toMatchObject({ done: 0, total: 2 });
});
