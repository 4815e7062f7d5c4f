/** Exports files: copies, links or moves songs with their sidecars into a folder, so that a stopped run can go on. */
import { mkdir, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { asBangerError, BangerError, hasErrorCode } from '../../shared/errors.ts';
import type { ExportEntry } from '../../shared/export-entry.ts';
import type {
  ExportedFileReport,
  ExportMode,
  FileExportProgress,
  FileExportReport,
} from '../../shared/file-export.ts';
import { formatBytes } from '../../shared/format-quantities.ts';
import type { Library } from '../library/library.ts';
import type { ExportRun } from './export-run.ts';
import { ExportMeter, failedSong, reportOn, untouched } from './export-run.ts';
import { asFileError, throwIfCancelled } from './file-errors.ts';
import { exportMoves, settleInterruptedMoves } from './move-export.ts';
import { parseNamePattern } from '../../shared/name-pattern.ts';
import { removeAbandonedPartials } from './partial-files.ts';
import { copyTo, linkTo, syncFolder } from './place-file.ts';
import type { PlannedFile, PlannedSong } from './plan-file-export.ts';
import { planFileExport } from './plan-file-export.ts';

export interface FileExport {
  entries: readonly ExportEntry[];
  /** The target; made where there is none. */
  folder: string;
  mode: ExportMode;
  /** See `parseNamePattern`. */
  pattern: string;
}

export interface FileExportOptions {
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: FileExportProgress) => void) | undefined;
  /** Free room of the volume that holds a folder, null where nobody knows. */
  findFreeBytes?: ((folder: string) => Promise<number | null>) | undefined;
}

/**
 * Brings songs into a folder. No file there is overwritten; each new one is there whole or not at all. The same
 * export again leaves what is done and goes on with the rest, also after a crash.
 *
 * @returns what became of each file
 * @throws BangerError before anything is touched: `usage` for a wrong pattern, `disk-full` when the files do not
 *   fit, `file-unwritable`; on the way: `cancelled`, `disk-full`
 */
export async function exportFiles(
  library: Library,
  request: FileExport,
  options: FileExportOptions = {},
): Promise<FileExportReport> {
  const nameOf = parseNamePattern(request.pattern);
  const folder = resolve(request.folder);
  await prepareFolder(folder);
  const settled =
    request.mode === 'move'
      ? await settleInterruptedMoves(library, folder, options.signal)
      : new Map<string, string>();
  const entries = request.entries.map((entry) => ({ ...entry, path: settled.get(entry.path) ?? entry.path }));
  const songs = await planFileExport({
    ...{ entries, folder, mode: request.mode, nameOf, signal: options.signal },
    isMovedHere: ({ path }) =>
      dirname(path) === folder && library.exportedFiles.byPath(path)?.isOriginal === true,
  });
  await requireRoom(songs, folder, request.mode, options.findFreeBytes ?? findFreeBytes);

  const meter = new ExportMeter(songs, options.onProgress);
  const run = { songs, folder, meter, signal: options.signal };
  const { files, historyId } =
    request.mode === 'move'
      ? await exportMoves(library, run)
      : { files: await exportCopies(library, run, request.mode), historyId: null };
  const failedSongs = files.filter(({ role, outcome }) => role === 'song' && outcome === 'failed').length;
  return { folder, files, songCount: songs.length - failedSongs, failedSongCount: failedSongs, historyId };
}

async function exportCopies(
  library: Library,
  { songs, folder, meter, signal }: ExportRun,
  mode: 'copy' | 'link',
): Promise<ExportedFileReport[]> {
  const reports: ExportedFileReport[] = [];
  for (const song of songs) {
    if (song.error !== null) reports.push(failedSong(song));
    for (const file of song.files) {
      throwIfCancelled(signal);
      const report = await exportOne(song.entry.songId, file, mode, { signal, onBytes: meter.addBytes });
      if (file.role === 'song' && report.outcome !== 'failed' && file.source !== file.target) {
        library.exportedFiles.put({ path: file.target, songId: song.entry.songId, isOriginal: false });
      }
      meter.finishFile(file);
      reports.push(report);
    }
  }
  await syncFolder(folder);
  return reports;
}

async function exportOne(
  songId: number,
  file: PlannedFile,
  mode: 'copy' | 'link',
  options: Parameters<typeof copyTo>[2],
): Promise<ExportedFileReport> {
  if (file.state !== 'to-do') return untouched(songId, file);
  try {
    if (mode === 'link') {
      const outcome = await linkTo(file.source, file.target, options);
      return reportOn(songId, file, outcome);
    }
    await copyTo(file.source, file.target, options);
    return reportOn(songId, file, 'copied');
  } catch (thrown) {
    const error = asBangerError(asFileError(thrown, file.source));
    // These would meet every file alike.
    if (error.code === 'cancelled' || error.code === 'disk-full') throw error;
    return { ...reportOn(songId, file, 'failed'), error: error.toRecord() };
  }
}

async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await removeAbandonedPartials(folder);
  } catch (thrown) {
    if (!hasErrorCode(thrown, 'cancelled')) throw asFileError(thrown, folder);
  }
}

/** Files that stay on their volume need no room, unless they are copied there. */
async function requireRoom(
  songs: readonly PlannedSong[],
  folder: string,
  mode: ExportMode,
  findFree: (folder: string) => Promise<number | null>,
): Promise<void> {
  const { dev } = await stat(folder);
  let neededBytes = 0;
  for (const { source, sizeBytes, state } of songs.flatMap(({ files }) => files)) {
    if (state !== 'to-do') continue;
    if (mode === 'copy' || (await stat(source)).dev !== dev) neededBytes += sizeBytes;
  }
  const freeBytes = await findFree(folder);
  if (freeBytes === null || neededBytes <= freeBytes) return;
  const [needed, free] = [formatBytes(neededBytes), formatBytes(freeBytes)];
  throw new BangerError('disk-full', `The files do not fit: ${needed} are needed, ${free} are free.`, {
    file: folder,
    nextStep: 'Free some space, export fewer songs, or choose a folder on another drive.',
  });
}

async function findFreeBytes(folder: string): Promise<number | null> {
  const { bavail, bsize, blocks } = await statfs(folder);
  // Some network drives state no size at all.
  return blocks === 0 ? null : bavail * bsize;
}
