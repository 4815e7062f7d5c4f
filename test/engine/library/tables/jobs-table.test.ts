/** Jobs are taken by one process at a time, whatever happens to it or to the clock. */
import { describe, expect, test } from 'vitest';
import { openLibrary } from '../../../../src/engine/library/open-library.ts';
import type { JobResult } from '../../../../src/engine/library/tables/jobs-table.ts';
import type { Library } from '../../../../src/engine/library/library.ts';
import { useFreshFolder } from '../../../support/fresh-folder.ts';

const freshFolder = useFreshFolder();
const LEASE_MS = 15_000;
const claimAs = (owner: string) => ({ owner, leaseMs: LEASE_MS, encoderName: 'draft', headName: 'draft' });
const scored: JobResult = { outcome: 'scored', reason: null, songId: null };

/** A library on a clock that the test turns. */
function openWithClock() {
  const clock = { nowMs: 1_700_000_000_000 };
  const library = openLibrary(freshFolder('library.sqlite'), { now: () => clock.nowMs });
  return { library, clock };
}

function queue(library: Library, path: string, { mtime = 1, size = 10, priority = 0 } = {}) {
  library.jobs.queue([
    {
      stamp: { path, sizeBytes: size, mtimeNs: BigInt(mtime) },
      encoderName: 'draft',
      headName: 'draft',
      priority,
    },
  ]);
}

function claim(library: Library, owner: string) {
  const job = library.jobs.claim(claimAs(owner));
  if (job === null) throw new Error('nothing to claim');
  return job;
}

describe('claiming', () => {
  test('takes the higher priority first, then the newest file', () => {
    const { library } = openWithClock();
    queue(library, '/old', { mtime: 1 });
    queue(library, '/new', { mtime: 3 });
    queue(library, '/middle', { mtime: 2 });
    queue(library, '/urgent', { mtime: 0, priority: 10 });
    const order = [1, 2, 3, 4].map(() => claim(library, 'a').path);
    expect(order).toEqual(['/urgent', '/new', '/middle', '/old']);
    expect(library.jobs.claim(claimAs('a'))).toBeNull();
    library.close();
  });

  test('gives each job to one of two processes', () => {
    const { library, clock } = openWithClock();
    const other = openLibrary(library.file, { now: () => clock.nowMs });
    for (let index = 0; index < 50; index++) queue(library, `/song-${index}`);
    const taken = new Set<number>();
    for (let index = 0; index < 25; index++) {
      taken.add(claim(library, 'a').id);
      taken.add(claim(other, 'b').id);
    }
    expect(taken.size).toBe(50);
    other.close();
    library.close();
  });

  test('takes over a lease that has lapsed, and the former owner notices', () => {
    const { library, clock } = openWithClock();
    queue(library, '/song');
    const lost = claim(library, 'dead');
    expect(library.jobs.claim(claimAs('b'))).toBeNull();
    clock.nowMs += LEASE_MS + 1;
    const taken = claim(library, 'b');
    expect(taken).toMatchObject({ id: lost.id, attempts: 2 });
    expect(library.jobs.finish(lost, 'dead', scored)).toBe(false);
    expect(library.jobs.finish(taken, 'b', scored)).toBe(true);
    library.close();
  });

  test('passes over jobs for other models', () => {
    const { library } = openWithClock();
    queue(library, '/song');
    expect(library.jobs.claim({ ...claimAs('a'), encoderName: 'mert-v1-330m' })).toBeNull();
    library.close();
  });

  test('keeps a lease that is renewed', () => {
    const { library, clock } = openWithClock();
    queue(library, '/song');
    claim(library, 'a');
    for (let beat = 0; beat < 5; beat++) {
      clock.nowMs += LEASE_MS - 1000;
      expect(library.jobs.renewLeases('a', LEASE_MS)).toBe(1);
      expect(library.jobs.claim(claimAs('b'))).toBeNull();
    }
    library.close();
  });

  test('does not wait for hours when the clock is set back', () => {
    const { library, clock } = openWithClock();
    queue(library, '/song');
    claim(library, 'dead');
    clock.nowMs -= 24 * 3_600_000;
    expect(claim(library, 'b').path).toBe('/song');
    library.close();
  });
});

describe('a file', () => {
  test('that is queued again while it waits stays one job, in its newest version', () => {
    const { library } = openWithClock();
    queue(library, '/song', { mtime: 1, priority: 5 });
    queue(library, '/song', { mtime: 2, priority: 0 });
    expect(library.jobs.counts().waiting).toBe(1);
    expect(claim(library, 'a')).toMatchObject({ priority: 5, stamp: { mtimeNs: 2n } });
    library.close();
  });

  test('that grows while it is worked on is worked on again', () => {
    const { library } = openWithClock();
    queue(library, '/song', { mtime: 1 });
    const first = claim(library, 'a');
    queue(library, '/song', { mtime: 2, size: 20 });
    expect(library.jobs.finish(first, 'a', scored)).toBe(true);
    expect(claim(library, 'a').stamp).toEqual({ path: '/song', sizeBytes: 20, mtimeNs: 2n });
    library.close();
  });

  test('that was finished begins anew with a clean record', () => {
    const { library } = openWithClock();
    queue(library, '/song');
    const reason = { code: 'corrupt-audio', message: 'Broken.', nextStep: null } as const;
    library.jobs.finish(claim(library, 'a'), 'a', { outcome: 'failed', reason, songId: null });
    expect(library.jobs.list({ outcomes: ['failed'] }, 0, 10)).toMatchObject([{ path: '/song', reason }]);
    queue(library, '/song', { mtime: 2 });
    expect(claim(library, 'a')).toMatchObject({ attempts: 1, crashes: 0, outcome: null, reason: null });
    library.close();
  });

  test('with nanoseconds that no number holds keeps them', () => {
    const { library } = openWithClock();
    const mtimeNs = 1_763_923_478_123_456_789n;
    library.jobs.queue([
      {
        stamp: { path: '/song', sizeBytes: 1, mtimeNs },
        encoderName: 'draft',
        headName: 'draft',
        priority: 0,
      },
    ]);
    expect(claim(library, 'a').stamp.mtimeNs).toBe(mtimeNs);
    library.close();
  });
});

test('a crash counts against the song, a clean end does not', () => {
  const { library } = openWithClock();
  queue(library, '/song');
  library.jobs.giveBack(claim(library, 'a'), 'a', { crashed: true });
  expect(library.jobs.list({}, 0, 1)).toMatchObject([{ state: 'waiting', crashes: 1, attempts: 1 }]);
  claim(library, 'a');
  library.jobs.giveBackAll('a');
  expect(library.jobs.list({}, 0, 1)).toMatchObject([{ state: 'waiting', crashes: 1, attempts: 1 }]);
  library.close();
});

test('failed jobs are retried, waiting ones cancelled, all are counted', () => {
  const { library } = openWithClock();
  for (const path of ['/a', '/b', '/c']) queue(library, path);
  const reason = { code: 'timed-out', message: 'Slow.', nextStep: null } as const;
  library.jobs.finish(claim(library, 'x'), 'x', { outcome: 'failed', reason, songId: null });
  library.jobs.finish(claim(library, 'x'), 'x', scored);
  expect(library.jobs.counts()).toMatchObject({ waiting: 1, running: 0, failed: 1, scored: 1 });
  expect(library.jobs.retryFailed()).toBe(1);
  expect(library.jobs.cancelWaiting()).toBe(2);
  expect(library.jobs.counts()).toMatchObject({ waiting: 0, failed: 0, cancelled: 2, scored: 1 });
  library.close();
});
