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
import { FilteredSongs, type SongIds } from './filtered-songs.ts';
import { readRankedSongs, type RankedSongs } from './ranked-songs.ts';
import { RecentlyUsed } from './recently-used.ts';
import { referenceFor } from './reference-setting.ts';
import { filterSql, type FilterSql } from './song-filter-sql.ts';
import {
  groupOrder,
  readGroups,
  type GroupedOrder,
  type OrderGrouping,
  type SongGroups,
} from './song-order.ts';
import { SongRows } from './song-rows.ts';
import { orderSql } from './song-sort-sql.ts';

/** What belongs to a window of songs in order. */
export interface SongWindow {
  filter: SongFilter;
  sort: SongSort;
  offset: number;
  limit: number;
}

/** A list whose whole order is asked for. */
export interface SongOrderQuery extends Pick<SongWindow, 'filter' | 'sort'> {
  ranking?: RankingKey | undefined;
  groupBy?: OrderGrouping | undefined;
  /** How many rows to read along, from the top. */
  rowCount: number;
}

export interface SongOrder extends Omit<SongPage, 'total'> {
  songIds: SongIds;
  groups: GroupedOrder['groups'];
}

/** The tables that a list is made of, besides those that it reads itself. */
export interface SongListTables {
  rankings: RankingsTable;
  batches: BatchesTable;
  changes: ChangesTable;
  settings: SettingsTable;
}

