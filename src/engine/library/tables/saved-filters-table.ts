/** Saved filters: smart lists that a person named, in the order that a person gave them. */
import { BangerError } from '../../../shared/errors.ts';
import type { SongFilter } from '../../../shared/song-query.ts';
import { songFilterSchema } from '../../../shared/song-query.ts';
import type { Connection } from '../sqlite-connection.ts';

export interface StoredFilter {
  id: number;
  name: string;
  /** Null where another version of the product saved something that this one does not understand. */
  filter: SongFilter | null;
}

export class SavedFiltersTable {
  readonly #connection: Connection;
  readonly #statements;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#statements = prepareStatements(connection);
  }

  /** All saved filters in the person's order. */
  list(): StoredFilter[] {
    return this.#statements.selectAll.all({}).map(({ id, name, filter }) => {
      const parsed = songFilterSchema.safeParse(JSON.parse(filter));
      return { id, name, filter: parsed.success ? parsed.data : null };
    });
  }

  /** Saves a filter as the last one, or in place of the one that has this name. @returns its id */
  save(name: string, filter: SongFilter): number {
    return this.#connection.write(() => {
      this.#statements.upsert.run({ name, filter: JSON.stringify(filter) });
      return this.#idOf(name) ?? 0;
    });
  }

  /** @throws BangerError `usage` when there is no such filter or another one has the name */
  rename(id: number, name: string): void {
    this.#connection.write(() => {
      if ((this.#idOf(name) ?? id) !== id) {
        throw new BangerError('usage', `There is a saved filter “${name}” already.`, {
          nextStep: 'Choose another name, or delete the other filter first.',
        });
      }
      requireKnown(this.#statements.rename.run({ id, name }).changes);
    });
  }

  /** Puts filters in this order; those that are not named follow as they were. */
  reorder(ids: readonly number[]): void {
    this.#connection.write(() => {
      const others = this.list().flatMap(({ id }) => (ids.includes(id) ? [] : [id]));
      for (const [position, id] of [...ids, ...others].entries()) this.#statements.move.run({ id, position });
    });
  }

  /** @throws BangerError `usage` when there is no such filter */
  delete(id: number): void {
    requireKnown(this.#statements.delete.run({ id }).changes);
  }

  #idOf(name: string): number | null {
    return this.#statements.selectId.get({ name })?.id ?? null;
  }
}

function requireKnown(changes: number): void {
  if (changes > 0) return;
  throw new BangerError('usage', 'There is no such saved filter.', {
    nextStep: 'It may have been deleted elsewhere.',
  });
}

function prepareStatements(connection: Connection) {
  return {
    selectAll: connection.statement<object, { id: number; name: string; filter: string }>(
      `SELECT id, name, filter FROM saved_filters ORDER BY position, id`,
    ),
    selectId: connection.statement<{ name: string }, { id: number }>(
      `SELECT id FROM saved_filters WHERE name = @name`,
    ),
    upsert: connection.statement<{ name: string; filter: string }>(
      `INSERT INTO saved_filters (name, position, filter)
       VALUES (@name, (SELECT coalesce(max(position), -1) + 1 FROM saved_filters), @filter)
       ON CONFLICT (name) DO UPDATE SET filter = excluded.filter`,
    ),
    rename: connection.statement<{ id: number; name: string }>(
      `UPDATE saved_filters SET name = @name WHERE id = @id`,
    ),
    move: connection.statement<{ id: number; position: number }>(
      `UPDATE saved_filters SET position = @position WHERE id = @id`,
    ),
    delete: connection.statement<{ id: number }>(`DELETE FROM saved_filters WHERE id = @id`),
  };
}
