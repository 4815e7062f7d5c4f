/** Asks the disk what lies at a path or in a folder, with bounded memory and with every answer named. */
import { isUtf8 } from 'node:buffer';
import fs, { type BigIntStats } from 'node:fs';
import { opendir, readdir } from 'node:fs/promises';

/** What `stat` says of a path. `unreadable`: something may be there, but it cannot be looked at. */
export type DiskAnswer =
  | { kind: 'file'; stats: BigIntStats }
  | { kind: 'folder'; stats: BigIntStats }
  /** A device, FIFO or socket. */
  | { kind: 'other' }
  | { kind: 'absent' }
  | { kind: 'unreadable'; code: string };

/** One of the system's limits on open files or memory was reached: the disk gave no answer. */
export class SystemLimitError extends Error {
  override readonly name = 'SystemLimitError';
  readonly code: string;

  constructor(code: string, cause: unknown) {
    super(`The system's limit was reached: ${code}`, { cause });
    this.code = code;
  }
}

/** A folder could not be listed. */
export class FolderUnlistedError extends Error {
  override readonly name = 'FolderUnlistedError';
  readonly code: string;

  constructor(path: string, cause: unknown) {
    super(`${path} could not be listed`, { cause });
    this.code = codeOf(cause);
  }
}

/** Errors that say nothing about the file, only that the system had no room to look. */
const limitCodes = new Set(['EMFILE', 'ENFILE', 'ENOMEM']);
const absentCodes = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

/**
 * What lies at a path, links followed.
 *
 * @throws SystemLimitError
 */
export function lookAt(path: string): Promise<DiskAnswer> {
  // The callback form: a scan asks this for every file, and the promise form costs twice as much.
  return new Promise((resolve, reject) => {
    fs.stat(path, { bigint: true }, (error, stats) => {
      if (error === null) {
        resolve(
          stats.isFile()
            ? { kind: 'file', stats }
            : stats.isDirectory()
              ? { kind: 'folder', stats }
              : { kind: 'other' },
        );
        return;
      }
      const code = codeOf(error);
      if (limitCodes.has(code)) reject(new SystemLimitError(code, error));
      else resolve(absentCodes.has(code) ? { kind: 'absent' } : { kind: 'unreadable', code });
    });
  });
}

export interface ListedEntry {
  name: string;
  /** `unknown` where the file system does not tell without being asked for each. */
  kind: 'file' | 'folder' | 'link' | 'other' | 'unknown';
}

/** Some of a folder's entries. */
export interface ListedEntries {
  entries: ListedEntry[];
  /** Names that are not UTF-8: no path of text leads to them. */
  unreadableNames: number;
}

const entriesPerBatch = 64;

/**
 * Streams a folder's entries.
 *
 * @throws SystemLimitError, FolderUnlistedError
 */
export async function* listFolder(path: string): AsyncGenerator<ListedEntries> {
  const folder = await asked(path, () =>
    // Names as bytes, because decoding replaces what is no UTF-8 and such a path leads nowhere.
    opendir(path, { encoding: 'buffer' as BufferEncoding, bufferSize: entriesPerBatch }),
  );
  try {
    for (;;) {
      const batch: ListedEntries = { entries: [], unreadableNames: 0 };
      let entry = await asked(path, () => folder.read());
      while (entry !== null) {
        const bytes = entry.name as unknown as Buffer;
        if (isUtf8(bytes)) batch.entries.push({ name: bytes.toString('utf8'), kind: kindOf(entry) });
        else batch.unreadableNames += 1;
        if (batch.entries.length === entriesPerBatch) break;
        entry = await asked(path, () => folder.read());
      }
      yield batch;
      if (entry === null) return;
    }
  } finally {
    await folder.close();
  }
}

async function asked<Answer>(path: string, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    const code = codeOf(error);
    throw limitCodes.has(code) ? new SystemLimitError(code, error) : new FolderUnlistedError(path, error);
  }
}

/** Which of these names a folder lists letter for letter: `stat` also finds names that differ in case on some systems. */
export async function listedNames(path: string, names: readonly string[]): Promise<Set<string>> {
  // A folder that cannot be listed proves nothing.
  const listed = new Set(await readdir(path).catch(() => names));
  return new Set(names.filter((name) => listed.has(name)));
}

/** Runs `act` on every item, at most `limit` at a time. */
export async function forEachLimited<Item>(
  items: readonly Item[],
  limit: number,
  act: (item: Item) => Promise<void>,
): Promise<void> {
  const remaining = items.values();
  const worker = async () => {
    for (const item of remaining) await act(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

export function isAbsentCode(code: string): boolean {
  return absentCodes.has(code);
}

function kindOf(entry: fs.Dirent): ListedEntry['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  if (entry.isSymbolicLink()) return 'link';
  return entry.isFIFO() || entry.isSocket() || entry.isCharacterDevice() || entry.isBlockDevice()
    ? 'other'
    : 'unknown';
}
