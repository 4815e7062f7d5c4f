/** Watched folders: where new songs are looked for. */
import { z } from 'zod';
import type { Connection } from '../sqlite-connection.ts';

/** A folder as the library keeps it. */
export interface WatchedFolderRecord {
  id: number;
  /** Absolute path. */
  path: string;
  isPaused: boolean;
  ignorePatterns: string[];
  addedAtMs: number;
}

interface FolderRow {
  id: number;
  path: string;
  is_paused: number;
  ignore_patterns: string;
  added_at_ms: number;
}

const patternsSchema = z.array(z.string()).catch([]);

export class WatchedFoldersTable {
  readonly #now: () => number;
  readonly #statements;

  constructor(connection: Connection, now: () => number) {
    this.#now = now;
    this.#statements = prepareStatements(connection);
  }

  /** In the order in which they were added. */
  all(): WatchedFolderRecord[] {
    return this.#statements.all.all({}).map((row) => ({
      id: row.id,
      path: row.path,
      isPaused: row.is_paused === 1,
      ignorePatterns: patternsSchema.parse(JSON.parse(row.ignore_patterns)),
      addedAtMs: row.added_at_ms,
    }));
  }

  /** Adds a folder, or gives one that is there other patterns. */
  put(path: string, ignorePatterns: readonly string[]): void {
    this.#statements.put.run({ path, ignorePatterns: JSON.stringify(ignorePatterns), now: this.#now() });
  }

  /** @returns whether there was such a folder */
  setPaused(path: string, isPaused: boolean): boolean {
    return this.#statements.setPaused.run({ path, isPaused: isPaused ? 1 : 0 }).changes > 0;
  }

  /** Stops looking there; songs that were found stay in the library. @returns whether there was such a folder */
  remove(path: string): boolean {
    return this.#statements.remove.run({ path }).changes > 0;
  }
}

function prepareStatements(connection: Connection) {
  return {
    all: connection.statement<object, FolderRow>(
      `SELECT id, path, is_paused, ignore_patterns, added_at_ms FROM watched_folders ORDER BY id`,
    ),
    put: connection.statement<{ path: string; ignorePatterns: string; now: number }>(
      `INSERT INTO watched_folders (path, ignore_patterns, added_at_ms) VALUES (@path, @ignorePatterns, @now)
       ON CONFLICT (path) DO UPDATE SET ignore_patterns = excluded.ignore_patterns`,
    ),
    setPaused: connection.statement<{ path: string; isPaused: number }>(
      `UPDATE watched_folders SET is_paused = @isPaused WHERE path = @path`,
    ),
    remove: connection.statement<{ path: string }>(`DELETE FROM watched_folders WHERE path = @path`),
  };
}
