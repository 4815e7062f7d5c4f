/** How much disk a folder takes, and how much of that would come back if it went. */
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { unlessMissing } from './file-system-errors.ts';

export interface FolderSize {
  /** Bytes of all files, each counted once however many links lead to it. */
  bytes: number;
  /** Bytes of the files that no link from outside the folder keeps alive. */
  exclusiveBytes: number;
}

/** Measures the files under a folder, symbolic links not followed; nothing where it does not exist. */
export async function measureFolder(folder: string): Promise<FolderSize> {
  const entries = (await unlessMissing(readdir(folder, { recursive: true, withFileTypes: true }))) ?? [];
  const files = new Map<string, { bytes: number; linkCount: number; seenLinks: number }>();
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const found = await unlessMissing(lstat(path.join(entry.parentPath, entry.name), { bigint: true }));
    if (found === undefined) continue;
    const key = `${found.dev}:${found.ino}`;
    const known = files.get(key) ?? {
      bytes: Number(found.size),
      linkCount: Number(found.nlink),
      seenLinks: 0,
    };
    known.seenLinks += 1;
    files.set(key, known);
  }
  const all = [...files.values()];
  const sum = (some: typeof all): number => some.reduce((total, { bytes }) => total + bytes, 0);
  return { bytes: sum(all), exclusiveBytes: sum(all.filter((file) => file.seenLinks >= file.linkCount)) };
}
