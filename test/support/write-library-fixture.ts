/**
 * Writes the fixture of the newest schema version from that of the one before: `node test/support/write-library-fixture.ts`.
 * Only for a version that is not released yet; the fixtures of released ones are never written again.
 */
import fs from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { migrations } from '../../src/engine/library/migrate.ts';
import { libraryApplicationId, schemaVersion } from '../../src/engine/library/schema-version.ts';

const folder = path.join(import.meta.dirname, '..', 'fixtures', 'library');

/** What a person and the product left in the tables that are new in the version, by the version. */
const rowsByVersion: Readonly<Record<number, string>> = {
  2: `
INSERT INTO settings VALUES ('example', '{"answer":42}');
INSERT INTO watched_folders (id, path, ignore_patterns, added_at_ms)
VALUES (1, '/music/night', '["*.tmp"]', 1700000000020);
INSERT INTO verdicts VALUES (1, 'keep', 4, 'Für später ♫', 1700000000021);
INSERT INTO comparisons VALUES (1, 1, 2, 'a', 1, 1700000000022);
INSERT INTO generations (song_id, generator, source_file, run_key, tempo_bpm, musical_key, seed, prompt, raw)
VALUES (1, 'ace-step-1.5', '/music/night/song one.json', 'run', 128.5, 'C minor', '42', 'nächtlicher Regen', '{}');
INSERT INTO batches (id, started_at_ms, ended_at_ms) VALUES (1, 1700000000000, 1700000000006);
INSERT INTO batch_songs (song_id, batch_id, arrived_at_ms, run_key) VALUES (1, 1, 1700000000000, 'run');
INSERT INTO batch_songs (song_id, batch_id, arrived_at_ms) VALUES (2, 1, 1700000000006);
INSERT INTO saved_filters VALUES (1, 'Best of the night', 0, '{"score":{"min":7}}');
`,
  3: `
INSERT INTO sound_analyses VALUES (1, 1, 1700000000023, 64.25, 0.5, 'G minor', 0.25);
INSERT INTO sound_analyses VALUES (2, 1, 1700000000024, 120.5, 0.75, 'A minor', 0.5);
`,
  4: `
INSERT INTO plays VALUES (1, 3, 1700000000025);
`,
};

interface SchemaRow {
  type: string;
  name: string;
  sql: string;
}

const database = new Database(':memory:');
database.exec(fs.readFileSync(path.join(folder, `schema-${schemaVersion - 1}.sql`), 'utf8'));
database.exec(migrations[schemaVersion - 1] ?? '');
database.exec(rowsByVersion[schemaVersion] ?? '');
fs.writeFileSync(path.join(folder, `schema-${schemaVersion}.sql`), dump());

function dump(): string {
  const schema = database
    .prepare<[], SchemaRow>(
      `SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid`,
    )
    .all();
  const virtual = schema.filter(({ sql }) => sql.startsWith('CREATE VIRTUAL')).map(({ name }) => name);
  const isShadow = (name: string) => virtual.some((table) => name.startsWith(`${table}_`));
  const own = schema.filter(({ name }) => !isShadow(name));
  const derived = [...virtual, 'song_list', 'song_texts'];
  const tables = own.filter(({ type, name }) => type === 'table' && !derived.includes(name));
  // Triggers come before the rows, so that what they derive is derived; what they count is then replaced.
  return [
    `-- A library of schema version ${schemaVersion}, as it was released: never edit.`,
    'PRAGMA foreign_keys = OFF;',
    'BEGIN;',
    ...own.map(({ sql }) => `${sql};`),
    ...tables.flatMap(({ name }) => insertsOf(name)),
    `PRAGMA application_id = ${libraryApplicationId};`,
    `PRAGMA user_version = ${schemaVersion};`,
    'COMMIT;',
    '',
  ].join('\n');
}

function insertsOf(table: string): string[] {
  const columns = database
    .prepare<[string], string>('SELECT name FROM pragma_table_info(?)')
    .pluck()
    .all(table);
  const literals = columns.map((column) => `quote(${column})`).join(` || ', ' || `);
  return database
    .prepare<[], string>(`SELECT ${literals} FROM ${table}`)
    .pluck()
    .all()
    .map((values) => `INSERT OR REPLACE INTO ${table} (${columns.join(', ')}) VALUES (${values});`);
}
