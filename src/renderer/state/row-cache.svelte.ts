/** Rows and small waveforms of the songs that are on screen or were a moment ago; the rest stays in the engine. */
import type { RankingKey, SongFilter, SongRow } from '../../shared/song-query.ts';
import type { AppClient } from '../client/app-client.svelte.ts';
import type { Notices } from './notices.svelte.ts';

/** Rows that are kept; a few screens. */
const MAXIMUM_KEPT = 1500;
const MAXIMUM_ASKED = 500;
/** Spans of the waveform in a row. */
export const waveformSpans = 48;

export interface RowContext {
  filter: SongFilter;
  ranking: RankingKey | undefined;
}

export class RowCache {
  /** Grows whenever rows came or changed, so that whoever shows rows looks again. */
  version = $state(0);
  readonly #client: AppClient;
  readonly #notices: Notices;
  readonly #rows = new Map<number, SongRow>();
  readonly #waveforms = new Map<number, Uint8Array>();
  readonly #asked = new Set<number>();
  /** Songs whose waveform was asked for; one that is not measured yet is asked for again after a change. */
  readonly #waveformsAsked = new Set<number>();
  #stale = new Set<number>();
  #context: RowContext = { filter: {}, ranking: undefined };
  #epoch = 0;

  constructor(client: AppClient, notices: Notices) {
    this.#client = client;
    this.#notices = notices;
  }

  /** A row that is here, undefined while it is not; reading it makes the reader look again when rows come. */
  get(songId: number): SongRow | undefined {
    void this.version;
    return this.#rows.get(songId);
  }

  /** Heights 0..127 of the row's waveform, undefined while they are not here or the song was not measured. */
  waveform(songId: number): Uint8Array | undefined {
    void this.version;
    return this.#waveforms.get(songId);
  }

  /** Forgets everything: other ranks and scores hold from now on. */
  reset(context: RowContext, rows: readonly SongRow[]): void {
    this.#context = context;
    this.#epoch += 1;
    this.#asked.clear();
    this.#stale.clear();
    this.#waveformsAsked.clear();
    this.#rows.clear();
    for (const row of rows) this.#rows.set(row.id, row);
    this.version += 1;
  }

  /** Keeps showing what is here, but asks again for what is wanted next. */
  markStale(): void {
    this.#stale = new Set(this.#rows.keys());
    this.#waveformsAsked.clear();
    this.version += 1;
  }

  /** Puts in what a judgement just changed, before the engine says so. */
  patch(songIds: Iterable<number>, change: Partial<SongRow>): void {
    for (const songId of songIds) {
      const row = this.#rows.get(songId);
      if (row !== undefined) this.#rows.set(songId, { ...row, ...change });
    }
    this.version += 1;
  }

  /** Asks for the rows that are not here, those with waveforms along. */
  async want(songIds: readonly number[]): Promise<void> {
    const missing = songIds.filter(
      (songId) => (!this.#rows.has(songId) || this.#stale.has(songId)) && !this.#asked.has(songId),
    );
    const asked = missing.slice(0, MAXIMUM_ASKED);
    const waveformsAsked = songIds
      .filter((songId) => !this.#waveforms.has(songId) && !this.#waveformsAsked.has(songId))
      .slice(0, MAXIMUM_ASKED);
    if (asked.length === 0 && waveformsAsked.length === 0) return;
    for (const songId of waveformsAsked) this.#waveformsAsked.add(songId);
    for (const songId of asked) {
      this.#asked.add(songId);
      this.#stale.delete(songId);
    }
    const epoch = this.#epoch;
    try {
      const [rows, waveforms] = await Promise.all([
        this.#client.call('get-song-rows', {
          songIds: asked,
          filter: this.#context.filter,
          ...(this.#context.ranking !== undefined && { ranking: this.#context.ranking }),
        }),
        this.#client.call('get-waveforms', {
          songIds: waveformsAsked,
          spans: waveformSpans,
        }),
      ]);
      if (epoch !== this.#epoch) return;
      for (const row of rows) this.#rows.set(row.id, row);
      waveforms.songIds.forEach((songId, index) => {
        const start = index * waveformSpans;
        this.#waveforms.set(songId, waveforms.heights.subarray(start, start + waveformSpans));
      });
      this.#forget(new Set(songIds));
      this.version += 1;
    } catch (thrown) {
      this.#notices.showError(thrown);
    } finally {
      if (epoch === this.#epoch) for (const songId of asked) this.#asked.delete(songId);
    }
  }

  /** Lets the rows go that were wanted longest ago. */
  #forget(wanted: ReadonlySet<number>): void {
    for (const kept of [this.#rows, this.#waveforms]) {
      for (const songId of kept.keys()) {
        if (kept.size <= MAXIMUM_KEPT) break;
        if (!wanted.has(songId)) kept.delete(songId);
      }
    }
  }
}
