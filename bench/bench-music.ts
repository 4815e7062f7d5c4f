/** Songs for benches: the music of free games where it is installed, else made ones. */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { findFfmpeg } from '../src/engine/audio/find-ffmpeg.ts';
import { collectFiles } from '../src/engine/scoring/collect-files.ts';

/** Where Debian's packages put them: singularity-music, wesnoth-music, warzone2100-music, asc-music. */
const musicFolders = ['singularity/music', 'wesnoth', 'warzone2100', 'asc/music'].map((folder) =>
  join('/usr/share/games', folder),
);
/** Smaller files are sounds, not songs. */
const SMALLEST_BYTES = 800_000;
const MADE_SECONDS = 150;

/**
 * So many songs, spread over what there is.
 *
 * @param folder a folder to take them from; the games' music by default
 */
export async function findBenchSongs(count: number, folder?: string): Promise<string[]> {
  const folders = folder === undefined ? musicFolders.filter((path) => existsSync(path)) : [folder];
  const { files } = await collectFiles(folders);
  const songs = files.filter((file) => statSync(file).size >= SMALLEST_BYTES);
  if (songs.length === 0) return makeSongs(count);
  const step = Math.max(1, songs.length / count);
  return Array.from(
    { length: Math.min(count, songs.length) },
    (_, place) => songs[Math.floor(place * step)],
  ).filter((song) => song !== undefined);
}

/** Songs of moving tones in Ogg Vorbis, once only. */
async function makeSongs(count: number): Promise<string[]> {
  const folder = join(tmpdir(), 'banger-bench', 'songs');
  mkdirSync(folder, { recursive: true });
  const { path } = await findFfmpeg();
  const songs = Array.from({ length: count }, (_, place) => join(folder, `song-${place}.ogg`));
  for (const [place, song] of songs.entries()) {
    if (existsSync(song)) continue;
    const tone = `sin(${300 + 90 * place}*t*(1+0.02*sin(${place + 1}*t)))*(0.6+0.4*sin(${3 + place}*t))`;
    const source = `aevalsrc=${tone}|${tone}*0.8:s=44100:d=${MADE_SECONDS}`;
    await execa(path, ['-loglevel', 'error', '-y', '-f', 'lavfi', '-i', source, song]);
  }
  return songs;
}
