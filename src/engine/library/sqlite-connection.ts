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

export class Connection {
  readonly file: string;
  readonly #database: Database.Database;
  #writeDepth = 0;

  /**
   * Opens the file, creating it unless `readOnly` is set.
   *
   * @throws BangerError `library-…` or `disk-full`, as all methods do
   */
  constructor(file: string, { readOnly, busyTimeoutMs }: ConnectionOptions) {
    this.file = file;
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

  /** What SQLite's own checks find wrong with the file, one line each. */
  findDamage(): string[] {
    try {
      return this.#guard(() => {
        const lines = this.#database.prepare<[], string>('PRAGMA integrity_check').pluck().all();
        const damage = lines.filter((line) => line !== 'ok');
        if (damage.length > 0) return damage;
        const dangling = this.#database.prepare<[], { table: string; rowid: number }>(
          'PRAGMA foreign_key_check',
        );
        return dangling.all().map(({ table, rowid }) => `${table}: row ${rowid} refers to nothing`);
      });
    } catch (thrown) {
      // Some damage stops the check itself, which is an answer too.
      if (hasErrorCode(thrown, 'library-corrupt')) return [thrown.details ?? thrown.message];
      throw thrown;
    }
  }

  /** Closes the database; again is harmless. */
  close(): void {
    if (this.isOpen) this.#guard(() => this.#database.close());
  }

  #guard<T>(work: () => T): T {
    if (!this.isOpen) throw new BangerError('library-failed', 'The library is closed.', { file: this.file });
    try {
      return work();
    } catch (thrown) {
      throw asLibraryError(thrown, this.file);
    }
  }
}
