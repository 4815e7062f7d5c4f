/** Writes a text file whole or not at all, and over nothing but an earlier file of ours unless that is said. */
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BangerError } from '../../shared/errors.ts';
import { asFileError, unlessMissing } from './file-errors.ts';
import { newPartialPath, removeAbandonedPartials } from './partial-files.ts';
import { syncFolder } from './place-file.ts';

export interface OwnFile {
  /** Absolute path; its folder is made where there is none. */
  file: string;
  text: string;
  /** What files of this kind begin with when we wrote them. */
  ownBeginning: string;
  /** Whether a file that begins otherwise may be replaced as well. */
  replacesOthers: boolean;
}

/**
 * @throws BangerError `file-exists` where somebody else's file stands, which is left as it is; `file-unwritable`,
 *   `disk-full`
 */
export async function replaceOwnFile(request: OwnFile): Promise<void> {
  const { file, text, ownBeginning, replacesOthers } = request;
  try {
    if (!replacesOthers) await requireOwnOrNothing(file, ownBeginning);
    await replaceFile(file, text);
  } catch (thrown) {
    throw asFileError(thrown, file);
  }
}

async function requireOwnOrNothing(file: string, ownBeginning: string): Promise<void> {
  const handle = await unlessMissing(open(file, 'r'));
  if (handle === null) return;
  try {
    const expected = Buffer.from(ownBeginning);
    const found = Buffer.alloc(expected.length);
    const { bytesRead } = await handle.read(found, 0, found.length, 0);
    if (found.subarray(0, bytesRead).equals(expected)) return;
  } finally {
    await handle.close();
  }
  throw new BangerError('file-exists', 'Another file stands here already; it was left as it is.', {
    file,
    nextStep: 'Choose another name, or say that it may be replaced.',
  });
}

async function replaceFile(file: string, text: string): Promise<void> {
  const folder = dirname(file);
  await mkdir(folder, { recursive: true });
  await removeAbandonedPartials(folder);
  const partial = newPartialPath(folder);
  try {
    const handle = await open(partial, 'wx');
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, file);
    await syncFolder(folder);
  } finally {
    await rm(partial, { force: true });
  }
}
