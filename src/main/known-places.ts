/** Which files the page may have shown in the file manager: the library's songs and folders, and what was chosen. */
import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, normalize, relative } from 'node:path';
import { BangerError } from '../shared/errors.ts';
import { isMissingFile } from '../shared/system-errors.ts';
import type { EngineLink } from './engine-link.ts';

export class KnownPlaces {
  readonly #engine: Pick<EngineLink, 'call'>;
  /** What the person chose in a dialog or opened with the app during this run. */
  readonly #chosen = new Set<string>();

  constructor(engine: Pick<EngineLink, 'call'>) {
    this.#engine = engine;
  }

  /** Also knows what lies below. */
  add(paths: readonly string[]): void {
    for (const path of paths) this.#chosen.add(normalize(path));
  }

  /**
   * @returns the path as the system writes it
   * @throws BangerError `usage` for a path that is not known, `file-missing`, `file-unreadable`, or what the engine
   * throws
   */
  async require(given: string): Promise<string> {
    const path = normalize(given);
    if (!isAbsolute(path) || !(await this.#isKnown(path))) {
      throw new BangerError('usage', 'Only songs, their folders and what you chose can be shown.', {
        file: given,
      });
    }
    try {
      await stat(path);
    } catch (thrown) {
      throw isMissingFile(thrown)
        ? new BangerError('file-missing', 'The file is not there any more.', { file: path, cause: thrown })
        : new BangerError('file-unreadable', 'The file cannot be reached.', { file: path, cause: thrown });
    }
    return path;
  }

  async #isKnown(path: string): Promise<boolean> {
    if (isBelowOne(path, [...this.#chosen])) return true;
    const { libraryFile, downloadFolder, modelsFolder, cacheFolder } = await this.#engine.call(
      'get-about',
      {},
    );
    if (isBelowOne(path, [dirname(libraryFile), downloadFolder, modelsFolder, cacheFolder])) return true;
    const watched = await this.#engine.call('list-watched-folders', {});
    if (
      isBelowOne(
        path,
        watched.map((folder) => folder.path),
      )
    )
      return true;
    return (await this.#holdsSongs(path)) || (await this.#holdsSongs(dirname(path)));
  }

  async #holdsSongs(folder: string): Promise<boolean> {
    const { count } = await this.#engine.call('count-songs', { filter: { folder, missing: 'shown' } });
    return count > 0;
  }
}

/** Whether a path is one of the folders, or lies below one. */
export function isBelowOne(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => {
    const way = relative(normalize(folder), path);
    return way === '' || (way !== '..' && !/^\.\.[\\/]/.test(way) && !isAbsolute(way));
  });
}
