/** Which files a generator writes beside a song, and which songs such a file speaks of. */
import { basename, dirname, join, parse } from 'node:path';
import { sharedRecordFolders } from './shared-records.ts';

/** What ACE-Step 1 puts behind the name of a song. */
const inputParamsEnd = '_input_params.json';

/** Records that speak of all songs of a folder. */
const paramsFile = 'params.json';
const resultsFile = 'results.json';

export type SidecarKind = 'own' | 'params' | 'results';

export interface Sidecar {
  path: string;
  kind: SidecarKind;
}

/** Where the generation parameters of a song may stand, the most telling first; most of these do not exist. */
export function generationSidecars(songPath: string): Sidecar[] {
  const { dir, base, name } = parse(songPath);
  return [
    { path: join(dir, `${name}${inputParamsEnd}`), kind: 'own' },
    { path: join(dir, `${name}.json`), kind: 'own' },
    { path: join(dir, `${base}.json`), kind: 'own' },
    { path: join(dir, paramsFile), kind: 'params' },
    ...sharedRecordFolders(songPath).map((folder) => ({
      path: join(folder, resultsFile),
      kind: 'results' as const,
    })),
  ];
}

/** The paths of `generationSidecars`: when one of these changes, the song’s parameters are to be read again. */
export function sidecarPaths(songPath: string): string[] {
  return generationSidecars(songPath).map(({ path }) => path);
}

/** Which songs a sidecar speaks of. */
export interface SidecarSongs {
  folder: string;
  /** The songs’ file name without its extension, null for every song in the folder. */
  stem: string | null;
  /** Whether songs in folders directly below may be meant as well. */
  reachesBelow: boolean;
}

/** Which songs are to be read again when a file changes; null for a file that is no sidecar of songs. */
export function songsOfSidecar(path: string): SidecarSongs | null {
  const folder = dirname(path);
  const base = basename(path);
  if (!base.toLowerCase().endsWith('.json')) return null;
  if (base === paramsFile) return { folder, stem: null, reachesBelow: false };
  if (base === resultsFile) return { folder, stem: null, reachesBelow: true };
  const stem = base.endsWith(inputParamsEnd) ? base.slice(0, -inputParamsEnd.length) : parse(base).name;
  // `song.wav.json` speaks of `song.wav`.
  const withoutAudioEnd = /^(.+)\.(?:wav|mp3|flac|ogg|opus|m4a|aac|aiff?|wma|webm|mp4|wv)$/i.exec(stem)?.[1];
  return { folder, stem: withoutAudioEnd ?? stem, reachesBelow: false };
}
