/** Lists of songs: filtered, ordered, a window at a time, with totals, ranks and percentiles. */
import { maximumScore, minimumScore } from '../../../shared/score.ts';
import type {
  Ranking,
  RankingKey,
  SongFilter,
  SongPage,
  SongQuery,
  SongRow,
  SongSort,
} from '../../../shared/song-query.ts';
import type { Connection } from '../sqlite-connection.ts';
import type { BatchesTable } from '../tables/batches-table.ts';
import type { ChangesTable } from '../tables/changes-table.ts';
import type { RankingsTable } from '../tables/rankings-table.ts';
import type { SettingsTable } from '../tables/settings-table.ts';
import { FilterScores } from './filter-scores.ts';
import { referenceSetting, type SortedReference } from './reference-setting.ts';
import { filterSql, type FilterSql } from './song-filter-sql.ts';
import { SongRows } from './song-rows.ts';
import { orderSql } from './song-sort-sql.ts';

/** What belongs to a window of songs in order. */
export interface SongWindow {
  filter: SongFilter;
  sort: SongSort;
  offset: number;
  limit: number;
}

/** The tables that a list is made of, besides those that it reads itself. */
export interface SongListTables {
  rankings: RankingsTable;
  batches: BatchesTable;
  changes: ChangesTable;
  settings: SettingsTable;
}

/** How many filters' scores are kept while nothing changes: a list that is scrolled asks again and again. */
const keptFilters = 8;

export class SongLists {
  readonly #connection: Connection;
  readonly #tables: SongListTables;
  readonly #rows: SongRows;
  readonly #kept = new Map<string, FilterScores>();
  #keptRevision = -1;

  constructor(connection: Connection, tables: SongListTables) {
    this.#connection = connection;
    this.#tables = tables;
    this.#rows = new SongRows(connection);
  }

