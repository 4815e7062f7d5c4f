/** Keeps beside each song how it was made, as its sidecars and tags say. */
import { dirname, parse } from 'node:path';
import type { Library } from '../library/library.ts';
import { readGeneration } from '../metadata/read-generation.ts';
import { songsOfSidecar, type SidecarSongs } from '../metadata/sidecar-paths.ts';
import type { TagsByName } from '../audio/song-tags.ts';

/** Reads how a song was made and stores it; what says nothing leaves what is known alone. */
export async function keepGeneration(
  library: Library,
  songId: number,
  path: string,
  tags?: TagsByName,
): Promise<void> {
  const generation = await readGeneration(path, { tags });
  if (generation !== null) library.generations.put(songId, generation);
}

/**
 * Reads again the songs that these files speak of; files that are no sidecars are passed over.
 *
 * @returns how many songs were read
 */
export async function refreshGenerations(library: Library, sidecars: readonly string[]): Promise<number> {
  let count = 0;
  for (const sidecar of sidecars) {
    const meant = songsOfSidecar(sidecar);
    if (meant === null) continue;
    for (const paths of library.files.presentBelow(meant.folder)) {
      for (const path of paths.filter((candidate) => isMeant(candidate, meant))) {
        const songId = library.files.byPath(path)?.song?.id;
        if (songId === undefined) continue;
        await keepGeneration(library, songId, path);
        count += 1;
      }
    }
  }
  return count;
}

function isMeant(path: string, { folder, stem, reachesBelow }: SidecarSongs): boolean {
  const songFolder = dirname(path);
  const isNear = songFolder === folder || (reachesBelow && dirname(songFolder) === folder);
  return isNear && (stem === null || parse(path).name === stem);
}
