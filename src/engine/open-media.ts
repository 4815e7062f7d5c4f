/** Names the file that plays for a song: its best file, or a converted copy where browsers cannot play the format. */
import { stat } from 'node:fs/promises';
import { BangerError } from '../shared/errors.ts';
import type { FileRecord, SongRecord } from '../shared/library.ts';
import { convertedMimeType, convertForPlaying } from './audio/convert-for-playing.ts';
import { playableMimeType } from './audio/playable-format.ts';
import type { Engine } from './engine.ts';
import type { PlaybackCache } from './playback-cache.ts';

export interface OpenedMedia {
  path: string;
  mimeType: string;
  isConverted: boolean;
}

/** A conversion is many times faster than the song; this is for drives that are very slow. */
const CONVERSION_SECONDS = 120;

/**
 * @throws BangerError `song-unknown`; `file-missing` when none of its files is there; where it has to be converted
 *   also `media-unplayable`, `ffmpeg-missing`, `cancelled`, `disk-full`
 */
export async function openMedia(
  engine: Engine,
  cache: PlaybackCache,
  songId: number,
  signal?: AbortSignal,
): Promise<OpenedMedia> {
  const { songs, files } = engine.library;
  const song = songs.byId(songId);
  if (song === null) {
    throw new BangerError('song-unknown', 'There is no such song in the library.', {
      details: `song ${songId}`,
      nextStep: 'Look it up again: it may have been replaced meanwhile.',
    });
  }
  const path = await findBestFile(files.ofSong(songId));
  const mimeType = playableMimeType(song);
  if (mimeType !== null) return { path, mimeType, isConverted: false };
  const copy = await cache.open(
    nameOf(engine, song),
    async (target, shared) => {
      await convertForPlaying(await engine.findFfmpeg(), path, song, target, {
        signal: shared,
        timeoutSeconds: CONVERSION_SECONDS + (song.durationSeconds ?? 0),
      });
    },
    signal,
  );
  return { path: copy, mimeType: convertedMimeType, isConverted: true };
}

/** The first file that still holds what was scored, else the first that is there at all. */
async function findBestFile(files: readonly FileRecord[]): Promise<string> {
  // Those that were last seen gone come last: a drive may have come back.
  const known = files.toSorted(
    (a, b) => Number(a.missingSinceMs !== null) - Number(b.missingSinceMs !== null),
  );
  let changed: string | null = null;
  for (const file of known) {
    const found = await stat(file.path, { bigint: true }).catch(() => null);
    if (found?.isFile() !== true) continue;
    if (Number(found.size) === file.sizeBytes && found.mtimeNs === file.mtimeNs) return file.path;
    changed ??= file.path;
  }
  if (changed !== null) return changed;
  throw new BangerError('file-missing', 'The file of this song is not there any more.', {
    file: known[0]?.path,
    nextStep: 'Connect its drive, or look where it was moved to.',
  });
}

/** The same for the same audio, whichever library knows it. */
function nameOf(engine: Engine, song: SongRecord): string {
  const [identity] = engine.library.songs.identitiesOf(song.id);
  if (identity === undefined) throw new BangerError('song-unknown', 'This song has lost its identity.');
  return identity.hash;
}
