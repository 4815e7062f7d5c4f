/** Lets the system report that something below a folder changed. What changed, and how, is for a scanner to find out. */
import { watch } from 'chokidar';
import { codeOf } from './read-disk.ts';

/** Where reports come from; tests put another in its place. */
export type OpenChangeReports = (root: string, options: ChangeReportOptions) => ChangeReports;

export interface ChangeReportOptions {
  /** Whether a path, once known to be a folder's, need not be watched. */
  isIgnored: (path: string, isFolder: boolean) => boolean;
  onChange: (change: { path: string; isRemoval: boolean }) => void;
  /** The system refuses to report, or stops doing so. Folders that nobody may look into count for nothing. */
  onError: (error: Error) => void;
}

export interface ChangeReports {
  /** Resolves when changes from now on will be reported. */
  ready: Promise<void>;
  /** Watches these folders too, and none that were given before and are not among them. */
  setFurtherFolders: (folders: readonly string[]) => void;
  close: () => Promise<void>;
}

/** Errors of a single path, which the scanner meets and counts as well. */
const pathCodes = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EACCES', 'EPERM']);

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
    onChange({ path, isRemoval: event === 'unlink' || event === 'unlinkDir' });
  });
  watcher.on('error', (error) => {
    const failure = error instanceof Error ? error : new Error(String(error));
    if (!pathCodes.has(codeOf(failure))) onError(failure);
  });
  let further = new Set<string>();
  return {
    ready: new Promise((resolve) => {
      watcher.once('ready', resolve);
    }),
    setFurtherFolders: (folders) => {
      const wanted = new Set(folders);
      watcher.unwatch([...further].filter((folder) => !wanted.has(folder)));
      watcher.add([...wanted].filter((folder) => !further.has(folder)));
      further = wanted;
    },
    close: () => watcher.close(),
  };
};
