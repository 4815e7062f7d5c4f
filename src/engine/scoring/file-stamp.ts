/** Reads what tells a changed file from an unchanged one. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { BangerError } from '../../shared/errors.ts';
import { isMissingFile } from '../../shared/system-errors.ts';
import type { FileStamp } from '../../shared/library.ts';

/**
 * Path, size and time of a file.
 *
 * @throws BangerError `file-missing`, `file-unreadable`
 */
export async function readStamp(path: string): Promise<FileStamp> {
  try {
    const { size, mtimeNs } = await stat(resolve(path), { bigint: true });
    return { path: resolve(path), sizeBytes: Number(size), mtimeNs };
  } catch (cause) {
    throw isMissingFile(cause)
      ? new BangerError('file-missing', 'There is no such file.', {
          file: path,
          cause,
          nextStep: 'Check the path, or whether the drive is connected.',
        })
      : new BangerError('file-unreadable', 'This file cannot be read.', {
          file: path,
          cause,
          details: String(cause),
          nextStep: 'Check that you may read it.',
        });
  }
}

/**
 * Refuses a file that was written to while it was read: what was decoded may be half of each version.
 *
 * @throws BangerError `file-changed`, `file-missing`, `file-unreadable`
 */
export async function requireUnchangedFile(before: FileStamp): Promise<void> {
  const now = await readStamp(before.path);
  if (now.sizeBytes === before.sizeBytes && now.mtimeNs === before.mtimeNs) return;
  throw new BangerError('file-changed', 'This file changed while it was being read.', {
    file: before.path,
    nextStep: 'Score it again once it is complete.',
  });
}
