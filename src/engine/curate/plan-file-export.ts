/** Plans an export of files: which file gets which name, before anything is touched. */
import { lstat, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { asBangerError, type ErrorRecord } from '../../shared/errors.ts';
import type { ExportEntry } from '../../shared/export-entry.ts';
import type { ExportMode } from '../../shared/file-export.ts';
import { asFileError, throwIfCancelled, unlessMissing } from './file-errors.ts';
import { foldedName, legalBaseName, legalExtension, maximumNameBytes } from '../../shared/legal-file-name.ts';
import type { NamePattern } from '../../shared/name-pattern.ts';
import { isSameFile } from './place-file.ts';
import { SidecarFinder } from './sidecars.ts';

export interface PlannedFile {
  role: 'song' | 'sidecar';
  source: string;
  target: string;
  sizeBytes: number;
  /** `done`: it is there already; `left`: it is left alone. */
  state: 'to-do' | 'done' | 'left';
}

export interface PlannedSong {
  entry: ExportEntry;
  /** The song's own file first; empty when there is an error. */
  files: PlannedFile[];
  /** Why the song cannot be exported. */
  error: ErrorRecord | null;
}

export interface FileExportRequest {
  entries: readonly ExportEntry[];
  /** Absolute path of a folder that exists. */
  folder: string;
  mode: ExportMode;
  nameOf: NamePattern;
  /** Where a song's file stands in the folder already because an earlier export moved it there. */
  isMovedHere: (entry: ExportEntry) => boolean;
  signal?: AbortSignal | undefined;
}

/** A file that an export takes along, with what follows the base name in its own name. */
interface Member {
  role: 'song' | 'sidecar';
  source: string;
  suffix: string;
  sizeBytes: number;
  isLeft: boolean;
}

/**
 * Gives every song a base name that none of its files shares with another file of the folder, numbered where it has
 * to be. What an earlier export has put there keeps its name, so that the same export again changes nothing.
 *
 * @throws BangerError `cancelled`; a song's own failure is its error
 */
export async function planFileExport(request: FileExportRequest): Promise<PlannedSong[]> {
  const sidecars = new SidecarFinder();
  const takenBases = new Set<string>();
  const songs: PlannedSong[] = [];
  for (const entry of request.entries) {
    throwIfCancelled(request.signal);
    try {
      const members = await findMembers(entry, request.mode, sidecars);
      songs.push({ entry, files: await nameMembers(request, entry, members, takenBases), error: null });
    } catch (thrown) {
      const error = asBangerError(asFileError(thrown, entry.path));
      songs.push({ entry, files: [], error: error.toRecord() });
    }
  }
  return songs;
}

async function findMembers(entry: ExportEntry, mode: ExportMode, finder: SidecarFinder): Promise<Member[]> {
  const song: Member = {
    role: 'song',
    source: entry.path,
    suffix: legalExtension(extname(entry.path)),
    sizeBytes: (await stat(entry.path)).size,
    isLeft: false,
  };
  const members = [song];
  for (const { path, suffix, isShared } of await finder.find(entry.path)) {
    const found = await unlessMissing(stat(path));
    if (found?.isFile() !== true) continue;
    const isLeft = mode === 'move' && isShared;
    members.push({ role: 'sidecar', source: path, suffix, sizeBytes: found.size, isLeft });
  }
  return members;
}

async function nameMembers(
  { folder, nameOf, isMovedHere }: FileExportRequest,
  entry: ExportEntry,
  members: readonly Member[],
  takenBases: Set<string>,
): Promise<PlannedFile[]> {
  if (isMovedHere(entry)) {
    return members.map(({ role, source, sizeBytes }) => ({
      ...{ role, source, sizeBytes, target: source },
      state: 'done',
    }));
  }
  const longestSuffix = Math.max(...members.map(({ suffix }) => Buffer.byteLength(suffix)));
  const wanted = withoutExtension(nameOf(entry), entry.path);
  for (let number = 1; ; number += 1) {
    const mark = number === 1 ? '' : ` (${number})`;
    const base = legalBaseName(wanted, maximumNameBytes - longestSuffix - mark.length) + mark;
    if (takenBases.has(foldedName(base))) continue;
    const files = await placeMembers(folder, base, members);
    if (files === null) continue;
    takenBases.add(foldedName(base));
    return files;
  }
}

/** The song's extension is always kept; a pattern that ends with it does not get it twice. */
function withoutExtension(name: string, songPath: string): string {
  const extension = extname(songPath);
  return extension !== '' && name.endsWith(extension) ? name.slice(0, -extension.length) : name;
}

/** The members under this base name; null when that would meet another file. */
async function placeMembers(
  folder: string,
  base: string,
  members: readonly Member[],
): Promise<PlannedFile[] | null> {
  const files: PlannedFile[] = [];
  for (const { role, source, suffix, sizeBytes, isLeft } of members) {
    const target = join(folder, base + suffix);
    const isTaken = (await unlessMissing(lstat(target))) !== null;
    const isDone = isTaken && ((await unlessMissing(isSameFile(source, target))) ?? false);
    // A sidecar that a person has edited since is theirs; it is no reason to export the song again.
    const songIsDone = files[0]?.state === 'done';
    if (isTaken && !isDone && !isLeft && !songIsDone) return null;
    const state = isDone ? 'done' : isLeft || isTaken ? 'left' : 'to-do';
    files.push({ role, source, target, sizeBytes, state });
  }
  return files;
}
