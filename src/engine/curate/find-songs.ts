/** Finds the songs that a person names by path or id. */
import { resolve } from 'node:path';
import { BangerError } from '../../shared/errors.ts';
import type { Library } from '../library/library.ts';

/**
 * @param names paths of files, missing ones included, or song ids in digits; a file that is named like an id is
 *   meant when it is in the library
 * @returns ids in the order of the names, each once
 * @throws BangerError `song-unknown` for the first name that is neither
 */
export function findSongs(library: Library, names: readonly string[]): number[] {
  return [...new Set(names.map((name) => findSong(library, name)))];
}

function findSong(library: Library, name: string): number {
  const songId = library.files.byPath(resolve(name))?.file.songId ?? null;
  if (songId !== null) return songId;
  const id = /^[1-9]\d{0,14}$/.test(name) ? Number(name) : null;
  if (id !== null && library.songs.byId(id) !== null) return id;
  throw new BangerError('song-unknown', 'This is no song in the library.', {
    file: name,
    nextStep: 'Score it first, or name it by its path or by the id that a list shows.',
  });
}
