/** Real music for tests: the songs of the game Endgame: Singularity, as Debian packages them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where Debian’s packages put them; elsewhere they are unpacked to where `BANGER_TEST_SONGS` says. */
const songFolder = process.env['BANGER_TEST_SONGS'] ?? '/usr/share/games';

/** A folder with 16 songs in Ogg Vorbis, three of them below `lose` and `win`. */
export const realSongFolder = join(songFolder, 'singularity', 'music');
export const realSongCount = 16;

/** A folder with three long MP3 songs: the music of Advanced Strategic Command, as Debian packages it. */
export const realMp3Folder = join(songFolder, 'asc', 'music');
export const realMp3Count = 3;

/**
 * Whether tests over real songs run here. On a developer's machine without them they are skipped, by name; where `CI`
 * is set they must be there, so that nobody takes skipped tests for passed ones.
 */
export function hasRealSongs(): boolean {
  const missing = [realSongFolder, realMp3Folder].filter((folder) => !existsSync(folder));
  if (missing.length === 0) return true;
  const remedy = 'Debian: apt-get install singularity-music asc-music';
  if (process.env['CI']) throw new Error(`Real songs are missing: ${missing.join(', ')} (${remedy}).`);
  process.stderr.write(`Skipping tests over real songs: there is no ${missing.join(', ')} (${remedy}).\n`);
  return false;
}

const largePackages = [
  { folder: join(songFolder, 'wesnoth', '1.16', 'data', 'core', 'music'), name: 'wesnoth-1.16-music' },
  {
    folder: join(songFolder, 'warzone2100', 'music', 'albums', 'original_soundtrack'),
    name: 'warzone2100-music',
  },
];

/**
 * Folders of songs of three games by different composers: those of two large packages are left out where they are not
 * installed, except where `CI` is set.
 */
export function realSongFolders(): string[] {
  const there = largePackages.filter(({ folder }) => existsSync(folder));
  if (process.env['CI'] && there.length < largePackages.length) {
    const names = largePackages.map(({ name }) => name).join(' ');
    throw new Error(`Real songs are missing (Debian: apt-get install ${names}).`);
  }
  return [realSongFolder, ...there.map(({ folder }) => folder)];
}
