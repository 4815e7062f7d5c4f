/** Backups as files: how they are named and found beside their library. */
import fs from 'node:fs';
import path from 'node:path';
import type { Backup } from '../../shared/library-care.ts';

/** Backups that the product made itself before an upgrade are told apart by their name. */
const kinds = { automatic: 'auto-backup', manual: 'backup' } as const;

/** The name of a new backup beside its library; sorts by time. */
export function backupFileFor(libraryFile: string, kind: keyof typeof kinds, nowMs: number): string {
  return siblingFile(libraryFile, kinds[kind], nowMs);
}

/** `library.sqlite` -> `library.<label>-20250131T235959123Z.sqlite` */
export function siblingFile(libraryFile: string, label: string, nowMs: number): string {
  const { dir, name } = path.parse(libraryFile);
  const stamp = new Date(nowMs).toISOString().replace(/[-:.]/g, '');
  return path.join(dir, `${name}.${label}-${stamp}.sqlite`);
}

/** Backups that lie beside a library under the names they were given, the newest first; none where it has no folder. */
export function findBackups(libraryFile: string): Backup[] {
  const { dir, name } = path.parse(libraryFile);
  const pattern = new RegExp(`^\\.(${Object.values(kinds).join('|')})-(\\d{8}T\\d{9}Z)\\.sqlite$`);
  const found = namesIn(dir).flatMap((file) => {
    const [, kind, stamp = ''] = file.startsWith(name) ? (pattern.exec(file.slice(name.length)) ?? []) : [];
    const status = kind === undefined ? undefined : statOrNothing(path.join(dir, file));
    if (status?.isFile() !== true) return [];
    const isAutomatic = kind === kinds.automatic;
    const { size: sizeBytes, mtimeMs: createdAtMs } = status;
    return [{ stamp, backup: { file: path.join(dir, file), sizeBytes, createdAtMs, isAutomatic } }];
  });
  return found.sort((a, b) => (a.stamp < b.stamp ? 1 : -1)).map(({ backup }) => backup);
}

function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    // A folder that cannot be read offers no backups; whoever needs the folder itself meets the reason.
    return [];
  }
}

function statOrNothing(file: string): fs.Stats | undefined {
  try {
    return fs.statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
