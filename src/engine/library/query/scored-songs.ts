/** Songs with a score in one ranking, column by column: what analyses of scores go through. */
import { songQuantities, type SongQuantity } from '../../../shared/insight-parts.ts';
import type { Ranking, RankingKey, SongFilter } from '../../../shared/song-query.ts';
import type { Connection, Statement } from '../sqlite-connection.ts';
import type { ChangesTable } from '../tables/changes-table.ts';
import type { SettingsTable } from '../tables/settings-table.ts';
import { referenceFor, type SortedReference } from './reference-setting.ts';
import type { SongLists } from './song-lists.ts';

/** Texts of songs, each different one held once. */
export interface TextColumn {
  /** For each song the place of its text in `texts`; -1 where it has none. */
  codes: Int32Array;
  texts: string[];
}

export const songTexts = ['genre', 'key', 'generator', 'prompt'] as const;
export type SongText = (typeof songTexts)[number];

/** One entry for each song in every column, best score first, equal ones in order of song id. */
export interface ScoredSongs {
  ids: Int32Array;
  scores: Float64Array;
  /** NaN where it is not known. Tempo in BPM, durations in seconds, loudness in LUFS. */
  numbers: Record<SongQuantity, Float64Array>;
  texts: Record<SongText, TextColumn>;
}

/** A group of songs as ids and scores alone, best first. */
export interface ScoredGroup {
  ids: Int32Array;
  scores: Float64Array;
}

/** What is asked for. */
export interface ScoredSongsQuery {
  filter: SongFilter;
  ranking: RankingKey | undefined;
  /** Further groups by filters of their own. */
  groups: readonly SongFilter[];
  /** False leaves every column but ids and scores unknown, which takes a small part of the time. */
  readsColumns: boolean;
}

export interface ReadScoredSongs {
  ranking: Ranking | null;
  /** Songs within the filter, scored or not. */
  total: number;
  songs: ScoredSongs;
  groups: ScoredGroup[];
  /** The loaded reference distribution, unless other models made it. */
  reference: SortedReference | null;
  revision: number;
}

interface StoredSong extends Record<SongText, string | null>, Record<SongQuantity, number | null> {
  song_id: number;
}

const columns = `list.song_id, list.tempo_bpm AS tempo, list.duration_seconds AS duration,
  list.integrated_lufs AS loudness, generation_seconds AS "generation-time",
  guidance_scale AS "guidance-scale", inference_steps AS "inference-steps", list.genre,
  list.musical_key AS "key", list.generator, prompt`;
const tables = 'song_list AS list LEFT JOIN generations ON generations.song_id = list.song_id';

/** Songs that are read at once: some ten milliseconds. */
const chunkSize = 4000;
/** Reading past a song costs so much less than looking one up. */
const lookUpCost = 8;

export class ScoredSongsReader {
  readonly #connection: Connection;
  readonly #lists: SongLists;
  readonly #tables: { changes: ChangesTable; settings: SettingsTable };
  readonly #one: Statement<{ songId: number }, StoredSong>;
  readonly #chunk: Statement<{ after: number; last: number; count: number }, StoredSong>;

  constructor(
    connection: Connection,
    lists: SongLists,
    others: { changes: ChangesTable; settings: SettingsTable },
  ) {
    this.#connection = connection;
    this.#lists = lists;
    this.#tables = others;
    this.#one = connection.statement(`SELECT ${columns} FROM ${tables} WHERE list.song_id = @songId`);
    this.#chunk = connection.statement(
      `SELECT ${columns} FROM ${tables} WHERE list.song_id > @after AND list.song_id <= @last
       ORDER BY list.song_id LIMIT @count`,
    );
  }

  /**
   * Everything that analyses need, step by step, so that other work can have its turn between two steps; half a second
   * in all for 100,000 songs. Which songs there are and their scores come from one state of the library; what else
   * is known of a song, from the moment when it is read.
   */
  *read({
    filter,
    ranking: key,
    groups,
    readsColumns,
  }: ScoredSongsQuery): Generator<undefined, ReadScoredSongs> {
    const { scored, ...found } = this.#connection.read(() => {
      const ranking = this.#lists.resolveRanking(key);
      const { total, scored } = this.#lists.within(filter, ranking);
      return {
        ranking,
        total,
        scored,
        groups: groups.map((one) => this.#lists.within(one, ranking).scored),
        reference: referenceFor(this.#tables.settings, ranking),
        revision: this.#tables.changes.current().songs,
      };
    });
    yield;
    const columns = new Columns(scored.ids.length);
    if (readsColumns) yield* this.#fillColumns(columns, scored.ids);
    return { ...found, songs: { ...scored, ...columns.finished() } };
  }

  *#fillColumns(columns: Columns, ids: Int32Array): Generator<undefined, void> {
    const last = ids.reduce((highest, songId) => Math.max(highest, songId), 0);
    if (ids.length * lookUpCost < last) {
      for (const [place, songId] of ids.entries()) {
        const row = this.#one.get({ songId });
        if (row !== undefined) columns.put(place, row);
        if (place % (chunkSize / lookUpCost) === 0) yield;
      }
      return;
    }
    const placeOf = new Int32Array(last + 1).fill(-1);
    for (const [place, songId] of ids.entries()) placeOf[songId] = place;
    for (let after = 0; after < last;) {
      const rows = this.#chunk.all({ after, last, count: chunkSize });
      for (const row of rows) {
        const place = placeOf[row.song_id] ?? -1;
        if (place >= 0) columns.put(place, row);
      }
      after = rows.at(-1)?.song_id ?? last;
      yield;
    }
  }
}

/** Columns that are filled song by song. */
class Columns {
  readonly #numbers: Record<SongQuantity, Float64Array>;
  readonly #texts: Record<SongText, TextCollector>;

  constructor(count: number) {
    const numbers = () => new Float64Array(count).fill(NaN);
    this.#numbers = {
      tempo: numbers(),
      duration: numbers(),
      loudness: numbers(),
      'generation-time': numbers(),
      'guidance-scale': numbers(),
      'inference-steps': numbers(),
    };
    this.#texts = {
      genre: new TextCollector(count),
      key: new TextCollector(count),
      generator: new TextCollector(count),
      prompt: new TextCollector(count),
    };
  }

  put(place: number, row: StoredSong): void {
    for (const quantity of songQuantities) this.#numbers[quantity][place] = row[quantity] ?? NaN;
    for (const text of songTexts) this.#texts[text].put(place, row[text]);
  }

  finished(): Pick<ScoredSongs, 'numbers' | 'texts'> {
    const { genre, key, generator, prompt } = this.#texts;
    return {
      numbers: this.#numbers,
      texts: {
        genre: genre.column,
        key: key.column,
        generator: generator.column,
        prompt: prompt.column,
      },
    };
  }
}

/** Gives every different text a number; letter case and the width of spaces make no difference. */
class TextCollector {
  readonly column: TextColumn;
  readonly #codes = new Map<string, number>();

  constructor(count: number) {
    this.column = { codes: new Int32Array(count).fill(-1), texts: [] };
  }

  put(place: number, text: string | null): void {
    if (text === null) return;
    // Most texts have been met before, in the very same spelling.
    let code = this.#codes.get(text);
    if (code === undefined) {
      const plain = text.replace(/\s+/gu, ' ').trim();
      if (plain === '') return;
      const folded = plain.toLowerCase();
      code = this.#codes.get(folded);
      if (code === undefined) {
        code = this.column.texts.push(plain) - 1;
        this.#codes.set(folded, code);
      }
      this.#codes.set(text, code);
    }
    this.column.codes[place] = code;
  }
}
