/** Takes model folders off the disk: out of sight in one step, then deleted, and says what that freed. */
import { isMissingFile } from '../../shared/system-errors.ts';
import { randomUUID } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { BangerError } from '../../shared/errors.ts';
import { measureFolder } from './folder-size.ts';

export interface RemovedModel {
  id: string;
  /** Bytes that the disk got back; a file that is also linked from elsewhere stays and does not count. */
  freedBytes: number;
  /** What was deleted. */
  paths: string[];
}

/**
 * Deletes the folders of a model; those that do not exist are passed over.
 *
 * @throws BangerError `file-unreadable` when one is in use or protected
 */
export async function removeModelFolders(id: string, folders: readonly string[]): Promise<RemovedModel> {
  const removed: RemovedModel = { id, freedBytes: 0, paths: [] };
  for (const folder of folders) {
    const aside = path.join(path.dirname(folder), `.removed-${randomUUID()}`);
    try {
      // Out of sight first: nobody may find half of it while it is being deleted.
      await rename(folder, aside);
      const { exclusiveBytes } = await measureFolder(aside);
      await rm(aside, { recursive: true, force: true });
      removed.freedBytes += exclusiveBytes;
      removed.paths.push(folder);
    } catch (error) {
      if (isMissingFile(error)) continue;
      throw new BangerError('file-unreadable', `“${id}” cannot be removed: it is in use or protected.`, {
        file: folder,
        nextStep: 'End the programs that use it, check that you may write there, and try again.',
        details: String(error),
        cause: error,
      });
    }
  }
  return removed;
}
