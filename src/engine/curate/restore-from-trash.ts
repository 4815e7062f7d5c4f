/** Finds files again in trashes that follow the freedesktop.org specification, and puts them back. */
import { systemErrorCode } from '../../shared/system-errors.ts';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { asBangerError } from '../../shared/errors.ts';
import type { MoveOutcome } from '../../shared/history.ts';
import type { Library } from '../library/library.ts';
import { asFileError, throwIfCancelled, unlessMissing } from './file-errors.ts';
import type { TrashEntry } from './history-entry.ts';
import type { PlaceOptions } from './place-file.ts';
import { exists, moveTo } from './place-file.ts';

/** Whether this system's trash can be read by its specification; macOS and Windows keep theirs to themselves. */
export const canRestoreFromTrash = process.platform !== 'darwin' && process.platform !== 'win32';

interface TrashedFile {
  /** Where it lies now. */
  file: string;
  /** The note beside it that tells where it came from. */
  infoFile: string;
  /** As the specification writes it, such as `2026-03-01T09:15:00`, in local time. */
  deletedAt: string;
}

/** Puts files back where they were, as far as the trash still has them. @throws BangerError `cancelled` */
export async function restoreFromTrash(
  library: Library,
  { files }: TrashEntry,
  options: PlaceOptions,
): Promise<MoveOutcome[]> {
  const wanted = new Set(files.map(({ path }) => path));
  const trashed = await findTrashed(wanted);
  const outcomes: MoveOutcome[] = [];
  for (const { path } of files) {
    throwIfCancelled(options.signal);
    const outcome = await restoreOne(path, trashed.get(path), options);
    if (outcome.outcome === 'moved') library.files.markSeen([path]);
    outcomes.push(outcome);
  }
  return outcomes;
}

async function restoreOne(
  path: string,
  trashed: TrashedFile | undefined,
  options: PlaceOptions,
): Promise<MoveOutcome> {
  const from = trashed?.file ?? path;
  try {
    if (trashed === undefined) {
      return { from, to: path, outcome: (await exists(path)) ? 'in-place' : 'gone', error: null };
    }
    await makeParent(path);
    await moveTo(trashed.file, path, options);
    await rm(trashed.infoFile, { force: true });
    return { from, to: path, outcome: 'moved', error: null };
  } catch (thrown) {
    const error = asBangerError(asFileError(thrown, path));
    if (error.code === 'cancelled') throw error;
    return { from, to: path, outcome: 'failed', error: error.toRecord() };
  }
}

async function makeParent(path: string): Promise<void> {
  try {
    await mkdir(dirname(path));
  } catch (thrown) {
    if (systemErrorCode(thrown) !== 'EEXIST') throw thrown;
  }
}

/** For each path that some trash holds, the file that was put there last. */
async function findTrashed(paths: ReadonlySet<string>): Promise<Map<string, TrashedFile>> {
  const found = new Map<string, TrashedFile>();
  for (const trash of await trashFolders(paths)) {
    for (const name of (await unlessMissing(readdir(join(trash.folder, 'info')))) ?? []) {
      if (!name.endsWith('.trashinfo')) continue;
      const infoFile = join(trash.folder, 'info', name);
      const info = parseTrashInfo(await readFile(infoFile, 'utf8'), trash.topFolder);
      const file = join(trash.folder, 'files', name.slice(0, -'.trashinfo'.length));
      if (info === null || !paths.has(info.path) || !(await exists(file))) continue;
      const known = found.get(info.path);
      if (known === undefined || known.deletedAt < info.deletedAt) {
        found.set(info.path, { file, infoFile, deletedAt: info.deletedAt });
      }
    }
  }
  return found;
}

interface TrashFolder {
  folder: string;
  /** What paths in its notes are relative to. */
  topFolder: string;
}

/** The home's trash, and those at the top of every folder above the files. */
async function trashFolders(paths: ReadonlySet<string>): Promise<TrashFolder[]> {
  const dataFolder = process.env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share');
  const folders: TrashFolder[] = [{ folder: join(dataFolder, 'Trash'), topFolder: '/' }];
  const userId = String(process.getuid?.() ?? 0);
  const above = new Set<string>();
  for (const path of paths) {
    for (let folder = dirname(path); !above.has(folder); folder = dirname(folder)) above.add(folder);
  }
  for (const topFolder of above) {
    for (const folder of [join(topFolder, '.Trash', userId), join(topFolder, `.Trash-${userId}`)]) {
      if (await exists(folder)) folders.push({ folder, topFolder });
    }
  }
  return folders;
}

/** The path and time in a note; null where it is damaged. */
function parseTrashInfo(text: string, topFolder: string): { path: string; deletedAt: string } | null {
  const written = /^Path=(.*)$/m.exec(text)?.[1];
  const deletedAt = /^DeletionDate=(.*)$/m.exec(text)?.[1] ?? '';
  if (written === undefined) return null;
  try {
    return { path: resolve(topFolder, decodeURIComponent(written)), deletedAt };
  } catch {
    return null;
  }
}
