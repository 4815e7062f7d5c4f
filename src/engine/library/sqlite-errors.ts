/** Turns what SQLite throws into the product's errors; the only place that knows SQLite's error codes. */
import Database from 'better-sqlite3';
import { BangerError, type ErrorCode } from '../../shared/errors.ts';
import { findBackups } from './backup-files.ts';

interface Meaning {
  code: ErrorCode;
  message: string;
  nextStep: string;
}

/**
 * Meanings by the beginning of SQLite's extended code, most specific first. A write that fails for another
 * reason than a full disk is nearly always a quota or a size limit, which SQLite reports as a plain write error.
 */
const meanings: readonly (readonly [prefixes: readonly string[], meaning: Meaning])[] = [
  [
    ['SQLITE_READONLY_DBMOVED'],
    {
      code: 'library-failed',
      message: 'The library file was moved or deleted while it was open.',
      nextStep: 'Put it back where it was, or start again to create a new one.',
    },
  ],
  [
    ['SQLITE_BUSY', 'SQLITE_LOCKED', 'SQLITE_PROTOCOL'],
    {
      code: 'library-busy',
      message: 'The library is in use by another program that has not let go of it in time.',
      nextStep: 'Wait until the other program has finished, then try again.',
    },
  ],
  [
    ['SQLITE_READONLY', 'SQLITE_PERM', 'SQLITE_IOERR_ACCESS'],
    {
      code: 'library-read-only',
      message: 'The library cannot be written.',
      nextStep: 'Allow writing to the library file and its folder, or choose another place for the library.',
    },
  ],
  [
    ['SQLITE_FULL'],
    {
      code: 'disk-full',
      message: 'The disk that holds the library is full.',
      nextStep: 'Free some space; what was stored before is kept.',
    },
  ],
  [
    ['SQLITE_IOERR_WRITE', 'SQLITE_IOERR_SHMSIZE', 'SQLITE_IOERR_TRUNCATE', 'SQLITE_IOERR_FSYNC'],
    {
      code: 'disk-full',
      message:
        'The library could not be written: its disk is full, a quota or size limit is reached, or it is faulty.',
      nextStep: 'Free some space or lift the limit; what was stored before is kept.',
    },
  ],
  [
    ['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_IOERR_SHORT_READ', 'SQLITE_IOERR_CORRUPTFS', 'SQLITE_FORMAT'],
    {
      code: 'library-corrupt',
      message: 'The library file is damaged; it was left as it is.',
      nextStep: 'Restore a backup, or move the file away to start a new library.',
    },
  ],
  [
    ['SQLITE_CANTOPEN'],
    {
      code: 'library-failed',
      message: 'The library file could not be opened.',
      nextStep: 'Check that the path is a file in a folder that you may read and write.',
    },
  ],
];

const unforeseen: Meaning = {
  code: 'library-failed',
  message: 'The library could not do what was asked.',
  nextStep: 'Please report this with the details from the log.',
};

/**
 * The product's error for anything thrown while working with the database.
 *
 * @param thrown what was thrown; a value that did not come from SQLite is handed back as it is
 * @param file path of the library
 */
export function asLibraryError(thrown: unknown, file: string): unknown {
  if (!(thrown instanceof Database.SqliteError)) return thrown;
  const sqliteCode = thrown.code;
  const found = meanings.find(([prefixes]) => prefixes.some((prefix) => sqliteCode.startsWith(prefix)));
  const { code, message, nextStep } = found?.[1] ?? unforeseen;
  if (code === 'library-corrupt') return corruptLibrary(file, `${sqliteCode}: ${thrown.message}`, thrown);
  return new BangerError(code, message, {
    file,
    nextStep,
    details: `${sqliteCode}: ${thrown.message}`,
    cause: thrown,
  });
}

/** The error for a library that cannot be used as it is; the newest backup beside it is offered. */
export function corruptLibrary(file: string, details: string, cause?: unknown): BangerError {
  const [backup] = findBackups(file);
  return new BangerError('library-corrupt', 'The library file is damaged; it was left as it is.', {
    file,
    nextStep:
      backup === undefined
        ? 'Restore a backup with `banger library restore <file>`, or move the file away to start a new library.'
        : `Restore the newest backup with \`banger library restore "${backup.file}"\`.`,
    details,
    cause,
  });
}
