/** Puts a backup in the place of a library, after checking it, and keeps what was there. */
import fs from 'node:fs';
import path from 'node:path';
import { asBangerError, BangerError, hasErrorCode } from '../../shared/errors.ts';
import { completeCopy } from './back-up-library.ts';
import { siblingFile } from './backup-files.ts';
import { fileError, sizeOrZero } from './library-file.ts';
import { readSchemaVersion } from './schema-version.ts';
import { Connection } from './sqlite-connection.ts';

/** What accompanies a database that was not closed properly. */
const companions = ['', '-wal', '-shm', '-journal'];

export interface RestoredLibrary {
  /** The library. */
  file: string;
  /** What stood in its place before, under its new name; null where there was nothing. */
  keptFile: string | null;
}

/**
 * Replaces a library by a backup. Nobody may have the library open. The backup is copied, checked, and only then
 * put in place; what was there, damaged or not, is kept beside it under another name.
 *
 * @throws BangerError
 *   - `file-missing`: there is no such backup
 *   - `library-foreign`, `library-newer`, `library-corrupt`: the backup is refused; nothing has changed
 *   - `library-busy`: another process uses the library
 *   - `library-read-only`, `disk-full`, `library-failed`
 */
export function restoreLibrary(file: string, backupFile: string, now = Date.now): RestoredLibrary {
  const library = path.resolve(file);
  const backup = path.resolve(backupFile);
  if (backup === library) throw new BangerError('usage', 'The backup is the library itself.', { file });
  if (sizeOrZero(backup) === 0) {
    throw new BangerError('file-missing', 'There is no backup here.', {
      file: backup,
      nextStep: 'Choose a file that `banger library backup` wrote.',
    });
  }
  const incoming = `${library}.${process.pid}.partial`;
  try {
    fs.mkdirSync(path.dirname(library), { recursive: true });
    copyChecked(backup, incoming);
    const keptFile = setAside(library, siblingFile(library, 'replaced', now()));
    try {
      fs.renameSync(incoming, library);
    } catch (thrown) {
      if (keptFile !== null) moveAll(keptFile, library);
      throw thrown;
    }
    return { file: library, keptFile };
  } catch (thrown) {
    throw fileError(thrown, library);
  } finally {
    for (const suffix of companions) fs.rmSync(incoming + suffix, { force: true });
  }
}

/** Copies a backup, with its log if it has one, and checks the copy; the backup itself is only read. */
function copyChecked(backup: string, incoming: string): void {
  for (const suffix of ['', '-wal']) {
    if (sizeOrZero(backup + suffix) > 0) fs.copyFileSync(backup + suffix, incoming + suffix);
  }
  try {
    const copy = new Connection(incoming, { readOnly: false, busyTimeoutMs: 1000 });
    try {
      if (readSchemaVersion(copy) === 0) throw new BangerError('library-foreign', 'It holds no library.');
    } finally {
      copy.close();
    }
    completeCopy(incoming, backup);
  } catch (thrown) {
    throw refusedBackup(asBangerError(thrown), backup);
  }
}

function refusedBackup(error: BangerError, backup: string): BangerError {
  const reasons: Partial<Record<BangerError['code'], string>> = {
    'library-corrupt': 'The backup is damaged; nothing was changed.',
    'library-foreign': 'This file is not a backup of a library; nothing was changed.',
    'library-newer': 'The backup was written by a newer version of Banger Scorer; nothing was changed.',
  };
  const reason = reasons[error.code];
  if (reason === undefined) return error;
  return new BangerError(error.code, reason, {
    file: backup,
    nextStep: error.code === 'library-newer' ? error.nextStep : 'Choose another backup.',
    details: error.details,
    cause: error,
  });
}

/** Moves what stands in the library's place to another name. @returns that name, null where nothing stood there */
function setAside(library: string, keptFile: string): string | null {
  if (sizeOrZero(library) === 0 && sizeOrZero(`${library}-wal`) === 0) {
    fs.rmSync(library, { force: true });
    return null;
  }
  takeOutOfUse(library);
  moveAll(library, keptFile);
  return keptFile;
}

/**
 * Makes sure that nobody uses a library: SQLite gives up the log only when no other connection is open. A damaged
 * library cannot say; it is moved as it is, with its log.
 */
function takeOutOfUse(library: string): void {
  try {
    // First without the right to write, since closing a damaged library otherwise throws its log away.
    const reader = new Connection(library, { readOnly: true, busyTimeoutMs: 0 });
    try {
      readSchemaVersion(reader);
    } finally {
      reader.close();
    }
    const connection = new Connection(library, { readOnly: false, busyTimeoutMs: 0 });
    try {
      connection.pragma('locking_mode = EXCLUSIVE');
      connection.pragma('journal_mode = DELETE');
      connection.execute('BEGIN EXCLUSIVE; ROLLBACK');
    } finally {
      connection.close();
    }
  } catch (thrown) {
    if (hasErrorCode(thrown, 'library-corrupt') || hasErrorCode(thrown, 'library-newer')) return;
    if (!hasErrorCode(thrown, 'library-busy')) throw thrown;
    throw new BangerError('library-busy', 'The library is in use, so it cannot be replaced.', {
      file: library,
      nextStep: 'Quit Banger Scorer and every `banger` that is running, then try again.',
      cause: thrown,
    });
  }
}

function moveAll(from: string, to: string): void {
  for (const suffix of companions) {
    if (fs.existsSync(from + suffix)) fs.renameSync(from + suffix, to + suffix);
  }
}
