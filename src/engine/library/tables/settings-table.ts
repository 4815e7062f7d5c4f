/** Settings that belong to a library, each a value of JSON with a schema. */
import type { z } from 'zod';
import type { Connection } from '../sqlite-connection.ts';

/** A setting's name, and the form that its value must have. */
export interface Setting<Schema extends z.ZodType> {
  name: string;
  schema: Schema;
}

export class SettingsTable {
  readonly #statements;

  constructor(connection: Connection) {
    this.#statements = prepareStatements(connection);
  }

  /** A setting's value; null when it was never set, or by another version of the product in a form unknown here. */
  get<Schema extends z.ZodType>({ name, schema }: Setting<Schema>): z.output<Schema> | null {
    const row = this.#statements.select.get({ name });
    if (row === undefined) return null;
    const parsed = schema.safeParse(JSON.parse(row.value));
    return parsed.success ? parsed.data : null;
  }

  set<Schema extends z.ZodType>({ name }: Setting<Schema>, value: z.input<Schema>): void {
    this.#statements.upsert.run({ name, value: JSON.stringify(value) });
  }

  /** Forgets a setting, so that its default holds again. */
  remove({ name }: Setting<z.ZodType>): void {
    this.#statements.delete.run({ name });
  }
}

function prepareStatements(connection: Connection) {
  return {
    select: connection.statement<{ name: string }, { value: string }>(
      `SELECT value FROM settings WHERE name = @name`,
    ),
    upsert: connection.statement<{ name: string; value: string }>(
      `INSERT INTO settings (name, value) VALUES (@name, @value)
       ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    ),
    delete: connection.statement<{ name: string }>(`DELETE FROM settings WHERE name = @name`),
  };
}
