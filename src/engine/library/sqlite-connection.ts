/** One connection to the library's database: prepared statements and transactions whose errors are the product's. */
import Database from 'better-sqlite3';
import { BangerError, hasErrorCode } from '../../shared/errors.ts';
import { asLibraryError } from './sqlite-errors.ts';

/** A prepared statement with named parameters (`@name`). */
export interface Statement<Parameters extends object, Row> {
  /** The first row, or undefined. */
  get(parameters: Parameters): Row | undefined;
  all(parameters: Parameters): Row[];
  /** @returns how many rows changed and the row id that the last insert gave */
  run(parameters: Parameters): { changes: number; lastInsertId: number };
}

export interface ConnectionOptions {
  readOnly: boolean;
  /** How long a statement waits for another process to let go of the database. */
  busyTimeoutMs: number;
}

/** Pages that are copied before other work has its turn: 16 MB. */
const pagesPerStep = 4096;

export class Connection {
  readonly file: string;
  readonly #database: Database.Database;
  readonly #busyTimeoutMs: number;
  #writeDepth = 0;

  /**
   * Opens the file, creating it unless `readOnly` is set.
   *
   * @throws BangerError `library-…` or `disk-full`, as all methods do
   */
  constructor(file: string, { readOnly, busyTimeoutMs }: ConnectionOptions) {
    this.file = file;
    this.#busyTimeoutMs = busyTimeoutMs;
    try {
      this.#database = new Database(file, { readonly: readOnly, timeout: busyTimeoutMs });
    } catch (thrown) {
      throw asLibraryError(thrown, file);
    }
  }

  get isOpen(): boolean {
    return this.#database.open;
  }

  /** Prepares a statement. Row types are the caller's promise, kept by STRICT tables. */
  statement<Parameters extends object, Row = never>(sql: string): Statement<Parameters, Row> {
    const prepared = this.#guard(() => this.#database.prepare<[Parameters], Row>(sql));
    return {
      get: (parameters) => this.#guard(() => prepared.get(parameters)),
      all: (parameters) => this.#guard(() => prepared.all(parameters)),
      run: (parameters) =>
        this.#guard(() => {
          const { changes, lastInsertRowid } = prepared.run(parameters);
          return { changes, lastInsertId: Number(lastInsertRowid) };
        }),
    };
  }

  /**
   * The values of a query with one column. For queries that are put together anew each time; what is asked in the
   * same words again and again is prepared once, as a statement.
   */
  values<Value>(sql: string, parameters: Record<string, string | number> = {}): Value[] {
    return this.#guard(() => this.#database.prepare<[object], Value>(sql).pluck().all(parameters));
  }

  /** Runs statements that return nothing, such as those that create tables. */
  execute(sql: string): void {
    this.#guard(() => this.#database.exec(sql));
  }

  /** The single value that a pragma answers with. */
  pragma(source: string): unknown {
    return this.#guard(() => this.#database.pragma(source, { simple: true }));
  }

  /**
   * Runs work in a transaction that holds the write lock from its start, so that what it reads cannot change
   * before it writes. Inside another transaction it becomes a part of that one. Rolled back when work throws.
   */
  write<T>(work: () => T): T {
    this.#writeDepth += 1;
    try {
      return this.#guard(() => this.#database.transaction(work).immediate());
    } finally {
      this.#writeDepth -= 1;
    }
  }

  /** Whether a writing transaction is open, which may yet be rolled back. */
  get isWriting(): boolean {
    return this.#writeDepth > 0;
  }

  /** Runs reading work on one snapshot of the database. */
  read<T>(work: () => T): T {
    return this.#guard(() => this.#database.transaction(work).deferred());
  }

  /** What SQLite's own checks find wrong with the file, one line each; seconds per gigabyte. */
  findDamage(): string[] {
    try {
      const lines = this.values<string>('PRAGMA integrity_check');
      return lines.filter((line) => line !== 'ok');
    } catch (thrown) {
      // Some damage stops the check itself, which is an answer too.
      if (hasErrorCode(thrown, 'library-corrupt')) return [thrown.details ?? thrown.message];
      throw thrown;
    }
  }

  /** Rows that refer to something that is not there. */
  findDangling(): { table: string; rowId: number | null }[] {
    return this.#guard(() =>
      this.#database
        .prepare<[], { table: string; rowid: number | null }>('PRAGMA foreign_key_check')
        .all()
        .map(({ table, rowid }) => ({ table, rowId: rowid })),
    );
  }

  /**
   * Copies the database into a file as it is at this moment, whoever writes meanwhile; other work goes on between
   * the steps of the copy.
   *
   * @param onProgress may throw to end it
   */
  async copyTo(file: string, onProgress: (done: number, total: number) => void): Promise<void> {
    this.#requireOpen();
    try {
      // The snapshot of a connection of its own, since a copy begins anew whenever its source has changed.
      const source = new Database(this.file, { readonly: true, timeout: this.#busyTimeoutMs });
      try {
        source.exec('BEGIN');
        source.prepare('SELECT count(*) FROM sqlite_schema').get();
        await source.backup(file, {
          progress: ({ totalPages, remainingPages }) => {
            onProgress(totalPages - remainingPages, totalPages);
            return pagesPerStep;
          },
        });
      } finally {
        source.close();
      }
    } catch (thrown) {
      throw asLibraryError(thrown, this.file);
    }
  }

  /** Closes the database; again is harmless. */
  close(): void {
    if (this.isOpen) this.#guard(() => this.#database.close());
  }

  #guard<T>(work: () => T): T {
    this.#requireOpen();
    try {
      return work();
    } catch (thrown) {
      throw asLibraryError(thrown, this.file);
    }
  }

  #requireOpen(): void {
    if (!this.isOpen) throw new BangerError('library-failed', 'The library is closed.', { file: this.file });
  }
}
