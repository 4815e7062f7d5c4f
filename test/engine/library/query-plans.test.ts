/** Every query that the library asks finds its rows through an index, in a library of 5,000 songs. */
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { Library } from '../../../src/engine/library/library.ts';
import { Connection, type Statement } from '../../../src/engine/library/sqlite-connection.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import {
  modelNamed,
  spaceOf,
  stampOf,
  storeSong,
  vectorFor,
  withLibrary,
} from '../../support/library-samples.ts';

const inFolder = useFreshFolder();
const songs = 5_000;

/** Queries that are meant to read a whole table: counts, and tables of a handful of rows. */
const mayReadAll = [
  /count\(\*\)/,
  /FROM (encoders|heads|saved_filters|watched_folders) ORDER BY/,
  // A handful of pairs of models.
  /FROM rankings/,
  // In the order of an index, and done after the first row.
  /FROM batches ORDER BY started_at_ms DESC, id DESC LIMIT 1/,
  // The list of jobs, running ones first.
  /ORDER BY CASE state/,
  // Grouping all songs anew.
  /assigned_at_ms[^@]*$/,
  /DELETE FROM batches WHERE NOT EXISTS/,
];

/** Indexes that hold only the rows that are meant, and what a subquery found. */
const mayScan = /^SCAN (jobs USING (COVERING )?INDEX jobs_|\(subquery)/;

class RecordingConnection extends Connection {
  readonly sources: string[] = [];

  override statement<Parameters extends object, Row = never>(sql: string): Statement<Parameters, Row> {
    this.sources.push(sql);
    return super.statement(sql);
  }
}

/** Every statement that a library prepares. */
function statementsOf(file: string): string[] {
  const connection = new RecordingConnection(file, { readOnly: true, busyTimeoutMs: 1000 });
  new Library(connection, [], Date.now).close();
  return connection.sources.filter((sql) => !mayReadAll.some((pattern) => pattern.test(sql)));
}

function planOf(database: Database.Database, sql: string): string[] {
  const names = [...sql.matchAll(/@(\w+)/g)].map(([, name = '']) => name);
  const nothing = Object.fromEntries(names.map((name) => [name, 1]));
  const plan = database.prepare<[object], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
  return plan
    .all(nothing)
    .map(({ detail }) => detail)
    .filter((detail) => !mayScan.test(detail));
}

it('keeps 5,000 songs and asks nothing that reads a whole table', () => {
  const file = inFolder('library.sqlite');
  withLibrary(file, (library) => {
    library.transaction(() => {
      for (let index = 0; index < songs; index += 1)
        storeSong(library, `song ${index}`, `/music/${index % 100}/${index}.mp3`, index);
    });
    expect(library.stats()).toMatchObject({ songs, files: songs, embeddings: songs, scores: songs });
    const path = `/music/77/${songs - 23}.mp3`;
    const songId = library.files.findUnchanged(stampOf(path))?.song?.id ?? 0;
    const encoder = library.encoders.register(modelNamed('encoder'));
    const key = { ...spaceOf(encoder.id), songId };
    expect(library.embeddings.get(key)?.vector).toEqual(vectorFor(songs - 23));
    let met = 0;
    for (const batch of library.embeddings.batches(key)) met += batch.songIds.length;
    expect(met).toBe(songs);
  });

  const database = new Database(file, { readonly: true });
  try {
    const statements = statementsOf(file);
    expect(statements.length).toBeGreaterThan(20);
    for (const sql of statements)
      expect(planOf(database, sql), sql).not.toContainEqual(expect.stringMatching(/^SCAN/));
    const batch = statements.find((sql) => sql.includes('space_id = @spaceId AND id > @afterId')) ?? '';
    expect(planOf(database, batch)).toContainEqual(
      expect.stringContaining('USING INDEX embeddings_by_space (space_id=? AND rowid>?)'),
    );
    // The order that lists are shown in is ready in an index.
    const ranking = `SELECT song_id FROM scores WHERE head_id = @headId AND space_id = @spaceId
      ORDER BY score DESC, song_id LIMIT 100`;
    expect(planOf(database, ranking)).toEqual([expect.stringContaining('COVERING INDEX scores_by_rank')]);
  } finally {
    database.close();
  }
});
