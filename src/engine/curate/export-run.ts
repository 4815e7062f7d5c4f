/** What one export of files carries along while it runs: its plan, its progress and its reports. */
import type { ExportedFileReport, FileExportProgress } from '../../shared/file-export.ts';
import type { PlannedFile, PlannedSong } from './plan-file-export.ts';

/** One export while it runs. */
export interface ExportRun {
  songs: readonly PlannedSong[];
  folder: string;
  meter: ExportMeter;
  signal: AbortSignal | undefined;
}

/** The report on a file that nothing had to be done for. */
export function untouched(songId: number, file: PlannedFile): ExportedFileReport {
  return reportOn(songId, file, file.state === 'left' ? 'left' : 'already-there');
}

export function reportOn(
  songId: number,
  { role, source, target, sizeBytes }: PlannedFile,
  outcome: ExportedFileReport['outcome'],
): ExportedFileReport {
  return { songId, role, source, target, sizeBytes, outcome, error: null };
}

/** The report on a song that has no file to export. */
export function failedSong({ entry, error }: PlannedSong): ExportedFileReport {
  const file = { role: 'song', source: entry.path, target: '', sizeBytes: 0 } as const;
  return { songId: entry.songId, ...file, outcome: 'failed', error };
}

/** Counts files and bytes, and tells about them. */
export class ExportMeter {
  readonly #progress: FileExportProgress;
  readonly #onProgress: ((progress: FileExportProgress) => void) | undefined;

  constructor(songs: readonly PlannedSong[], onProgress?: (progress: FileExportProgress) => void) {
    const files = songs.flatMap((song) => song.files);
    const totalBytes = files
      .filter(({ state }) => state === 'to-do')
      .reduce((sum, file) => sum + file.sizeBytes, 0);
    this.#progress = { doneFiles: 0, totalFiles: files.length, doneBytes: 0, totalBytes, path: '' };
    this.#onProgress = onProgress;
  }

  /** Counts bytes of a file that is being copied. */
  readonly addBytes = (bytes: number): void => {
    this.#progress.doneBytes += bytes;
    this.#onProgress?.({ ...this.#progress });
  };

  finishFile({ source }: { source: string }): void {
    this.#progress.doneFiles += 1;
    this.#progress.path = source;
    this.#onProgress?.({ ...this.#progress });
  }
}
