/** Turns chosen songs into the entries of an export, each with the file that is to be exported. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ExportEntry } from '../../shared/export-entry.ts';
import { untouchedJudgement } from '../../shared/judgement.ts';
import type { FileRecord } from '../../shared/library.ts';
import type { RankingKey } from '../../shared/song-query.ts';
import type { Library } from '../library/library.ts';
import { requireSong } from './judge-songs.ts';

export interface ExportEntries {
  /** In the order of the songs, ranked from 1. */
  entries: ExportEntry[];
  /** Songs of which no file is there. */
  missing: number[];
}

export interface EntryOptions {
  /** Whose scores are told; left out, that of lists. */
  ranking?: RankingKey | undefined;
  /** Where a copy that an export put into this folder stands for its song, as in a playlist beside the copies. */
  folder?: string | undefined;
}

/**
 * @param songIds in the order of the export; repeated ones count once
 * @throws BangerError `song-unknown`
 */
export function readExportEntries(
  library: Library,
  songIds: readonly number[],
  { ranking, folder }: EntryOptions = {},
): ExportEntries {
  const inUse = library.lists.resolveRanking(ranking);
  const missing: number[] = [];
  const entries: ExportEntry[] = [];
  for (const songId of new Set(songIds)) {
    requireSong(library, songId);
    const path = copyIn(library, songId, folder) ?? ownFileOf(library, songId)?.path;
    if (path === undefined) missing.push(songId);
    else entries.push(readEntry(library, { songId, path, rank: entries.length + 1 }, inUse));
  }
  return { entries, missing };
}

function copyIn(library: Library, songId: number, folder: string | undefined): string | undefined {
  if (folder === undefined) return undefined;
  const copies = library.exportedFiles.ofSong(songId).filter(({ path }) => dirname(path) === folder);
  return copies.find(({ path }) => existsSync(path))?.path;
}

/**
 * The file that stands for a song: one that is there and is no copy that an export made, the first by path. A copy
 * stands in where nothing else is left.
 */
export function ownFileOf(library: Library, songId: number): FileRecord | null {
  const present = library.files.ofSong(songId).filter(({ missingSinceMs }) => missingSinceMs === null);
  return present.find((file) => !isExportedCopy(library, file.path)) ?? present[0] ?? null;
}

/** Whether an export made this file as a copy or link of a song. */
export function isExportedCopy(library: Library, path: string): boolean {
  return library.exportedFiles.byPath(path)?.isOriginal === false;
}

type Ranking = ReturnType<Library['lists']['resolveRanking']>;

function readEntry(
  library: Library,
  place: Pick<ExportEntry, 'songId' | 'path' | 'rank'>,
  ranking: Ranking,
): ExportEntry {
  const { songId } = place;
  const [row] = library.lists.rowsOf([songId], { songIds: [songId] }, ranking ?? undefined);
  const song = library.songs.byId(songId);
  const judgement = library.verdicts.get(songId) ?? untouchedJudgement;
  const score = row?.score ?? null;
  return {
    ...place,
    title: row?.title ?? '',
    artist: row?.artist ?? null,
    album: song?.tags.album ?? null,
    genre: row?.genre ?? null,
    durationSeconds: row?.durationSeconds ?? null,
    score,
    encoder: score === null ? null : (ranking?.encoder ?? null),
    head: score === null ? null : (ranking?.head ?? null),
    isDraft: score !== null && (ranking?.isDraft ?? false),
    verdict: judgement.verdict,
    stars: judgement.stars,
    note: judgement.note,
    tempoBpm: row?.tempoBpm ?? null,
    musicalKey: row?.musicalKey ?? null,
    prompt: row?.prompt ?? null,
    seed: row?.seed ?? null,
  };
}
