/** A long list of jobs, of which only the pages in view are asked for. */
import type { Job, JobOutcome, JobState } from '../../shared/jobs.ts';
import type { AppClient } from '../client/app-client.svelte.ts';
import type { Notices } from '../state/notices.svelte.ts';

const PAGE = 100;
/** Between two readings of a list that keeps changing. */
const REFRESH_PAUSE_MS = 700;

export interface JobQuery {
  states: JobState[];
  outcomes?: JobOutcome[];
}

export class JobPages {
  /** Jobs by place; replaced as a whole. */
  jobs = $state.raw<ReadonlyMap<number, Job>>(new Map());
  readonly #client: AppClient;
  readonly #notices: Notices;
  readonly #query: JobQuery;
  readonly #asked = new Set<number>();
  #range: readonly [number, number] = [0, 0];
  #epoch = 0;
  #timer: number | undefined;

  constructor(client: AppClient, notices: Notices, query: JobQuery) {
    this.#client = client;
    this.#notices = notices;
    this.#query = query;
  }

  /** Asks for what is in view and not here yet. */
  show(start: number, end: number): void {
    this.#range = [start, end];
    for (let page = Math.floor(start / PAGE); page * PAGE < end; page += 1) {
      if (this.#asked.has(page)) continue;
      this.#asked.add(page);
      void this.#read(page);
    }
  }

  /** Asks again for what is in view, at most about once a second; what is here stays on screen meanwhile. */
  refresh(): void {
    if (this.#timer !== undefined) return;
    this.#timer = window.setTimeout(() => {
      this.#timer = undefined;
      this.#epoch += 1;
      this.#asked.clear();
      this.show(...this.#range);
    }, REFRESH_PAUSE_MS);
  }

  close(): void {
    window.clearTimeout(this.#timer);
  }

  async #read(page: number): Promise<void> {
    const epoch = this.#epoch;
    const offset = page * PAGE;
    try {
      const jobs = await this.#client.call('list-jobs', { ...this.#query, offset, limit: PAGE });
      if (epoch !== this.#epoch) return;
      const next = new Map(this.jobs);
      for (let place = offset; place < offset + PAGE; place += 1) next.delete(place);
      for (const [index, job] of jobs.entries()) next.set(offset + index, job);
      this.jobs = next;
    } catch (thrown) {
      this.#asked.delete(page);
      this.#notices.showError(thrown);
    }
  }
}
