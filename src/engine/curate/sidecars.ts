/** Sidecars: files that belong to a song by their name, such as its lyrics, its cover and how it was generated. */
import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { hasAudioExtension } from '../../shared/file-names.ts';
import { unlessMissing } from './file-errors.ts';

/** What follows a song's base name in the names of its sidecars, in any case. */
export const sidecarSuffixes: readonly string[] = [
  '.json',
  '.txt',
  '.lrc',
  '.jpg',
  '.jpeg',
  '.png',
  '.webp',
  '_input_params.json',
];

export interface Sidecar {
  path: string;
  /** What follows the base name, as it is written. */
  suffix: string;
  /** Whether another song in the folder has the same base name, so that the sidecar may belong to it as well. */
  isShared: boolean;
}

/** Finds sidecars; each folder is listed once. */
export class SidecarFinder {
  readonly #folders = new Map<string, Promise<ReadonlyMap<string, string[]>>>();

  /** The sidecars of a song's file, in order of name. */
  async find(songPath: string): Promise<Sidecar[]> {
    const folder = dirname(songPath);
    const listing = this.#folders.get(folder) ?? listFolder(folder);
    this.#folders.set(folder, listing);
    const names = await listing;
    const base = basename(songPath, extname(songPath));
    const ownName = basename(songPath);
    const isShared = (names.get(base) ?? []).some(
      (suffix) => base + suffix !== ownName && hasAudioExtension(base + suffix),
    );
    const plain = (names.get(base) ?? []).filter((suffix) => isSidecarSuffix(suffix));
    const long = sidecarSuffixes
      .filter((suffix) => !suffix.startsWith('.'))
      .filter((suffix) => names.get(base + stem(suffix))?.includes(extname(suffix)));
    // `song.wav.json` names its one song in full.
    const full = (names.get(ownName) ?? [])
      .filter((suffix) => isSidecarSuffix(suffix))
      .map((suffix) => extname(ownName) + suffix);
    return [...plain, ...long, ...full].sort().map((suffix) => ({
      path: join(folder, base + suffix),
      suffix,
      isShared: isShared && !full.includes(suffix),
    }));
  }
}

/** The extensions in a folder by base name. */
async function listFolder(folder: string): Promise<ReadonlyMap<string, string[]>> {
  const extensions = new Map<string, string[]>();
  for (const name of (await unlessMissing(readdir(folder))) ?? []) {
    const extension = extname(name);
    const base = basename(name, extension);
    const known = extensions.get(base);
    if (known === undefined) extensions.set(base, [extension]);
    else known.push(extension);
  }
  return extensions;
}

function isSidecarSuffix(suffix: string): boolean {
  return sidecarSuffixes.includes(suffix.toLowerCase());
}

function stem(suffix: string): string {
  return basename(suffix, extname(suffix));
}
