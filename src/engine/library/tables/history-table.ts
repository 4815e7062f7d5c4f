/** The history: every change that a person made, in order, with what it takes to undo and redo it. */
import type { HistoryItem } from '../../../shared/history.ts';
import type { Connection } from '../sqlite-connection.ts';
import { corruptLibrary } from '../sqlite-errors.ts';

interface ItemRow {
  id: number;
  done_at_ms: number;
  label: string;
  is_undoable: number;
  is_undone: number;
}

/** A change with what it takes to undo and redo it, which the library does not look into. */
export interface StoredEntry {
  item: HistoryItem;
  entry: unknown;
}

export interface EntryToAdd {
  /** One phrase for the person, such as `Keep 12 songs`. */
  label: string;
  /** False for what is only told, and passed over by undo. */
  isUndoable: boolean;
  /** Whatever JSON can hold. */
  entry: unknown;
}

export class HistoryTable {
  readonly #connection: Connection;
  readonly #now: () => number;
  readonly #statements;

  constructor(connection: Connection, now: () => number) {
    this.#connection = connection;
    this.#now = now;
    this.#statements = prepareStatements(connection);
  }

  /** Adds a change as the newest one. Changes that were undone before it can no longer be redone. */
  add({ label, isUndoable, entry }: EntryToAdd): number {
    return this.#connection.write(() => {
      this.#statements.deleteUndone.run({});
      const { lastInsertId } = this.#statements.insert.run({
        label,
        isUndoable: isUndoable ? 1 : 0,
        entry: JSON.stringify(entry),
        now: this.#now(),
      });
      return lastInsertId;
    });
  }

  /** Replaces what a change stands for, such as when it grew while it was done. */
  update(id: number, { label, entry }: Omit<EntryToAdd, 'isUndoable'>): void {
    this.#statements.update.run({ id, label, entry: JSON.stringify(entry) });
  }

  /** Takes out a change of which nothing happened after all. */
  remove(id: number): void {
    this.#statements.delete.run({ id });
  }

  byId(id: number): StoredEntry | null {
    return this.#entryFrom(this.#statements.selectById.get({ id }));
  }

  /** The change that undo would undo, null when there is none. */
  nextToUndo(): StoredEntry | null {
    return this.#entryFrom(this.#statements.selectNextToUndo.get({}));
  }

  /** The change that redo would do again, null when there is none. */
  nextToRedo(): StoredEntry | null {
    return this.#entryFrom(this.#statements.selectNextToRedo.get({}));
  }

  setUndone(id: number, isUndone: boolean): void {
    this.#statements.setUndone.run({ id, isUndone: isUndone ? 1 : 0 });
  }

  /** Says whether undo and redo regard a change; one that they do not is only told. */
  setUndoable(id: number, isUndoable: boolean): void {
    this.#statements.setUndoable.run({ id, isUndoable: isUndoable ? 1 : 0 });
  }

  /** Changes older than the one with this id, the newest first; those that were undone included. */
  list(limit: number, beforeId = Number.MAX_SAFE_INTEGER): HistoryItem[] {
    return this.#statements.list.all({ limit, beforeId }).map(itemFromRow);
  }

  #entryFrom(row: (ItemRow & { entry: string }) | undefined): StoredEntry | null {
    if (row === undefined) return null;
    try {
      return { item: itemFromRow(row), entry: JSON.parse(row.entry) };
    } catch {
      throw corruptLibrary(this.#connection.file, `history entry ${row.id} is no JSON`);
    }
  }
}

function prepareStatements(connection: Connection) {
  const item = 'id, done_at_ms, label, is_undoable, is_undone';
  return {
    insert: connection.statement<{ label: string; isUndoable: 0 | 1; entry: string; now: number }>(
      `INSERT INTO history (done_at_ms, label, is_undoable, entry) VALUES (@now, @label, @isUndoable, @entry)`,
    ),
    update: connection.statement<{ id: number; label: string; entry: string }>(
      `UPDATE history SET label = @label, entry = @entry WHERE id = @id`,
    ),
    delete: connection.statement<{ id: number }>(`DELETE FROM history WHERE id = @id`),
    deleteUndone: connection.statement<object>(`DELETE FROM history WHERE is_undone = 1 AND is_undoable = 1`),
    setUndone: connection.statement<{ id: number; isUndone: 0 | 1 }>(
      `UPDATE history SET is_undone = @isUndone WHERE id = @id`,
    ),
    setUndoable: connection.statement<{ id: number; isUndoable: 0 | 1 }>(
      `UPDATE history SET is_undoable = @isUndoable WHERE id = @id`,
    ),
    selectById: connection.statement<{ id: number }, ItemRow & { entry: string }>(
      `SELECT ${item}, entry FROM history WHERE id = @id`,
    ),
    selectNextToUndo: connection.statement<object, ItemRow & { entry: string }>(
      `SELECT ${item}, entry FROM history WHERE is_undone = 0 AND is_undoable = 1 ORDER BY id DESC LIMIT 1`,
    ),
    selectNextToRedo: connection.statement<object, ItemRow & { entry: string }>(
      `SELECT ${item}, entry FROM history WHERE is_undone = 1 AND is_undoable = 1 ORDER BY id LIMIT 1`,
    ),
    list: connection.statement<{ limit: number; beforeId: number }, ItemRow>(
      `SELECT ${item} FROM history WHERE id < @beforeId ORDER BY id DESC LIMIT @limit`,
    ),
  };
}

function itemFromRow(row: ItemRow): HistoryItem {
  return {
    id: row.id,
    doneAtMs: row.done_at_ms,
    label: row.label,
    isUndoable: row.is_undoable === 1,
    isUndone: row.is_undone === 1,
  };
}
