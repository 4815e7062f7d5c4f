/** Lets the system report that something below a folder changed. What changed, and how, is for a scanner to find out. */
import { resolve } from 'node:path';
import { watch } from 'chokidar';
import { z } from 'zod';
import { codeOf } from './read-disk.ts';

/** Where reports come from; tests put another in its place. */
export type OpenChangeReports = (root: string, options: ChangeReportOptions) => ChangeReports;

/** A path of which something was reported. */
export interface ReportedChange {
  path: string;
  /** Whether it was reported to be gone; it may have come back since. */
  isRemoval: boolean;
  /** Whether it was reported to be a folder, whose own changes will be reported from now on. */
  isNewFolder: boolean;
}

export interface ChangeReportOptions {
  /** Whether a path, once known to be a folder's, need not be watched. */
  isIgnored: (path: string, isFolder: boolean) => boolean;
  onChange: (change: ReportedChange) => void;
  /** The system refuses to report, or stops doing so. Folders that nobody may look into count for nothing. */
  onError: (error: Error) => void;
}

export interface ChangeReports {
  /** Resolves when changes from now on will be reported. */
  ready: Promise<void>;
  /** Reports from these folders too. */
  watchAlso: (folders: readonly string[]) => void;
  close: () => Promise<void>;
}

/** Errors of a single path, which the scanner meets and counts as well. */
const pathCodes = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EACCES', 'EPERM']);

const rawDetailsSchema = z.object({ watchedPath: z.string() });

/** Reports by chokidar: one subscription for each folder on Linux, one for a whole tree on macOS and Windows. */
export const openChangeReports: OpenChangeReports = (root, { isIgnored, onChange, onError }) => {
  const watcher = watch(root, {
    ignoreInitial: true,
    // Links are the scanner's affair: it follows each once and names the folders they lead to.
    followSymlinks: false,
    ignorePermissionErrors: true,
    atomic: false,
    // First asked without knowing what lies there: only the second time counts.
    ignored: (path, stats) => stats !== undefined && isIgnored(path, stats.isDirectory()),
  });
  watcher.on('all', (event, path) => {
    onChange({
      path,
      isRemoval: event === 'unlink' || event === 'unlinkDir',
      isNewFolder: event === 'addDir',
    });
  });
  // Chokidar stays silent when a folder takes a file's place, so what the system said is heard as well.
  watcher.on('raw', (_event, name, details) => {
    const parsed = rawDetailsSchema.safeParse(details);
    if (typeof name === 'string' && parsed.success) {
      onChange({ path: resolve(parsed.data.watchedPath, name), isRemoval: false, isNewFolder: false });
    }
  });
  watcher.on('error', (error) => {
    const failure = error instanceof Error ? error : new Error(String(error));
    if (!pathCodes.has(codeOf(failure))) onError(failure);
  });
  return {
    ready: new Promise((becameReady) => {
      watcher.once('ready', becameReady);
    }),
    watchAlso: (folders) => {
      watcher.add([...folders]);
    },
    close: () => watcher.close(),
  };
};
