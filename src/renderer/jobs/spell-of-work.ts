/** A spell of work: it begins when songs wait and ends when none does, and knows how far it is. */
import type { JobCounts } from '../../shared/jobs.ts';

export interface Spell {
  /** Songs of this spell that are done, and all of it. */
  done: number;
  total: number;
}

export class SpellMeter {
  #finishedAtBegin: number | null = null;

  /** @returns how far the spell is, null between two */
  update(counts: JobCounts): Spell | null {
    const open = counts.waiting + counts.running;
    if (open === 0) {
      this.#finishedAtBegin = null;
      return null;
    }
    const finished = counts.scored + counts.known + counts.failed + counts.skipped + counts.cancelled;
    // Old jobs are forgotten by and by, and failed ones wait again when they are retried: counts can also fall.
    this.#finishedAtBegin = Math.min(this.#finishedAtBegin ?? finished, finished);
    const done = finished - this.#finishedAtBegin;
    return { done, total: done + open };
  }
}
