/** The rows of a selection, asked for in portions when it rests. */
import type { SongRow } from '../../shared/song-query.ts';
import type { AppState } from '../state/app-state.svelte.ts';

const restMs = 150;
const portion = 1000;
/** Beyond this the summary speaks of the first ones alone. */
export const maximumSummed = 5000;

export class SelectedSongs {
  rows = $state.raw<readonly SongRow[]>([]);
  /** Whether the rows are those of the selection that was asked for last. */
  isCurrent = $state(false);
  readonly #app: AppState;
  #timer: number | undefined;
  #reading: AbortController | null = null;

  constructor(app: AppState) {
    this.#app = app;
  }

  /** Reads a selection in a moment. */
  show(songIds: readonly number[]): void {
    this.end();
    this.isCurrent = false;
    const reading = new AbortController();
    this.#reading = reading;
    this.#timer = window.setTimeout(() => void this.#read(songIds, reading.signal), restMs);
  }

  end(): void {
    window.clearTimeout(this.#timer);
    this.#reading?.abort();
  }

  async #read(songIds: readonly number[], signal: AbortSignal): Promise<void> {
    const { client, list, notices } = this.#app;
    const rows: SongRow[] = [];
    try {
      for (let start = 0; start < Math.min(songIds.length, maximumSummed); start += portion) {
        const request = {
          songIds: songIds.slice(start, start + portion),
          filter: {},
          ...(list.ranking !== null && {
            ranking: { spaceId: list.ranking.spaceId, headId: list.ranking.headId },
          }),
        };
        rows.push(...(await client.call('get-song-rows', request, { signal })));
        if (signal.aborted) return;
      }
      this.rows = rows;
      this.isCurrent = true;
    } catch (thrown) {
      if (!signal.aborted) notices.showError(thrown);
    }
  }
}
