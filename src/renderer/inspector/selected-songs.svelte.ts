/** The rows of a selection, asked for in portions when it rests. */
import type { SongRow } from '../../shared/song-query.ts';
import type { AppState } from '../state/app-state.svelte.ts';

const restMs = 150;
/** While songs are scored the library changes all the time. */
const changePauseMs = 1000;
const portion = 1000;
/** Beyond this the summary speaks of the first ones alone. */
export const maximumSummed = 5000;

export class SelectedSongs {
  rows = $state.raw<readonly SongRow[]>([]);
  /** Whether the rows are those of the selection that was asked for last. */
  isCurrent = $state(false);
  readonly #app: AppState;
  #songIds: readonly number[] = [];
  #restTimer: number | undefined;
  #changeTimer: number | undefined;
  #reading: AbortController | null = null;

  constructor(app: AppState) {
    this.#app = app;
  }

  /** Reads a selection in a moment. */
  show(songIds: readonly number[]): void {
    this.end();
    this.#songIds = songIds;
    this.isCurrent = false;
    this.#restTimer = window.setTimeout(() => this.#begin(), restMs);
  }

  /** Reads it again, in a moment; however often it is asked for meanwhile. */
  refreshSoon(): void {
    this.#changeTimer ??= window.setTimeout(() => {
      this.#changeTimer = undefined;
      this.#begin();
    }, changePauseMs);
  }

  end(): void {
    window.clearTimeout(this.#restTimer);
    window.clearTimeout(this.#changeTimer);
    this.#changeTimer = undefined;
    this.#reading?.abort();
  }

  #begin(): void {
    this.#reading?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    void this.#read(this.#songIds, reading.signal);
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
