/** Exported files: which files the product itself put somewhere, so that they are never taken for a song's own. */
import type { Connection } from '../sqlite-connection.ts';

export interface ExportedFile {
  /** Absolute path. */
  path: string;
  songId: number;
  /** True for a song's own file that was moved here, false for a copy or a link of it. */
  isOriginal: boolean;
}

interface ExportedRow {
  path: string;
  song_id: number;
  is_original: number;
}

export class ExportedFilesTable {
  readonly #now: () => number;
  readonly #statements;

  constructor(connection: Connection, now: () => number) {
    this.#now = now;
    this.#statements = prepareStatements(connection);
  }

  /** Notes an export; what was noted about the path before is replaced. */
  put({ path, songId, isOriginal }: ExportedFile): void {
    this.#statements.upsert.run({ path, songId, isOriginal: isOriginal ? 1 : 0, now: this.#now() });
  }

  /** What was exported to a path, null when nothing was. */
  byPath(path: string): ExportedFile | null {
    const row = this.#statements.selectByPath.get({ path });
    return row === undefined ? null : exportedFromRow(row);
  }

  /** Every export of a song, in order of path, whether or not it is still there. */
  ofSong(songId: number): ExportedFile[] {
    return this.#statements.selectBySong.all({ songId }).map(exportedFromRow);
  }

  /** Forgets an export, such as one that was moved back. */
  remove(path: string): void {
    this.#statements.delete.run({ path });
  }
}

function prepareStatements(connection: Connection) {
  return {
    upsert: connection.statement<{ path: string; songId: number; isOriginal: 0 | 1; now: number }>(
      `INSERT INTO exported_files (path, song_id, is_original, exported_at_ms)
       VALUES (@path, @songId, @isOriginal, @now)
       ON CONFLICT (path) DO UPDATE SET
         song_id = excluded.song_id, is_original = excluded.is_original, exported_at_ms = excluded.exported_at_ms`,
    ),
    selectByPath: connection.statement<{ path: string }, ExportedRow>(
      `SELECT path, song_id, is_original FROM exported_files WHERE path = @path`,
    ),
    selectBySong: connection.statement<{ songId: number }, ExportedRow>(
      `SELECT path, song_id, is_original FROM exported_files WHERE song_id = @songId ORDER BY path`,
    ),
    delete: connection.statement<{ path: string }>(`DELETE FROM exported_files WHERE path = @path`),
  };
}

function exportedFromRow({ path, song_id, is_original }: ExportedRow): ExportedFile {
  return { path, songId: song_id, isOriginal: is_original === 1 };
}
