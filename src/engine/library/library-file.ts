/** Looks at a library's file before SQLite does, so that what is not ours or too new is never touched. */
import fs from 'node:fs';
import path from 'node:path';
import { BangerError } from '../../shared/errors.ts';
import { libraryApplicationId, schemaVersion } from './schema-version.ts';
import { Connection } from './sqlite-connection.ts';
import { corruptLibrary } from './sqlite-errors.ts';

/** The error for a library that a later version of the product has written. */
export function newerLibrary(file: string, version: number): BangerError {
  return new BangerError('library-newer', 'The library was written by a newer version of Banger Scorer.', {
    file,
    nextStep: 'Update Banger Scorer, or choose another library with --library.',
    details: `schema version ${version}, this version knows ${schemaVersion}`,
  });
}

/** The error for a SQLite database that belongs to another program. */
export function foreignDatabase(file: string): BangerError {
  return new BangerError(
    'library-foreign',
    'The file is a database of another program; it was left as it is.',
    {
      file,
      nextStep: 'Choose another place for the library with --library.',
    },
  );
}

/**
 * Judges a library's file before it is opened for work.
 *
 * It looks through SQLite and never through a descriptor of its own: closing one would drop the locks that other
 * connections of this process hold on the same file. The look changes nothing: it ignores the log unless there is
 * one, and a read-only connection never writes a log back.
 *
 * @returns `absent` when there is nothing yet; `present` when it is a library that this version knows, or when
 *   the look failed and opening it for work will say why
 * @throws BangerError `library-newer`, `library-foreign`, `library-corrupt`, or `library-failed` when the path is
 *   not a file
 */
export function inspectLibraryFile(file: string): 'absent' | 'present' {
  const hasLog = sizeOrZero(`${file}-wal`) > 0;
  if (sizeOrZero(file) === 0) {
    // SQLite throws the log of an empty database away, so here it would destroy what may be the only copy.
    if (hasLog) throw corruptLibrary(file, 'the database is empty but its log is not');
    return 'absent';
  }
  const marks = readMarks(file, hasLog);
  if (marks === null) return 'present';
  if (marks.applicationId !== libraryApplicationId) throw foreignDatabase(file);
  if (marks.version < 1) throw corruptLibrary(file, `it states schema version ${marks.version}`);
  if (marks.version > schemaVersion) throw newerLibrary(file, marks.version);
  return 'present';
}

/**
 * Makes sure that the library's folder exists and that the folder and the file may be written. SQLite itself
 * opens a write-protected file without a word and fails at the first change.
 *
 * @throws BangerError `library-read-only`, `disk-full`, `library-failed`
 */
export function prepareForWriting(file: string): void {
  const folder = path.dirname(file);
  const { R_OK, W_OK, X_OK } = fs.constants;
  try {
    fs.mkdirSync(folder, { recursive: true });
    fs.accessSync(folder, R_OK | W_OK | X_OK);
    if (fs.existsSync(file)) fs.accessSync(file, R_OK | W_OK);
  } catch (thrown) {
    throw fileError(thrown, file);
  }
}

/** Size of a file in bytes, 0 where there is none. */
export function sizeOrZero(file: string): number {
  let status: fs.Stats | undefined;
  try {
    status = fs.statSync(file, { throwIfNoEntry: false });
  } catch (thrown) {
    throw fileError(thrown, file);
  }
  if (status === undefined) return 0;
  if (status.isFile()) return status.size;
  throw new BangerError('library-failed', 'The library must be a file.', {
    file,
    nextStep: 'Choose another place for the library with --library.',
  });
}

/** What a database says about itself; null when it cannot be looked at, which opening it for work will explain. */
function readMarks(file: string, hasLog: boolean): { applicationId: number; version: number } | null {
  let connection: Connection | undefined;
  try {
    connection = new Connection(file, { readOnly: true, busyTimeoutMs: 0, immutable: !hasLog });
    return {
      applicationId: Number(connection.pragma('application_id')),
      version: Number(connection.pragma('user_version')),
    };
  } catch {
    return null;
  } finally {
    connection?.close();
  }
}

function fileError(thrown: unknown, file: string): unknown {
  if (!(thrown instanceof Error) || !('code' in thrown)) return thrown;
  const options = { file, details: thrown.message, cause: thrown };
  switch (thrown.code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new BangerError('library-read-only', 'The library cannot be written.', {
        ...options,
        nextStep: 'Allow writing to the library file and its folder, or choose another place with --library.',
      });
    case 'ENOSPC':
    case 'EDQUOT':
      return new BangerError('disk-full', 'There is no space left for the library.', {
        ...options,
        nextStep: 'Free some space, or choose another place with --library.',
      });
    default:
      return new BangerError('library-failed', 'The library file could not be opened.', {
        ...options,
        nextStep: 'Check that the path is a file in a folder that you may read and write.',
      });
  }
}
