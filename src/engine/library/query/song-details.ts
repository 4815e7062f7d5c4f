/** Collects everything that the library knows about one song. */
import { BangerError } from '../../../shared/errors.ts';
import type { FileRecord } from '../../../shared/library.ts';
import type { SongDetails } from '../../../shared/song-details.ts';
import type { Library } from '../library.ts';

/** @throws BangerError `song-unknown` */
export function readSongDetails(library: Library, songId: number): SongDetails {
  const song = library.songs.byId(songId);
  const [row] = library.lists.rowsOf([songId], { missing: 'shown' });
  if (song === null || row === undefined) {
    throw new BangerError('song-unknown', 'There is no such song in the library.', {
      details: `song ${songId}`,
      nextStep: 'Look it up again: it may have been replaced meanwhile.',
    });
  }
  const { tags, container, codec, sampleRateHz, channels, loudness } = song;
  return {
    row,
    album: tags.album ?? null,
    comment: tags.comment ?? null,
    container,
    codec,
    sampleRateHz,
    channels,
    truePeakDbtp: loudness?.truePeakDbtp ?? null,
    files: library.files.ofSong(songId).map(fileDetails),
    identityCount: library.songs.identitiesOf(songId).length,
    generation: library.generations.ofSong(songId),
    soundAnalysis: library.soundAnalyses.ofSong(songId),
    judgement: library.verdicts.get(songId),
    plays: library.plays.ofSong(songId),
    scores: library.rankings.list().flatMap((ranking) => {
      const score = library.scores.inRanking(songId, ranking);
      return score === null ? [] : [{ ranking, ...score }];
    }),
  };
}

function fileDetails(file: FileRecord): SongDetails['files'][number] {
  return {
    path: file.path,
    sizeBytes: file.sizeBytes,
    modifiedAtMs: Number(file.mtimeNs / 1_000_000n),
    firstSeenAtMs: file.firstSeenAtMs,
    lastSeenAtMs: file.lastSeenAtMs,
    missingSinceMs: file.missingSinceMs,
    flags: file.flags,
    failure: file.failure?.error ?? null,
  };
}
