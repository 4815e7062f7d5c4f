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
  /** Songs that the engine answered nothing for; asked for again after a change only. */
  readonly #gone = new Set<number>();
  /** Counts changes told and judgements made, so that an answer from before one of them is known to be old. */
  #changes = 0;
  #changesTold = 0;
  readonly #changedHere = new Map<number, number>();
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

  /**
   * Other ranks and scores hold from now on. What is here stays on screen until it is asked for again, so that
   * nothing goes blank.
   *
   * @param rows rows that are known already
   */
  reset(context: RowContext, rows: readonly SongRow[]): void {
    this.#context = context;
    this.#epoch += 1;
    this.#asked.clear();
    this.markStale();
    this.#keep(rows);
    this.version += 1;
  }

  /** Keeps showing what is here, but asks again for what is wanted next. */
  markStale(): void {
    this.#changes += 1;
    this.#changesTold = this.#changes;
    this.#stale = new Set(this.#rows.keys());
    this.#gone.clear();
    this.#waveformsAsked.clear();
    this.version += 1;
  }

  /** Puts in what a judgement just changed, before the engine says so. */
  patch(songIds: Iterable<number>, change: Partial<SongRow>): void {
    this.#changes += 1;
    for (const songId of songIds) {
      this.#changedHere.set(songId, this.#changes);
      const row = this.#rows.get(songId);
      if (row !== undefined) this.#rows.set(songId, { ...row, ...change });
    }
    this.version += 1;
  }

  /** Asks for the rows that are not here, those with waveforms along. */
  async want(songIds: readonly number[]): Promise<void> {
    const asked = songIds.filter((songId) => this.#isWanting(songId)).slice(0, MAXIMUM_ASKED);
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
    const askedAt = this.#changes;
    try {
      const [rows, waveforms] = await Promise.all([
        this.#askRows(asked),
        waveformsAsked.length === 0 ? null : this.#askWaveforms(waveformsAsked),
      ]);
      if (waveforms !== null) this.#keepWaveforms(waveforms);
      if (epoch === this.#epoch) this.#take(asked, rows, askedAt);
      this.#forget(new Set(songIds));
      this.version += 1;
    } catch (thrown) {
      for (const songId of waveformsAsked) this.#waveformsAsked.delete(songId);
      if (epoch === this.#epoch) for (const songId of asked) this.#stale.add(songId);
      this.#notices.showError(thrown);
    } finally {
      if (epoch === this.#epoch) for (const songId of asked) this.#asked.delete(songId);
    }
  }

  #isWanting(songId: number): boolean {
    if (this.#asked.has(songId) || this.#gone.has(songId)) return false;
    return !this.#rows.has(songId) || this.#stale.has(songId);
  }

  async #askRows(songIds: number[]): Promise<SongRow[]> {
    if (songIds.length === 0) return [];
    const { filter, ranking } = this.#context;
    return this.#client.call('get-song-rows', {
      songIds,
      filter,
      ...(ranking !== undefined && { ranking }),
    });
  }

  #askWaveforms(songIds: number[]): Promise<{ songIds: number[]; heights: Uint8Array }> {
    return this.#client.call('get-waveforms', { songIds, spans: waveformSpans });
  }

  /** Takes an answer in, as far as nothing has changed since it was asked for. */
  #take(asked: readonly number[], rows: readonly SongRow[], askedAt: number): void {
    const isOlder = askedAt < this.#changesTold;
    const current = rows.filter(({ id }) => (this.#changedHere.get(id) ?? 0) <= askedAt);
    this.#keep(current);
    const answered = new Set(rows.map(({ id }) => id));
    const kept = new Set(current.map(({ id }) => id));
    for (const songId of asked) {
      if (isOlder || (answered.has(songId) && !kept.has(songId))) this.#stale.add(songId);
      else if (!answered.has(songId)) this.#gone.add(songId);
    }
  }

  #keep(rows: readonly SongRow[]): void {
    for (const row of rows) {
      // Last in the map is what was wanted last.
      this.#rows.delete(row.id);
      this.#rows.set(row.id, row);
      this.#stale.delete(row.id);
    }
  }

  #keepWaveforms({ songIds, heights }: { songIds: number[]; heights: Uint8Array }): void {
    songIds.forEach((songId, index) => {
      const start = index * waveformSpans;
      this.#waveforms.set(songId, heights.slice(start, start + waveformSpans));
    });
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
