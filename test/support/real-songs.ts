/** Real music for tests: the songs of the game Endgame: Singularity, as Debian packages them. */
import { existsSync } from 'node:fs';

/** A folder with 16 songs in Ogg Vorbis, three of them below `lose` and `win`. */
export const realSongFolder = '/usr/share/games/singularity/music';
export const realSongCount = 16;

/**
 * Whether tests over real songs run here. On a developer's machine without them they are skipped, by name; where `CI`
 * is set they must be there, so that nobody takes skipped tests for passed ones.
 */
export function hasRealSongs(): boolean {
  if (existsSync(realSongFolder)) return true;
  const remedy = 'Debian: apt-get install singularity-music';
  if (process.env['CI']) throw new Error(`The real songs are missing in ${realSongFolder} (${remedy}).`);
  process.stderr.write(`Skipping tests over real songs: there is no ${realSongFolder} (${remedy}).\n`);
  return false;
}
