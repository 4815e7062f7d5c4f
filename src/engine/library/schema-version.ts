/** What marks a SQLite database as a library, and of which version; what is not ours or too new is refused here. */
import { BangerError } from '../../shared/errors.ts';
import type { Connection } from './sqlite-connection.ts';
import { corruptLibrary } from './sqlite-errors.ts';

/** SQLite's `application_id` of every library: the letters `BANG`. */
export const libraryApplicationId = 0x42_41_4e_47;

/** SQLite's `user_version` of a library that this version of the product writes. */
export const schemaVersion = 4;

/**
 * The schema version of the database behind a connection, 0 when it is empty and so may become a library. Only
 * reads.
 *
 * @throws BangerError `library-newer`, `library-foreign`, `library-corrupt`
 */
export function readSchemaVersion(connection: Connection): number {
  // On one snapshot: another process may be making this very file into a library.
  const { applicationId, version, isEmpty } = connection.read(() => ({
    applicationId: connection.pragma('application_id'),
    version: Number(connection.pragma('user_version')),
    isEmpty: connection.statement<object, unknown>('SELECT 1 FROM sqlite_schema').get({}) === undefined,
  }));
  if (applicationId !== libraryApplicationId) {
    if (applicationId === 0 && version === 0 && isEmpty) return 0;
    throw new BangerError(
      'library-foreign',
      'The file is a database of another program; it was left as it is.',
      {
        file: connection.file,
        nextStep: 'Choose another place for the library.',
      },
    );
  }
  if (version < 1) throw corruptLibrary(connection.file, `it states schema version ${version}`);
  if (version > schemaVersion) {
    throw new BangerError('library-newer', 'The library was written by a newer version of Banger Scorer.', {
      file: connection.file,
      nextStep: 'Update Banger Scorer, or choose another library.',
      details: `schema version ${version}, this version knows ${schemaVersion}`,
    });
  }
  return version;
}
