/** Opens a library: creates or upgrades it, refuses what it must not touch, and sets how SQLite keeps it. */
import path from 'node:path';
import { BangerError, hasErrorCode } from '../../shared/errors.ts';
import { backUpBeforeUpgrade } from './back-up-library.ts';
import { hasLog, libraryExists, prepareForWriting } from './library-file.ts';
import { Library } from './library.ts';
import { migrate } from './migrate.ts';
import { isOnNetworkDrive, type NetworkDriveDetector } from './network-drive.ts';
import { readSchemaVersion, schemaVersion } from './schema-version.ts';
import { Connection } from './sqlite-connection.ts';

export interface OpenLibraryOptions {
  /** Only read: nothing is created, upgraded or written. */
  readOnly?: boolean;
  /** How long a call waits while another process writes, 5 s unless told. It blocks the thread meanwhile. */
  busyTimeoutMs?: number;
  /** Tells whether the library's folder lies on a network drive. */
  isNetworkDrive?: NetworkDriveDetector;
  /** The clock, milliseconds since 1970. */
  now?: () => number;
}

/** Enough for the rows of 100,000 songs without their vectors; taken only as far as it is needed. */
const cacheKibibytes = 64 * 1024;

/**
 * The log is written back into the database once it holds 16 MB: storing many scores touches the same pages again
 * and again, and each time that they are written back the disk is waited for.
 */
const pagesPerCheckpoint = 4096;

/** The log is cut back to this size once it has grown beyond it in a burst. */
const logLimitBytes = 64 * 1024 * 1024;

/**
 * Opens the library in a file, creating the file and its folders when they are not there. Any number of
 * processes may have it open and write to it.
 *
 * @param file path of the database
 * @throws BangerError
 *   - `library-newer`, `library-foreign`, `library-corrupt`: the file is refused and left as it is
 *   - `library-read-only`: it or its folder may not be written, or it needs an upgrade and `readOnly` is set
 *   - `library-busy`: another process did not let go of it in time
 *   - `file-missing`: there is none and `readOnly` is set
 *   - `disk-full`, `library-failed`, `usage`
 */
export function openLibrary(file: string, options: OpenLibraryOptions = {}): Library {
  const {
    readOnly = false,
    busyTimeoutMs = 5000,
    isNetworkDrive = isOnNetworkDrive,
    now = Date.now,
  } = options;
  const resolvedFile = resolveFile(file);
  if (!libraryExists(resolvedFile) && readOnly) {
    throw new BangerError('file-missing', 'There is no library here yet.', {
      file: resolvedFile,
      nextStep: 'Score some songs first, or choose another library.',
    });
  }
  if (!readOnly) {
    prepareForWriting(resolvedFile);
    refuseWithoutTouchingLog(resolvedFile, busyTimeoutMs);
  }
  const connection = new Connection(resolvedFile, { readOnly, busyTimeoutMs });
  try {
    hardenAgainstStrangeFiles(connection);
    if (readOnly) requireCurrentSchema(connection);
    else upgrade(connection, now);
    const notices = readOnly ? [] : chooseJournal(connection, isNetworkDrive, busyTimeoutMs);
    setLimits(connection);
    return new Library(connection, notices, now);
  } catch (thrown) {
    connection.close();
    throw thrown;
  }
}

function resolveFile(file: string): string {
  const resolved = path.resolve(file);
  if (file === '' || resolved !== resolved.trim() || resolved.includes('\0')) {
    throw new BangerError('usage', 'The library’s name must not be empty or end with a space.', { file });
  }
  return resolved;
}

/** A library may come from anybody: nothing stored in its schema may call functions with side effects. */
function hardenAgainstStrangeFiles(connection: Connection): void {
  connection.pragma('trusted_schema = OFF');
  connection.pragma('cell_size_check = ON');
}

/**
 * Refuses what is not a library of ours while only reading. Without a log, opening and closing a database leaves
 * it as it was; with one, closing it after a look with the right to write would write the log back into it.
 *
 * All looking goes through SQLite, never through a file descriptor of our own: closing that one would drop the
 * locks that other connections of this process hold on the same file.
 */
function refuseWithoutTouchingLog(file: string, busyTimeoutMs: number): void {
  if (!hasLog(file)) return;
  const connection = new Connection(file, { readOnly: true, busyTimeoutMs });
  try {
    readSchemaVersion(connection);
  } finally {
    connection.close();
  }
}

function requireCurrentSchema(connection: Connection): void {
  const version = readSchemaVersion(connection);
  if (version === schemaVersion) return;
  throw new BangerError('library-read-only', 'The library must be upgraded before it can be read.', {
    file: connection.file,
    nextStep: 'Open it once without read-only access.',
    details: `schema version ${version}, this version needs ${schemaVersion}`,
  });
}

/** Brings a library to this version's schema, after a copy of what is there has been put beside it. */
function upgrade(connection: Connection, now: () => number): void {
  const version = readSchemaVersion(connection);
  if (version > 0 && version < schemaVersion) backUpBeforeUpgrade(connection, now);
  migrate(connection);
}

/**
 * Chooses between write-ahead log and rollback journal, and how often data is forced to the disk.
 *
 * With the log, `synchronous = NORMAL` is right: a transaction is handed to the operating system before the call
 * returns, so no crash of the process, `kill -9` included, loses it. Only when the machine itself goes down may
 * the last seconds be lost, never half a transaction, and what is lost there can be computed again. `FULL` would
 * force the disk at every commit, several times a song.
 *
 * The log needs memory that all processes share, which network drives do not have. There the rollback journal
 * is used, with `FULL`, because with it `NORMAL` could damage the database when power fails.
 *
 * @returns what the person should know about it
 */
function chooseJournal(
  connection: Connection,
  isNetworkDrive: NetworkDriveDetector,
  busyTimeoutMs: number,
): string[] {
  const isRemote = isNetworkDrive(path.dirname(connection.file));
  if (!isRemote && setJournalMode(connection, 'wal', busyTimeoutMs)) {
    connection.pragma('synchronous = NORMAL');
    return [];
  }
  setJournalMode(connection, 'delete', busyTimeoutMs);
  connection.pragma('synchronous = FULL');
  const place = isRemote ? 'lies on a network drive' : 'lies on a drive that cannot share memory';
  return [
    `The library ${place}, so it is kept without a write-ahead log: slower, and best used by one computer at a time.`,
  ];
}

/**
 * Changes the journal mode; a database that is in this mode already is not touched. SQLite answers at once when
 * another process is in the way, without regard to the busy timeout, so the waiting is done here.
 *
 * @returns whether the database is in that mode now
 */
function setJournalMode(connection: Connection, mode: 'wal' | 'delete', timeoutMs: number): boolean {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return connection.pragma(`journal_mode = ${mode}`) === mode;
    } catch (thrown) {
      const mayWait = hasErrorCode(thrown, 'library-busy') && performance.now() < deadline;
      if (!mayWait) throw thrown;
      Atomics.wait(pause, 0, 0, 20);
    }
  }
}

function setLimits(connection: Connection): void {
  connection.pragma('foreign_keys = ON');
  connection.pragma(`cache_size = -${cacheKibibytes}`);
  connection.pragma(`journal_size_limit = ${logLimitBytes}`);
  connection.pragma(`wal_autocheckpoint = ${pagesPerCheckpoint}`);
  // Sorting a long list must not fail because a temporary folder is full, nor leave anything there.
  connection.pragma('temp_store = MEMORY');
}
