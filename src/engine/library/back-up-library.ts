/** Makes consistent copies of a library, while it is in use, that are checked before they count. */
import fs from 'node:fs';
import path from 'node:path';
import { BangerError } from '../../shared/errors.ts';
import type { Backup } from '../../shared/library-care.ts';
import { backupFileFor, findBackups } from './backup-files.ts';
import { isSearchDamage } from './library-care.ts';
import { fileError } from './library-file.ts';
import { readSchemaVersion } from './schema-version.ts';
import { Connection } from './sqlite-connection.ts';

/** How many of the backups that the product makes by itself are kept. */
const keptAutomaticBackups = 3;

export interface BackUpOptions {
  /** Where the copy goes; beside the library unless told. An existing file is refused. */
  file?: string | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: { done: number; total: number }) => void) | undefined;
  now?: () => number;
}

/**
 * Copies a library as it is at this moment. Writing goes on meanwhile, here and in other processes; the copy is
 * checked and only then put in its place, so that it is there whole or not at all.
 *
 * @throws BangerError `file-exists`, `cancelled`, `disk-full`, `library-…` where it cannot be read or written, and
 *   `library-corrupt` where the copy does not pass SQLite's checks because the library itself is damaged
 */
export async function backUpLibrary(connection: Connection, options: BackUpOptions = {}): Promise<Backup> {
  const { signal, onProgress, now = Date.now } = options;
  const target = path.resolve(options.file ?? backupFileFor(connection.file, 'manual', now()));
  refuseExisting(target);
  return putInPlace(target, async (temporary) => {
    await connection.copyTo(temporary, (done, total) => {
      if (signal?.aborted === true) throw new BangerError('cancelled', 'The backup was cancelled.');
      onProgress?.({ done, total });
    });
    completeCopy(temporary, connection.file);
  });
}

/**
 * Copies a library before its schema is upgraded, beside it, and lets go of the oldest such copies. Nothing else
 * happens meanwhile, because nobody may work with a library that is being upgraded.
 */
export function backUpBeforeUpgrade(connection: Connection, now: () => number): void {
  const target = backupFileFor(connection.file, 'automatic', now());
  const temporary = temporaryFor(target);
  try {
    connection.execute(`VACUUM INTO '${temporary.replaceAll("'", "''")}'`);
    completeCopy(temporary, connection.file);
    fs.renameSync(temporary, target);
  } catch (thrown) {
    fs.rmSync(temporary, { force: true });
    throw fileError(thrown, target);
  }
  const automatic = findBackups(connection.file).filter(({ isAutomatic }) => isAutomatic);
  for (const { file } of automatic.slice(keptAutomaticBackups)) fs.rmSync(file, { force: true });
}

function refuseExisting(target: string): void {
  if (!fs.existsSync(target)) return;
  throw new BangerError('file-exists', 'Another file stands here already; it was left as it is.', {
    file: target,
    nextStep: 'Choose another name for the backup.',
  });
}

function temporaryFor(target: string): string {
  return `${target}.${process.pid}.partial`;
}

async function putInPlace(target: string, fill: (temporary: string) => Promise<void>): Promise<Backup> {
  const temporary = temporaryFor(target);
  try {
    fs.mkdirSync(path.dirname(target), { recursive: true });
    await fill(temporary);
    // A link, unlike a rename, never replaces what another process has put there meanwhile.
    refuseExisting(target);
    fs.renameSync(temporary, target);
    const { size, mtimeMs } = fs.statSync(target);
    return { file: target, sizeBytes: size, createdAtMs: mtimeMs, isAutomatic: false };
  } catch (thrown) {
    throw fileError(thrown, target);
  } finally {
    for (const suffix of ['', '-journal', '-wal', '-shm']) fs.rmSync(temporary + suffix, { force: true });
  }
}

/** Makes a copy a file of its own, without a log beside it, checks it and forces it to the disk. */
export function completeCopy(file: string, libraryFile: string): void {
  const copy = new Connection(file, { readOnly: false, busyTimeoutMs: 1000 });
  try {
    copy.pragma('journal_mode = DELETE');
    readSchemaVersion(copy);
    // The search index can be made anew, so a fault in it is no reason to have no backup.
    const [damage] = copy.findDamage().filter((line) => !isSearchDamage(line));
    if (damage !== undefined) {
      throw new BangerError('library-corrupt', 'The library is damaged, so its copy was not kept.', {
        file: libraryFile,
        nextStep: 'Check it with `banger library verify`, or restore an earlier backup.',
        details: damage,
      });
    }
  } finally {
    copy.close();
  }
  const handle = fs.openSync(file, 'r+');
  try {
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}
