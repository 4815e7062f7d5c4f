/** Turns the engine's job counts into what a dock, a tray and a notification say. */
import type { JobProgress } from '../shared/jobs.ts';

export interface WorkStatus {
  state: 'idle' | 'working' | 'paused';
  /** Songs of this spell of work that are done, and all of it. */
  done: number;
  total: number;
  /** Set once, when a spell of work has come to its end. */
  batchDone: { scored: number; failed: number } | null;
}

interface Counts {
  scored: number;
  failed: number;
  finished: number;
}

/** A spell of work begins when songs wait and ends when none does. */
export class WorkMeter {
  #atBegin: Counts | null = null;

  update({ runner, counts }: JobProgress): WorkStatus {
    const now: Counts = {
      scored: counts.scored + counts.known,
      failed: counts.failed,
      finished: counts.scored + counts.known + counts.failed + counts.skipped + counts.cancelled,
    };
    const open = counts.waiting + counts.running;
    if (open === 0) {
      const begin = this.#atBegin;
      this.#atBegin = null;
      return { state: 'idle', done: 0, total: 0, batchDone: begin === null ? null : difference(begin, now) };
    }
    this.#atBegin ??= now;
    // Old jobs are forgotten by and by, so that counts can also fall.
    const done = Math.max(0, now.finished - this.#atBegin.finished);
    const state = runner.state === 'paused' ? 'paused' : 'working';
    return { state, done, total: done + open, batchDone: null };
  }
}

function difference(begin: Counts, now: Counts): WorkStatus['batchDone'] {
  const scored = Math.max(0, now.scored - begin.scored);
  const failed = Math.max(0, now.failed - begin.failed);
  return scored + failed === 0 ? null : { scored, failed };
}
