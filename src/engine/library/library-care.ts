/** What SQL can say about a library's own soundness, and the repairs that lose nothing. */
import type { Connection } from './sqlite-connection.ts';
import type { BatchesTable } from './tables/batches-table.ts';

/** A row that refers to something that is not there. */
export interface DanglingRow {
  table: string;
  /** Null in tables without row ids. */
  rowId: number | null;
}

/** A file as a check against the disk needs to know it. */
export interface FileToCheck {
  id: number;
  path: string;
  sizeBytes: number;
  /** As text: JavaScript's numbers are too short for nanoseconds. */
  mtimeNs: string;
  isMissing: boolean;
}

/** How a reference says that rows end with what they refer to. */
interface Reference {
  id: number;
  seq: number;
  table: string;
  from: string;
  to: string;
  on_delete: string;
}

/** First the index, which a text that changes could otherwise not be taken out of; at the end with all texts right. */
const rebuildSql = `
INSERT INTO song_search (song_search) VALUES ('rebuild');
UPDATE song_texts SET text = source.text FROM song_text_source AS source
WHERE source.song_id = song_texts.song_id AND source.text <> song_texts.text;
INSERT INTO song_texts SELECT * FROM song_text_source
WHERE song_id NOT IN (SELECT song_id FROM song_texts);
INSERT INTO song_search (song_search) VALUES ('rebuild');
DELETE FROM song_list;
INSERT INTO song_list SELECT * FROM song_list_source;
`;

export class LibraryCare {
  readonly #connection: Connection;
  readonly #batches: BatchesTable;
  readonly #selectFiles;

  constructor(connection: Connection, batches: BatchesTable) {
    this.#connection = connection;
    this.#batches = batches;
    this.#selectFiles = connection.statement<
      { afterId: number; limit: number },
      Omit<FileToCheck, 'isMissing'> & { isMissing: number }
    >(
      `SELECT id, path, size_bytes AS sizeBytes, CAST(mtime_ns AS TEXT) AS mtimeNs,
         missing_since_ms IS NOT NULL AS isMissing
       FROM files WHERE id > @afterId ORDER BY id LIMIT @limit`,
    );
  }

  /** What SQLite's checks find, one line each, without what concerns the search index, which can be made anew. */
  findDamage(): string[] {
    return this.#connection.findDamage().filter((line) => !isSearchDamage(line));
  }

  findDangling(): DanglingRow[] {
    return this.#connection.findDangling();
  }

  /**
   * Does late what each reference says is done when what it points to goes: computed rows are removed, a file
   * forgets its song. References that forbid it, those of verdicts and comparisons, are left alone.
   */
  repairDangling(): void {
    this.#connection.write(() => {
      for (const table of new Set(this.findDangling().map((row) => row.table))) {
        for (const references of this.#referencesOf(table)) this.#applyReference(table, references);
      }
    });
  }

  /** Songs whose list row or search text is not what it must be, and 1 more where the search index is not. */
  countOutdated(): number {
    const differences = [
      ['song_list_source', 'song_list'],
      ['song_text_source', 'song_texts'],
    ].map(
      ([source = '', derived = '']) =>
        `SELECT song_id FROM (SELECT * FROM ${source} EXCEPT SELECT * FROM ${derived})
         UNION SELECT song_id FROM ${derived} WHERE song_id NOT IN (SELECT song_id FROM ${source})`,
    );
    const [outdated = 0] = this.#connection.values<number>(
      `SELECT count(*) FROM (${differences.join(' UNION ')})`,
    );
    return outdated + this.#connection.findDamage().filter(isSearchDamage).length;
  }

  /** Makes list rows, search texts and search index anew. */
  rebuildLists(): void {
    this.#connection.write(() => {
      this.#connection.execute(rebuildSql);
    });
  }

  /** Songs that are in no batch. */
  countUngrouped(): number {
    const [count = 0] = this.#connection.values<number>(
      `SELECT count(*) FROM songs WHERE NOT EXISTS (SELECT 1 FROM batch_songs WHERE song_id = songs.id)`,
    );
    return count;
  }

  regroup(): void {
    this.#batches.regroup();
  }

  /** All files in order of their id, some at a time. */
  *files(batchSize = 1000): Generator<FileToCheck[], void, undefined> {
    for (let afterId = 0; ;) {
      const rows = this.#selectFiles.all({ afterId, limit: batchSize });
      const last = rows.at(-1);
      if (last === undefined) return;
      afterId = last.id;
      yield rows.map((row) => ({ ...row, isMissing: row.isMissing === 1 }));
    }
  }

  /** The references of a table; one of several columns is several rows with one id. */
  #referencesOf(table: string): Reference[][] {
    const rows = this.#connection.statement<{ table: string }, Reference>(
      `SELECT id, seq, "table", "from", coalesce("to", 'id') AS "to", on_delete
       FROM pragma_foreign_key_list(@table) ORDER BY id, seq`,
    );
    return [...Map.groupBy(rows.all({ table }), ({ id }) => id).values()];
  }

  #applyReference(table: string, columns: Reference[]): void {
    const [first] = columns;
    if (first === undefined) return;
    const pairs = columns.map(({ from, to }) => `parent.${to} = ${table}.${from}`).join(' AND ');
    const isSet = columns.map(({ from }) => `${from} IS NOT NULL`).join(' AND ');
    const dangles = `${isSet} AND NOT EXISTS (SELECT 1 FROM ${first.table} AS parent WHERE ${pairs})`;
    if (first.on_delete === 'CASCADE') this.#connection.execute(`DELETE FROM ${table} WHERE ${dangles}`);
    if (first.on_delete === 'SET NULL') {
      this.#connection.execute(`UPDATE ${table} SET ${first.from} = NULL WHERE ${dangles}`);
    }
  }
}

/** Whether a line of SQLite's check speaks of the search index. */
export function isSearchDamage(line: string): boolean {
  return line.includes('song_search');
}
