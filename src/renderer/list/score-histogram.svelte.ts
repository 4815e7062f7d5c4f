/** How the scores of the list spread, without the score's own filter; read anew when the list changes, calmly. */
import type { SongFilter } from '../../shared/song-query.ts';
import type { AppState } from '../state/app-state.svelte.ts';

export const histogramBins = 50;
const PAUSE_MS = 250;

export class ScoreHistogram {
  counts = $state.raw<readonly number[]>([]);
  total = $state(0);
  scoredTotal = $state(0);
  readonly #app: AppState;
  #timer: number | undefined;
  #reading: AbortController | null = null;

  constructor(app: AppState) {
    this.#app = app;
  }

  /** Reads for the list as it is shown now, in a moment. */
  refreshSoon(): void {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#read(), this.counts.length === 0 ? 0 : PAUSE_MS);
  }

  end(): void {
    window.clearTimeout(this.#timer);
    this.#reading?.abort();
  }

  async #read(): Promise<void> {
    this.#reading?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    const { list, client, notices } = this.#app;
    const filter: SongFilter = { ...list.filter };
    delete filter.score;
    const { ranking } = list;
    try {
      const answer = await client.call(
        'get-histogram',
        {
          filter,
          bins: histogramBins,
          ...(ranking !== null && { ranking: { spaceId: ranking.spaceId, headId: ranking.headId } }),
        },
        { signal: reading.signal },
      );
      if (reading.signal.aborted) return;
      this.counts = answer.counts;
      this.total = answer.total;
      this.scoredTotal = answer.scoredTotal;
    } catch (thrown) {
      if (!reading.signal.aborted) notices.showError(thrown);
    }
  }
}
