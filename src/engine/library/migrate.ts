/** Brings a database to this version's schema, step by step, in one transaction. */
import { BangerError } from '../../shared/errors.ts';
import { songsEmbeddingsScores } from './migrations/0001-songs-embeddings-scores.ts';
import { songListAndSearch } from './migrations/0002-song-list-and-search.ts';
import { watchingAndCuration } from './migrations/0002-watching-and-curation.ts';
import { soundAnalyses } from './migrations/0003-sound-analyses.ts';
import { plays } from './migrations/0004-plays.ts';
import { libraryApplicationId, readSchemaVersion, schemaVersion } from './schema-version.ts';
import { BatchesTable } from './tables/batches-table.ts';
import type { Connection } from './sqlite-connection.ts';

/** SQL that leads from each schema version to the next; the first one starts from an empty file. */
export const migrations: readonly string[] = [
  songsEmbeddingsScores,
  watchingAndCuration + songListAndSearch,
  soundAnalyses,
  plays,
];

/**
 * Runs the migrations that a database has not had yet. Two processes may do this to one new file at once: the
 * version is read again under the write lock, so the second one finds the work done.
 *
 * Foreign keys are off while it runs, because a migration may have to rebuild a table that others point to, and
 * are checked as a whole before anything is committed.
 *
 * @throws BangerError as `readSchemaVersion` does, or what the database answers; nothing has changed then
 */
export function migrate(connection: Connection): void {
  if (readSchemaVersion(connection) === schemaVersion) return;
  connection.pragma('foreign_keys = OFF');
  connection.write(() => {
    const version = readSchemaVersion(connection);
    for (const migration of migrations.slice(version)) connection.execute(migration);
    // The songs of a library that knew no batches yet.
    if (version === 1) new BatchesTable(connection).regroup();
    if (connection.pragma('foreign_key_check') !== undefined) {
      throw new BangerError('library-failed', 'The library could not be upgraded; it was left as it was.', {
        file: connection.file,
        nextStep: 'Please report this with the details from the log.',
        details: 'foreign_key_check found rows that refer to nothing',
      });
    }
    connection.pragma(`application_id = ${libraryApplicationId}`);
    connection.pragma(`user_version = ${schemaVersion}`);
  });
}
