/** What the scores say about the songs that are asked for, kept up to date while the library changes. */
import { asBangerError, hasErrorCode, type BangerError } from '../../shared/errors.ts';
import type { InsightRequest } from '../../shared/insight-commands.ts';
import type { Insight } from '../../shared/insight.ts';
import type { AppClient } from '../client/app-client.svelte.ts';

/** Pause between two answers to one question, at least, and as a multiple of the time that the last one took. */
const leastPauseMs = 1500;
const pauseFactor = 4;

export class LiveInsight {
  /** Null until the first answer. What did not change keeps its identity, so that nothing is drawn for nothing. */
  insight = $state.raw<Insight | null>(null);
  isLoading = $state(false);
  /** Why what was asked for last is not shown, null while it is. */
  problem = $state.raw<BangerError | null>(null);

  readonly #client: AppClient;
  readonly #endings: (() => void)[];
  #request: InsightRequest | null = null;
  #loading: AbortController | null = null;
  #isOutdated = false;
  #timer: number | undefined;
  #pauseMs = leastPauseMs;

  constructor(client: AppClient) {
    this.#client = client;
    this.#endings = [
      client.on('library-changed', () => {
        this.#refreshSoon();
      }),
      client.onConnected(() => {
        if (this.#request !== null) void this.#load();
      }),
    ];
  }

  /** Asks for something else; what was asked for before is not waited for any more. */
  ask(request: InsightRequest): void {
    this.#request = request;
    void this.#load();
  }

  /** Asks the same again, now. */
  async retry(): Promise<void> {
    await this.#load();
  }

  close(): void {
    for (const end of this.#endings) end();
    window.clearTimeout(this.#timer);
    this.#request = null;
    this.#loading?.abort();
  }

  async #load(): Promise<void> {
    const request = this.#request;
    if (request === null) return;
    window.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#loading?.abort();
    const loading = new AbortController();
    this.#loading = loading;
    this.#isOutdated = false;
    this.isLoading = true;
    const startedAtMs = performance.now();
    try {
      const answer = await this.#client.call('get-insight', request, { signal: loading.signal });
      if (loading.signal.aborted) return;
      this.insight = withKept(answer, this.insight);
      this.problem = null;
    } catch (thrown) {
      if (loading.signal.aborted || hasErrorCode(thrown, 'cancelled')) return;
      // The banner says that the engine is away; once it is back, the same is asked again.
      if (!hasErrorCode(thrown, 'engine-unreachable')) this.problem = asBangerError(thrown);
    } finally {
      if (this.#loading === loading) {
        this.#loading = null;
        this.isLoading = false;
        this.#pauseMs = Math.max(leastPauseMs, pauseFactor * (performance.now() - startedAtMs));
        if (this.#isOutdated) this.#refreshSoon();
      }
    }
  }

  #refreshSoon(): void {
    // What came while the engine was answering may be missing from its answer.
    if (this.#loading !== null) this.#isOutdated = true;
    else if (this.#request !== null)
      this.#timer ??= window.setTimeout(() => void this.#load(), this.#pauseMs);
  }
}

/** The newer answer, with those of its analyses that are as they were. */
function withKept(newer: Insight, older: Insight | null): Insight {
  if (older === null) return newer;
  const kept = new Map(older.analyses.map((analysis) => [analysis.kind, analysis]));
  const analyses = newer.analyses.map((analysis) => {
    const former = kept.get(analysis.kind);
    return former !== undefined && JSON.stringify(former) === JSON.stringify(analysis) ? former : analysis;
  });
  return { ...newer, analyses };
}