  /** The songs that a query asks for, all from one state of the library. */
  page({ filter, sort, offset, limit, ranking: key }: SongQuery): SongPage {
    return this.#connection.read(() => {
      const ranking = this.resolveRanking(key);
      const reference = this.#referenceFor(ranking);
      const scores = this.scores(filter, ranking);
      const ids = this.songIds({ filter, sort, offset, limit }, ranking);
      return {
        rows: this.#rows.read(ids, { ranking, scores, reference }),
        total: scores.total,
        scoredTotal: scores.scoredTotal,
        ranking,
        reference: reference?.name ?? null,
        revision: this.#tables.changes.current().songs,
      };
    });
  }

  /** Rows of single songs, in the order asked for, ranked within the filter; unknown ids are left out. */
  rowsOf(songIds: readonly number[], filter: SongFilter = {}, key?: RankingKey): SongRow[] {
    return this.#connection.read(() => {
      const ranking = this.resolveRanking(key);
      const scores = this.scores(filter, ranking);
      return this.#rows.read(songIds, { ranking, scores, reference: this.#referenceFor(ranking) });
    });
  }

  /** The ranking in use: the one named, else the default. Null when there are no scores (of that kind). */
  resolveRanking(key: RankingKey | undefined): Ranking | null {
    return key === undefined ? this.#tables.rankings.findDefault() : this.#tables.rankings.find(key);
  }

  /** Ids of the songs in a window, in order. */
  songIds(window: SongWindow, ranking: RankingKey | null): number[] {
    if (window.limit === 0) return [];
    const { filter, offset, limit } = window;
    const { column, direction } = window.sort;
    if (column === 'score') return this.#idsByScore(window, ranking);
    const { where, parameters, readsScores } = this.#filterSql(filter);
    return this.#values<number>(
      `SELECT list.song_id FROM song_list AS list ${readsScores ? joinScores(ranking) : ''}
       WHERE ${where} ORDER BY ${orderSql(column, direction)} LIMIT @limit OFFSET @offset`,
      { ...parameters, ...rankingParameters(ranking), limit, offset },
    );
  }

  /** Totals and scores within a filter; kept until something changes. */
  scores(filter: SongFilter, ranking: RankingKey | null): FilterScores {
    // What a transaction has written may yet be taken back, and its revision used again.
    if (this.#connection.isWriting) return this.#readScores(filter, ranking);
    const { songs: revision } = this.#tables.changes.current();
    if (revision !== this.#keptRevision) this.#kept.clear();
    this.#keptRevision = revision;
    const name = JSON.stringify([filter, ranking?.spaceId, ranking?.headId]);
    const scores = this.#kept.get(name) ?? this.#readScores(filter, ranking);
    this.#kept.delete(name);
    this.#kept.set(name, scores);
    const [oldest = name] = this.#kept.keys();
    if (this.#kept.size > keptFilters) this.#kept.delete(oldest);
    return scores;
  }

  /** How many songs a filter lets through. */
  count(filter: SongFilter, key?: RankingKey): number {
    const ranking = this.resolveRanking(key);
    const { where, parameters, readsScores } = this.#filterSql(filter);
    const [count = 0] = this.#values<number>(
      `SELECT count(*) FROM song_list AS list ${readsScores ? joinScores(ranking) : ''} WHERE ${where}`,
      { ...parameters, ...rankingParameters(ranking) },
    );
    return count;
  }

  /** The values of a column that occur in the library, in order. */
  distinctValues(column: 'genre' | 'musical_key' | 'generator'): string[] {
    return this.#values<string>(
      `SELECT DISTINCT ${column} FROM song_list WHERE ${column} IS NOT NULL ORDER BY ${column} COLLATE NOCASE`,
      {},
    );
  }

  /** Counts of the scores within a filter over equal parts of 0..10. */
  histogram(filter: SongFilter, bins: number, key?: RankingKey): number[] {
    return this.#connection.read(() =>
      this.scores(filter, this.resolveRanking(key)).histogram(bins, minimumScore, maximumScore),
    );
  }

  /** The window by score: songs that have one, then those that have none. */
  #idsByScore(window: SongWindow, ranking: RankingKey | null): number[] {
    const { scoredTotal } = this.scores(window.filter, ranking);
    const scored = window.offset < scoredTotal ? this.#scoredIds(window, ranking) : [];
    const limit = window.limit - scored.length;
    const offset = Math.max(0, window.offset - scoredTotal);
    return limit === 0 ? scored : [...scored, ...this.#unscoredIds({ ...window, offset, limit }, ranking)];
  }

  /**
   * The scores within the filter say between which two the window lies, so that only songs of these scores are
   * read, through the index of ranks.
   */
  #scoredIds({ filter, sort, offset, limit }: SongWindow, ranking: RankingKey | null): number[] {
    const scores = this.scores(filter, ranking);
    const isDescending = sort.direction === 'descending';
    const lastPlace = scores.scoredTotal - 1;
    const scoreAt = (place: number) => scores.inPlace(isDescending ? place : lastPlace - place);
    const first = scoreAt(offset);
    const last = scoreAt(Math.min(offset + limit - 1, lastPlace));
    const passed = isDescending ? scores.countAbove(first) : scores.countBelow(first);
    const direction = isDescending ? 'DESC' : 'ASC';
    const { where, parameters } = this.#filterSql(filter);
    return this.#values<number>(
      `SELECT list.song_id FROM scores AS ranked CROSS JOIN song_list AS list ON list.song_id = ranked.song_id
       WHERE ranked.head_id = @headId AND ranked.space_id = @spaceId
         AND ranked.score BETWEEN @lowest AND @highest AND ${where}
       ORDER BY ranked.score ${direction}, list.song_id LIMIT @limit OFFSET @offset`,
      {
        ...parameters,
        ...rankingParameters(ranking),
        lowest: Math.min(first, last),
        highest: Math.max(first, last),
        limit,
        offset: offset - passed,
      },
    );
  }

  #unscoredIds({ filter, offset, limit }: SongWindow, ranking: RankingKey | null): number[] {
    const { where, parameters } = this.#filterSql(filter);
    return this.#values<number>(
      `SELECT list.song_id FROM song_list AS list ${joinScores(ranking)}
       WHERE ranked.score IS NULL AND ${where} ORDER BY list.song_id LIMIT @limit OFFSET @offset`,
      { ...parameters, ...rankingParameters(ranking), limit, offset },
    );
  }

  #readScores(filter: SongFilter, ranking: RankingKey | null): FilterScores {
    const { where, parameters } = this.#filterSql(filter);
    const scores = this.#values<number | null>(
      `SELECT ranked.score FROM song_list AS list ${joinScores(ranking)} WHERE ${where}`,
      { ...parameters, ...rankingParameters(ranking) },
    );
    return new FilterScores(scores);
  }

  #filterSql(filter: SongFilter): FilterSql {
    return filterSql(filter, { latestBatchId: () => this.#tables.batches.latestId() });
  }

  #values<Value>(sql: string, parameters: Record<string, string | number>): Value[] {
    return this.#connection.values<Value>(sql, parameters);
  }

  /** The reference distribution, unless it was made by other models than the ranking. */
  #referenceFor(ranking: Ranking | null): SortedReference | null {
    const reference = ranking && this.#tables.settings.get(referenceSetting);
    if (reference?.encoder !== ranking?.encoder || reference?.head !== ranking?.head) return null;
    return reference;
  }
}

/** Joins each song's score in a ranking; without a ranking no song has one. */
function joinScores(ranking: RankingKey | null): string {
  if (ranking === null) return 'LEFT JOIN (SELECT NULL AS score) AS ranked ON TRUE';
  return `LEFT JOIN scores AS ranked ON ranked.song_id = list.song_id
    AND ranked.space_id = @spaceId AND ranked.head_id = @headId`;
}

function rankingParameters(ranking: RankingKey | null): Record<string, number> {
  return ranking === null ? {} : { spaceId: ranking.spaceId, headId: ranking.headId };
}
