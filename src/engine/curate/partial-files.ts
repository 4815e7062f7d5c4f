/** Names of files that are still being written, by which what killed processes left is found and removed. */
import { systemErrorCode } from '../../shared/system-errors.ts';
import { createHash, randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { unlessMissing } from './file-errors.ts';

/** Tells this computer's partial files from those of others that use the same network drive. */
const hostKey = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
const partialName = /^\.banger-([0-9a-f]{8})-(\d+)-[0-9a-f-]{36}\.partial$/;

/** A path for a file that is being written into this folder; hidden, and passed over by every scan for songs. */
export function newPartialPath(folder: string): string {
  return join(folder, `.banger-${hostKey}-${process.pid}-${randomUUID()}.partial`);
}

/** Removes what processes of this computer that no longer run were writing into a folder. */
export async function removeAbandonedPartials(folder: string): Promise<void> {
  for (const name of (await unlessMissing(readdir(folder))) ?? []) {
    const [, host, processId] = partialName.exec(name) ?? [];
    if (host === hostKey && !isProcessAlive(Number(processId))) await rm(join(folder, name), { force: true });
  }
}

function isProcessAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (thrown) {
    // A process of another user answers with EPERM: it lives.
    return systemErrorCode(thrown) !== 'ESRCH';
  }
}