export class SongLists {
  readonly #connection: Connection;
  readonly #tables: SongListTables;
  readonly #rows: SongRows;
  readonly #keptDetails = new RecentlyUsed<Ranking | null>(4);
  readonly #keptRankings = new RecentlyUsed<RankedSongs>(2);
  readonly #keptFilters = new RecentlyUsed<FilteredSongs>(8);
  readonly #keptOrders = new RecentlyUsed<SongIds>(4);
  readonly #keptGroups = new RecentlyUsed<SongGroups>(1);
  readonly #keptCounts = new RecentlyUsed<number>(50);
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
      const reference = referenceFor(this.#tables.settings, ranking);
      const songs = this.within(filter, ranking);
      const ids = this.songIds({ filter, sort, offset, limit }, ranking);
      return {
        rows: this.#rows.read(ids, { ranking, songs, reference }),
        total: songs.total,
        scoredTotal: songs.scoredTotal,
        ranking,
        reference: reference?.name ?? null,
        revision: this.#tables.changes.current().songs,
      };
    });
  }

  /** The whole order of a list, and the rows it begins with, all from one state of the library. */
  order({ filter, sort, ranking: key, groupBy, rowCount }: SongOrderQuery): SongOrder {
    return this.#connection.read(() => {
      const ranking = this.resolveRanking(key);
      const reference = referenceFor(this.#tables.settings, ranking);
      const songs = this.within(filter, ranking);
      const ids = this.#order(filter, sort, ranking, songs);
      const { songIds, groups } =
        groupBy === undefined ? { songIds: ids, groups: [] } : this.#grouped(ids, groupBy);
      return {
        songIds,
        groups,
        rows: this.#rows.read([...songIds.subarray(0, rowCount)], { ranking, songs, reference }),
        scoredTotal: songs.scoredTotal,
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
      const songs = this.within(filter, ranking);
      return this.#rows.read(songIds, {
        ranking,
        songs,
        reference: referenceFor(this.#tables.settings, ranking),
      });
    });
  }

  /** The ranking in use: the one named, else the default. Null when there are no scores (of that kind). */
  resolveRanking(key: RankingKey | undefined): Ranking | null {
    this.#forgetOutdated();
    const { rankings } = this.#tables;
    return this.#keptDetails.get(nameOf(key ?? null), () =>
      key === undefined ? rankings.findDefault() : rankings.find(key),
    );
  }

  /** Ids of the songs in a window, in order. */
  songIds(window: SongWindow, ranking: RankingKey | null): number[] {
    if (window.limit === 0) return [];
    const { filter, offset, limit } = window;
    const { column, direction } = window.sort;
    if (column === 'score') return [...this.within(filter, ranking).window(direction, offset, limit)];
    const { where, parameters, readsScores } = this.#filterSql(filter);
    return this.#values<number>(
      `SELECT list.song_id FROM song_list AS list ${readsScores ? joinScores(ranking) : ''}
       WHERE ${where} ORDER BY ${orderSql(column, direction)} LIMIT @limit OFFSET @offset`,
      { ...parameters, ...rankingParameters(ranking), limit, offset },
    );
  }

  /** The songs within a filter in the order of a ranking; kept until something changes. */
  within(filter: SongFilter, ranking: RankingKey | null): FilteredSongs {
    this.#forgetOutdated();
    const name = nameOf(ranking);
    const ranked = this.#keptRankings.get(name, () => readRankedSongs(this.#connection, ranking));
    return this.#keptFilters.get(`${name} ${JSON.stringify(filter)}`, () =>
      this.#readWithin(filter, ranking, ranked),
    );
  }

  /** How many songs a filter lets through; kept until something changes. */
  count(filter: SongFilter, key?: RankingKey): number {
    return this.#connection.read(() => {
      this.#forgetOutdated();
      const { where, parameters, readsScores } = this.#filterSql(filter);
      const ranking = readsScores ? this.resolveRanking(key) : null;
      return this.#keptCounts.get(`${nameOf(ranking)} ${JSON.stringify(filter)}`, () => {
        const [count = 0] = this.#values<number>(
          `SELECT count(*) FROM song_list AS list ${readsScores ? joinScores(ranking) : ''} WHERE ${where}`,
          { ...parameters, ...rankingParameters(ranking) },
        );
        return count;
      });
    });
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
      this.within(filter, this.resolveRanking(key)).histogram(bins, minimumScore, maximumScore),
    );
  }

  /** Forgets what was kept of an earlier state of the library. */
  #forgetOutdated(): void {
    const { songs: revision } = this.#tables.changes.current();
    // What a transaction has written may yet be taken back, and its revision used again.
    const isLasting = !this.#connection.isWriting;
    if (!isLasting || revision !== this.#keptRevision) {
      const kept = [
        this.#keptDetails,
        this.#keptRankings,
        this.#keptFilters,
        this.#keptOrders,
        this.#keptGroups,
        this.#keptCounts,
      ];
      for (const values of kept) values.clear();
    }
    this.#keptRevision = isLasting ? revision : -1;
  }

  /** All songs of a list in order. */
  #order(filter: SongFilter, sort: SongSort, ranking: RankingKey | null, songs: FilteredSongs): SongIds {
    const { column, direction } = sort;
    if (column === 'score') return songs.window(direction, 0, songs.total);
    const name = `${column} ${direction}`;
    // The order of the whole library serves every filter; a narrow one alone is put in order faster by itself.
    const isNarrow = Object.keys(filter).some((condition) => condition !== 'missing');
    if (isNarrow && !this.#keptOrders.has(name)) {
      return Int32Array.from(this.songIds({ filter, sort, offset: 0, limit: songs.total }, ranking));
    }
    const all = this.#keptOrders.get(name, () =>
      Int32Array.from(
        this.#values<number>(
          `SELECT list.song_id FROM song_list AS list ORDER BY ${orderSql(column, direction)}`,
          {},
        ),
      ),
    );
    return songs.among(all);
  }

  #grouped(songIds: SongIds, groupBy: OrderGrouping): GroupedOrder {
    return groupOrder(
      songIds,
      this.#keptGroups.get(groupBy, () => readGroups(this.#connection, groupBy)),
    );
  }

  #readWithin(filter: SongFilter, ranking: RankingKey | null, ranked: RankedSongs): FilteredSongs {
    const { where, parameters, readsScores } = this.#filterSql(filter);
    const ids = this.#values<number>(
      `SELECT list.song_id FROM song_list AS list ${readsScores ? joinScores(ranking) : ''}
       WHERE ${where} ORDER BY list.song_id`,
      { ...parameters, ...rankingParameters(ranking) },
    );
    return new FilteredSongs(Int32Array.from(ids), ranked);
  }

  #filterSql(filter: SongFilter): FilterSql {
    return filterSql(filter, { latestBatchId: () => this.#tables.batches.latestId() });
  }

  #values<Value>(sql: string, parameters: Record<string, string | number>): Value[] {
    return this.#connection.values<Value>(sql, parameters);
  }
}

/** Names a ranking among what is kept. */
function nameOf(ranking: RankingKey | null): string {
  return JSON.stringify([ranking?.spaceId, ranking?.headId]);
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
