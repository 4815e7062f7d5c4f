/** The folders that a page may see and write to: those that the server was given, never the whole disk. */
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { BangerError } from '../shared/errors.ts';
import { hasAudioExtension, isPassedOver } from '../shared/file-names.ts';
import type { FolderListing } from '../shared/shell-commands.ts';
import { isMissingFile } from '../shared/system-errors.ts';

/** Folders shown at once; more could not be chosen from. */
const MAXIMUM_FOLDERS = 5_000;

export class AllowedFolders {
  readonly #roots: () => Promise<readonly string[]>;

  /** @param roots gives the folders that are allowed just now, with all that lies below them */
  constructor(roots: () => Promise<readonly string[]>) {
    this.#roots = roots;
  }

  /**
   * The absolute form of a path that lies in an allowed folder, whether something is there or not.
   *
   * @throws BangerError `file-unreadable` for every other path, whether something is there or not
   */
  async require(path: string): Promise<string> {
    if (!isAbsolute(path) || path.includes('\0')) throw notAllowed(path);
    const wanted = resolve(path);
    const roots = await this.#realRoots();
    // First by its name, so that nothing elsewhere is even looked at; then by where links lead.
    if (!roots.some(({ path: root, real }) => holds(root, wanted) || holds(real, wanted))) {
      throw notAllowed(wanted);
    }
    const real = await realPathOf(wanted);
    if (!roots.some((root) => holds(root.real, real))) throw notAllowed(wanted);
    return wanted;
  }

  /** What a folder holds, or the allowed folders themselves. @throws BangerError `file-unreadable` */
  async list(path: string | null): Promise<FolderListing> {
    const roots = (await this.#realRoots()).map((root) => root.path);
    if (path === null) {
      const folders = roots.map((root) => ({ name: root, path: root }));
      return { path: null, parent: null, folders, songCount: 0 };
    }
    const folder = await this.require(path);
    const folders: FolderListing['folders'] = [];
    let songCount = 0;
    for (const entry of await readFolder(folder)) {
      const inner = join(folder, entry.name);
      if (isPassedOver(entry.name)) continue;
      if (entry.isFile() && hasAudioExtension(entry.name)) songCount += 1;
      const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && (await this.#leadsToFolder(inner)));
      if (isFolder && folders.length < MAXIMUM_FOLDERS) folders.push({ name: entry.name, path: inner });
    }
    const order = new Intl.Collator('en', { numeric: true });
    folders.sort((one, other) => order.compare(one.name, other.name));
    return { path: folder, parent: roots.includes(folder) ? null : dirname(folder), folders, songCount };
  }

  async #leadsToFolder(link: string): Promise<boolean> {
    try {
      await this.require(link);
      return (await stat(link)).isDirectory();
    } catch {
      // It leads nowhere, or out of what is allowed.
      return false;
    }
  }

  /** Those that are there. */
  async #realRoots(): Promise<{ path: string; real: string }[]> {
    const found = await Promise.all(
      (await this.#roots()).map(async (root) => {
        const path = resolve(root);
        const real = await realpath(path).catch(() => null);
        return real === null ? [] : [{ path, real }];
      }),
    );
    const roots = found.flat();
    // One inside another is reached through it.
    return roots.filter(
      ({ path }, index) =>
        roots.findIndex((one) => one.path === path) === index &&
        !roots.some((other) => other.path !== path && holds(other.path, path)),
    );
  }
}

/** Whether a path is a folder or lies below it, by no hidden way. */
function holds(folder: string, path: string): boolean {
  const way = relative(folder, path);
  if (way === '') return true;
  if (isAbsolute(way)) return false;
  return !way.split(sep).some((name) => name.startsWith('.'));
}

/** Where a path really lies; of one that does not exist, where it would. @throws BangerError `file-unreadable` */
async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (thrown) {
    const parent = dirname(path);
    // A link to where nothing is yet would be followed by whoever writes there.
    const isLink = (await lstat(path).catch(() => null)) !== null;
    if (isLink || !isMissingFile(thrown) || parent === path) throw unreadable(path, thrown);
    return join(await realPathOf(parent), basename(path));
  }
}

async function readFolder(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (thrown) {
    throw unreadable(folder, thrown);
  }
}

function notAllowed(path: string): BangerError {
  return new BangerError('file-unreadable', 'The page may not use this place.', {
    file: path,
    nextStep: 'Start “banger serve” with --allow and the folder that it lies in.',
  });
}

function unreadable(path: string, cause: unknown): BangerError {
  return new BangerError('file-unreadable', 'This folder cannot be read.', {
    file: path,
    cause,
    details: String(cause),
    nextStep: 'Check that it is there and that you may read it.',
  });
}
