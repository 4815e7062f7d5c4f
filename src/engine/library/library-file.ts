/** The library as a file among files: whether it is there, how large it is, and whether it may be written. */
import fs from 'node:fs';
import path from 'node:path';
import { BangerError } from '../../shared/errors.ts';
import { corruptLibrary } from './sqlite-errors.ts';

/**
 * Whether there is something to open. An empty file counts as nothing, since SQLite makes one before it writes.
 *
 * @throws BangerError `library-corrupt` when the file is empty but its log is not: SQLite would throw the log
 *   away, and with it what may be the only copy; `library-failed` when the path is not a file
 */
export function libraryExists(file: string): boolean {
  if (sizeOrZero(file) > 0) return true;
  if (hasLog(file)) throw corruptLibrary(file, 'the database is empty but its log is not');
  return false;
}

/** Whether a database has a write-ahead log that holds something. */
export function hasLog(file: string): boolean {
  return sizeOrZero(`${file}-wal`) > 0;
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
    nextStep: 'Choose another place for the library.',
  });
}

/** A file system's error as the product's; anything else is handed back as it is. */
export function fileError(thrown: unknown, file: string): unknown {
  if (thrown instanceof BangerError || !(thrown instanceof Error) || !('code' in thrown)) return thrown;
  const options = { file, details: thrown.message, cause: thrown };
  switch (thrown.code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new BangerError('library-read-only', 'The library cannot be written.', {
        ...options,
        nextStep:
          'Allow writing to the library file and its folder, or choose another place for the library.',
      });
    case 'ENOSPC':
    case 'EDQUOT':
      return new BangerError('disk-full', 'There is no space left for the library.', {
        ...options,
        nextStep: 'Free some space, or choose another place for the library.',
      });
    default:
      return new BangerError('library-failed', 'The library file could not be opened.', {
        ...options,
        nextStep: 'Check that the path is a file in a folder that you may read and write.',
      });
  }
}
