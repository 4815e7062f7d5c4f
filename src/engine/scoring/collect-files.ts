/** Finds the files that a person means by a list of paths: files as they are, folders with all audio below them. */
import { realpath, readdir, stat } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { join, resolve } from 'node:path';
import { BangerError } from '../../shared/errors.ts';
import { hasAudioExtension, isPassedOver } from '../../shared/file-names.ts';
import { hasAudioSignature } from '../audio/sniff-audio.ts';

export interface CollectedFiles {
  /** Files to score, each once, in order of path within each folder. */
  files: string[];
  /** Files in folders that are neither named nor built like audio. */
  skippedCount: number;
  /** Folders that could not be listed. */
  unreadable: BangerError[];
}

/**
 * A file that is named always counts, whatever it holds or whether it exists: its outcome says so. In folders,
 * hidden and temporary files are passed over, and links are followed once. A folder or a broken link that is named
 * like a song and leads to none counts as a song that cannot be read.
 *
 * @throws BangerError `cancelled`
 */
export async function collectFiles(paths: readonly string[], signal?: AbortSignal): Promise<CollectedFiles> {
  const walk = new FolderWalk(signal);
  for (const path of paths) {
    const isFolder = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (isFolder) await walk.addFolder(path);
    else walk.addFile(path);
  }
  return { files: walk.files, skippedCount: walk.skippedCount, unreadable: walk.unreadable };
}

class FolderWalk implements CollectedFiles {
  readonly files: string[] = [];
  readonly unreadable: BangerError[] = [];
  skippedCount = 0;
  /** Every song that was come across, also where it was already listed. */
  #songsMet = 0;
  readonly #signal: AbortSignal | undefined;
  readonly #seenFiles = new Set<string>();
  readonly #seenFolders = new Set<string>();

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  addFile(path: string): void {
    this.#songsMet += 1;
    const absolute = resolve(path);
    if (this.#seenFiles.has(absolute)) return;
    this.#seenFiles.add(absolute);
    this.files.push(path);
  }

  async addFolder(folder: string): Promise<void> {
    if (this.#signal?.aborted === true)
      throw new BangerError('cancelled', 'The search for songs was cancelled.');
    let entries: Dirent[];
    try {
      // The real path tells a folder from a link back to it.
      const real = await realpath(folder);
      if (this.#seenFolders.has(real)) return;
      this.#seenFolders.add(real);
      entries = await readdir(folder, { withFileTypes: true });
    } catch (cause) {
      this.unreadable.push(
        new BangerError('file-unreadable', 'This folder could not be listed.', {
          file: folder,
          cause,
          details: String(cause),
          nextStep: 'Check that you may read it.',
        }),
      );
      return;
    }
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    const songsMetBefore = this.#songsMet;
    for (const entry of entries) {
      if (!isPassedOver(entry.name)) await this.#addEntry(join(folder, entry.name), entry);
    }
    if (this.#songsMet === songsMetBefore && hasAudioExtension(folder)) this.addFile(folder);
  }

  async #addEntry(path: string, entry: Dirent): Promise<void> {
    const found = entry.isSymbolicLink() ? await stat(path).catch(() => null) : entry;
    if (found?.isDirectory()) await this.addFolder(path);
    else if (found === null ? hasAudioExtension(path) : found.isFile() && (await isAudio(path))) {
      this.addFile(path);
    } else this.skippedCount += 1;
  }
}

async function isAudio(path: string): Promise<boolean> {
  if (hasAudioExtension(path)) return true;
  // A file without an audio name that cannot be read is not known to be a song: it is skipped, not failed.
  return hasAudioSignature(path).catch(() => false);
}
