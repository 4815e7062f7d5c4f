/** Writes files that are there whole or not at all, whenever the process ends. */
import { isMissingFile, systemErrorCode } from '../../shared/system-errors.ts';
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { failedWrite } from './checkpoint-errors.ts';

/**
 * Lets `write` fill a temporary file beside `path` and puts it in place once it is safely on the drive. The folder is
 * created; on failure the temporary file is removed and what stood at `path` stays.
 * Rejects with `disk-full`, `file-unwritable`, or what `write` rejects with.
 */
export async function writeAtomically<Result>(
  path: string,
  write: (file: FileHandle) => Promise<Result>,
): Promise<Result> {
  const temporary = join(dirname(path), `${basename(path)}.${process.pid}.${randomUUID()}.partial`);
  try {
    await mkdir(dirname(path), { recursive: true });
    return await writeThenRename(temporary, path, write);
  } catch (error) {
    throw failedWrite(path, error);
  }
}

async function writeThenRename<Result>(
  temporary: string,
  path: string,
  write: (file: FileHandle) => Promise<Result>,
): Promise<Result> {
  const file = await open(temporary, 'wx');
  try {
    let result: Result;
    try {
      result = await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    return result;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Removes what killed processes left of files that `writeAtomically` was writing into this folder. */
export async function removeAbandonedPartials(folder: string): Promise<void> {
  for (const name of await fileNamesIn(folder)) {
    const pid = /\.(\d+)\.[0-9a-f-]{36}\.partial$/.exec(name)?.[1];
    if (pid === undefined || isProcessAlive(Number(pid))) continue;
    try {
      await rm(join(folder, name), { force: true });
    } catch (error) {
      throw failedWrite(join(folder, name), error);
    }
  }
}

/** Names of the entries of a folder, in order; none where there is no folder. */
export async function fileNamesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (isMissingFile(error)) return [];
    throw failedWrite(folder, error);
  }
}

function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user answers with EPERM: it lives.
    return systemErrorCode(error) !== 'ESRCH';
  }
}
