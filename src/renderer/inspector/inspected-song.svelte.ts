/** What the inspector knows of the song under the cursor; asked for as the cursor moves, and again when it changes. */
import { hasErrorCode } from '../../shared/errors.ts';
import type { Comparison } from '../../shared/comparison.ts';
import type { SimilarSong, SongDetails } from '../../shared/song-details.ts';
import type { Ranking, RankingKey, SongRow } from '../../shared/song-query.ts';
import type { AppState } from '../state/app-state.svelte.ts';
import type { Place } from './place-words.ts';

/** What costs more than a moment waits until the cursor rests. */
const restMs = 160;
/** While songs are scored the library changes all the time; the inspector looks again this often. */
const changePauseMs = 1000;
const histogramBins = 100;
const similarCount = 5;

export interface SimilarRow {
  row: SongRow;
  similarity: number;
}

export interface ComparedRow {
  comparison: Comparison;
  /** The other song; undefined where it is gone. */
  other: SongRow | undefined;
}

export class InspectedSong {
  songId = $state<number | null>(null);
  details = $state.raw<SongDetails | null>(null);
  /** The song ranked within the list, null where the list does not hold it. */
  listRow = $state.raw<SongRow | null>(null);
  /** The song ranked within the whole library, by the list's ranking. */
  libraryRow = $state.raw<SongRow | null>(null);
  /** Songs of the list in each of equal parts of 0..10. */
  counts = $state.raw<readonly number[]>([]);
  listScored = $state(0);
  libraryScored = $state(0);
  similar = $state.raw<readonly SimilarRow[] | null>(null);
  comparisons = $state.raw<readonly ComparedRow[]>([]);
  /** Whether the engine does not know the song any more. */
  isGone = $state(false);

  readonly #app: AppState;
  #similar: SimilarSong[] = [];
  #similarKey = '';
  #reading: AbortController | null = null;
  #restTimer: number | undefined;
  #changeTimer: number | undefined;

  constructor(app: AppState) {
    this.#app = app;
  }

  /** Shows a song: what is quick at once, the rest when it stays. */
  show(songId: number | null): void {
    if (songId !== this.songId) {
      this.songId = songId;
      this.details = null;
      this.listRow = null;
      this.libraryRow = null;
      this.similar = null;
      this.comparisons = [];
      this.isGone = false;
    }
    this.end();
    if (songId === null) return;
    const reading = new AbortController();
    this.#reading = reading;
    void this.#read(songId, reading.signal);
    this.#restTimer = window.setTimeout(() => void this.#readMore(songId, reading.signal), restMs);
  }

  /** Reads again what is shown, in a moment; however often it is asked for meanwhile. */
  refreshSoon(): void {
    this.#changeTimer ??= window.setTimeout(() => {
      this.#changeTimer = undefined;
      this.show(this.songId);
    }, changePauseMs);
  }

  end(): void {
    window.clearTimeout(this.#restTimer);
    window.clearTimeout(this.#changeTimer);
    this.#changeTimer = undefined;
    this.#reading?.abort();
  }

  /** Whose scores are shown. */
  get ranking(): Ranking | null {
    return this.#app.list.ranking;
  }

  /** The song as it stands in the ranking that is shown. */
  get row(): SongRow | null {
    return this.listRow ?? this.libraryRow ?? this.details?.row ?? null;
  }

  get listPlace(): Place | null {
    const rank = this.listRow?.rank ?? null;
    return rank === null || this.listScored < rank ? null : { rank, total: this.listScored };
  }

  get libraryPlace(): Place | null {
    const rank = this.libraryRow?.rank ?? null;
    return rank === null || this.libraryScored < rank ? null : { rank, total: this.libraryScored };
  }

  async #read(songId: number, signal: AbortSignal): Promise<void> {
    const { client, list, notices } = this.#app;
    const inRanking = rankingOf(this.ranking);
    try {
      const [details, [listRow], [libraryRow]] = await Promise.all([
        client.call('get-song', { songId }, { signal }),
        client.call('get-song-rows', { songIds: [songId], filter: list.filter, ...inRanking }, { signal }),
        client.call('get-song-rows', { songIds: [songId], filter: {}, ...inRanking }, { signal }),
      ]);
      if (signal.aborted) return;
      this.details = details;
      this.listRow = list.order.has(songId) ? (listRow ?? null) : null;
      this.libraryRow = libraryRow ?? null;
    } catch (thrown) {
      if (signal.aborted) return;
      this.isGone = hasErrorCode(thrown, 'song-unknown');
      notices.showError(thrown);
    }
  }

  async #readMore(songId: number, signal: AbortSignal): Promise<void> {
    const { client, list, notices } = this.#app;
    const inRanking = rankingOf(this.ranking);
    try {
      const [ofList, ofLibrary, similar, comparisons] = await Promise.all([
        client.call('get-histogram', { filter: list.filter, bins: histogramBins, ...inRanking }, { signal }),
        client.call('get-histogram', { filter: {}, bins: 1, ...inRanking }, { signal }),
        this.#askSimilar(songId, signal),
        client.call('list-comparisons', { songId, limit: 50 }, { signal }),
      ]);
      if (signal.aborted) return;
      this.counts = ofList.counts;
      this.listScored = ofList.scoredTotal;
      this.libraryScored = ofLibrary.scoredTotal;
      const others = comparisons.map(({ songA, songB }) => (songA === songId ? songB : songA));
      const rows = await client.call(
        'get-song-rows',
        {
          songIds: [...new Set([...similar.map((song) => song.songId), ...others])],
          filter: {},
          ...inRanking,
        },
        { signal },
      );
      if (signal.aborted) return;
      const byId = new Map(rows.map((row) => [row.id, row]));
      this.similar = similar.flatMap((song) => {
        const row = byId.get(song.songId);
        return row === undefined ? [] : [{ row, similarity: song.similarity }];
      });
      this.comparisons = comparisons.map((comparison, index) => ({
        comparison,
        other: byId.get(others[index] ?? 0),
      }));
    } catch (thrown) {
      if (!signal.aborted) notices.showError(thrown);
    }
  }

  /** The same songs again where they are known: looking through a whole library takes its time. */
  async #askSimilar(songId: number, signal: AbortSignal): Promise<SimilarSong[]> {
    const { client } = this.#app;
    const key = `${songId} ${this.ranking?.spaceId ?? ''}`;
    if (this.#similarKey !== key || this.#similar.length === 0) {
      const inRanking = rankingOf(this.ranking);
      this.#similar = await client.call(
        'find-similar-songs',
        { songId, limit: similarCount, ...inRanking },
        { signal },
      );
      this.#similarKey = key;
    }
    return this.#similar;
  }
}

function rankingOf(ranking: Ranking | null): { ranking?: RankingKey } {
  return ranking === null ? {} : { ranking: { spaceId: ranking.spaceId, headId: ranking.headId } };
}
