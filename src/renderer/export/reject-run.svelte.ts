/** Rejected songs on their way out: the plan that names every file, and what became of it. */
import { asBangerError, hasErrorCode, type BangerError } from '../../shared/errors.ts';
import type { RejectDestination, RejectPlan, RejectReport } from '../../shared/reject-plan.ts';
import type { SongFilter } from '../../shared/song-query.ts';
import type { AppClient } from '../client/app-client.svelte.ts';

let lastRun = 0;

export class RejectRun {
  plan = $state.raw<RejectPlan | null>(null);
  report = $state.raw<RejectReport | null>(null);
  progress = $state.raw<{ doneFiles: number; totalFiles: number } | null>(null);
  isRunning = $state(false);
  /** Whether the files changed under the last plan, so that it was made anew. */
  isOutdated = $state(false);
  isTakenBack = $state(false);
  error = $state.raw<BangerError | null>(null);
  destination = $state<RejectDestination>('trash');
  /** Files that go along because the person named them. */
  named = $state.raw<ReadonlySet<string>>(new Set());
  readonly #client: AppClient;
  readonly #filter: SongFilter;
  #ended = new AbortController();

  constructor(client: AppClient, filter: SongFilter) {
    this.#client = client;
    this.#filter = filter;
  }

  /** Looks at the files as they are now. */
  async makePlan(): Promise<void> {
    this.error = null;
    try {
      this.plan = await this.#client.call('plan-rejects', this.#request(), { signal: this.#ended.signal });
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** Takes a file along, or leaves it. */
  async name(path: string, isTaken: boolean): Promise<void> {
    const named = new Set(this.named);
    if (isTaken) named.add(path);
    else named.delete(path);
    this.named = named;
    await this.makePlan();
  }

  /** Does what the plan says, unless the files have changed since. */
  async start(): Promise<void> {
    if (this.plan === null) return;
    lastRun += 1;
    const callName = `rejects-${lastRun}-${Date.now()}`;
    this.isRunning = true;
    this.isOutdated = false;
    this.error = null;
    const stopListening = this.#client.on('trash-progressed', (progress) => {
      if (progress.callName === callName) this.progress = progress;
    });
    try {
      this.report = await this.#client.call(
        'trash-rejects',
        { ...this.#request(), token: this.plan.token, destination: this.destination, callName },
        { signal: this.#ended.signal },
      );
    } catch (thrown) {
      if (hasErrorCode(thrown, 'plan-outdated')) {
        this.isOutdated = true;
        await this.makePlan();
      } else this.#fail(thrown);
    } finally {
      this.isRunning = false;
      stopListening();
    }
  }

  /** Stops what is under way; what was put away stays so. */
  stop(): void {
    this.#ended.abort();
    this.#ended = new AbortController();
  }

  #request() {
    return { filter: this.#filter, files: [...this.named] };
  }

  #fail(thrown: unknown): void {
    if (!hasErrorCode(thrown, 'cancelled')) this.error = asBangerError(thrown);
  }
}
