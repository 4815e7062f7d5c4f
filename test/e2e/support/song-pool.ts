/** Real songs to fill a library with: the first minute of songs that Debian packages, each with a generator's record. */
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { aceStep15Record } from '../../support/generator-records.ts';
import { ffmpeg } from '../../support/make-audio.ts';
import { realMp3Folder, realSongFolder } from '../../support/real-songs.ts';

/** A song of the pool and what its made-up record says. */
export interface PoolSong {
  source: string;
  /** Below the folder of songs. */
  file: string;
  caption: string;
  seed: number;
  bpm: number;
  keyscale: string;
}

/** How much of a song is taken: longer than what is scored, short enough to measure quickly. */
const excerptSeconds = 40;
/** A whole second, so that every copy can carry it exactly. */
const changedAt = new Date(Date.UTC(2026, 10, 20, 3, 0, 0));

const song = (
  source: string,
  folder: string,
  caption: string,
  [seed, bpm, keyscale]: [number, number, string],
): PoolSong => ({
  source,
  file: path.join(folder, path.basename(source)),
  caption,
  seed,
  bpm,
  keyscale,
});
const ogg = (name: string) => path.join(realSongFolder, `${name}.ogg`);

/** Fourteen songs of two nights. */
export const poolSongs: readonly PoolSong[] = [
  song(ogg('Enemy Unknown'), 'night 1', 'dark synthwave, driving bass', [4101, 118, 'F# minor']),
  song(ogg('Media Threat'), 'night 1', 'glitch hop, tense strings', [4102, 96, 'D minor']),
  song(ogg('A New Journey'), 'night 1', 'uplifting ambient, wide pads', [4103, 84, 'C major']),
  song(ogg('Through Space'), 'night 1', 'uplifting ambient, wide pads', [4104, 84, 'C major']),
  song(ogg('Inevitable'), 'night 1', 'slow piano, rain, melancholy', [4105, 72, 'A minor']),
  song(ogg('Nebula'), 'night 1', 'drone, deep space, choir', [4106, 60, 'E minor']),
  song(path.join(realMp3Folder, 'frontiers.mp3'), 'night 1', 'orchestral march', [4107, 110, 'G major']),
  song(ogg('Coherence'), 'night 2', 'minimal techno, warehouse', [5201, 128, 'A minor']),
  song(ogg('Aberrations'), 'night 2', 'industrial, broken drums', [5202, 140, 'B minor']),
  song(ogg('Deprecation'), 'night 2', 'lo-fi beats, tape hiss', [5203, 78, 'F major']),
  song(ogg('By-Product'), 'night 2', 'lo-fi beats, tape hiss', [5204, 78, 'F major']),
  song(ogg('Orbital Elevator'), 'night 2', 'cinematic, rising strings', [5205, 90, 'Eb major']),
  song(ogg('Awakening'), 'night 2', 'warm pads, slow dawn', [5206, 66, 'Bb major']),
  song(ogg('Advanced Simulacra'), 'night 2', 'experimental, sparse bells', [5207, 54, 'C# minor']),
];

/** Writes the songs into a folder. Audio is copied as it is encoded, so it is the real thing. */
export async function writeSongs(folder: string, songs: readonly PoolSong[] = poolSongs): Promise<void> {
  for (const song of songs) await writeSong(path.join(folder, song.file), song);
}

/**
 * Writes one excerpt with its record.
 *
 * @param tags further tags, such as a title
 * @param startSeconds where it begins: another excerpt is another song
 */
export async function writeSong(
  file: string,
  { source, caption, seed, bpm, keyscale }: PoolSong,
  tags: Readonly<Record<string, string>> = {},
  startSeconds = 15,
): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const metadata = Object.entries(tags).flatMap(([name, value]) => ['-metadata:s:a:0', `${name}=${value}`]);
  await ffmpeg(
    '-ss',
    String(startSeconds),
    '-i',
    source,
    '-t',
    String(excerptSeconds),
    '-c',
    'copy',
    ...metadata,
    file,
  );
  const record = { ...aceStep15Record, caption, seed, bpm, keyscale, cot_bpm: bpm, cot_keyscale: keyscale };
  await writeFile(file.replace(/\.\w+$/, '.json'), JSON.stringify(record));
  await utimes(file, changedAt, changedAt);
}
