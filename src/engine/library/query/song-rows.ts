/** Reads songs as lists show them. */
import path from 'node:path';
import type { Ranking, SongRow } from '../../../shared/song-query.ts';
import { verdictSchema } from '../../../shared/song-query.ts';
import type { Connection } from '../sqlite-connection.ts';
import { flagsFromColumn } from '../tables/song-flags.ts';
import { percentileWithin, type FilteredSongs } from './filtered-songs.ts';
import type { SortedReference } from './reference-setting.ts';

interface StoredRow {
  title: string | null;
  artist: string | null;
  path: string | null;
  score: number | null;
  raw_score: number | null;
  duration_seconds: number | null;
  integrated_lufs: number | null;
  flags: string;
  verdict: string;
  stars: number;
  has_note: number;
  genre: string | null;
  tempo_bpm: number | null;
  musical_key: string | null;
  generator: string | null;
  prompt: string | null;
  seed: string | null;
  added_at_ms: number;
  batch_id: number | null;
  is_missing: number;
}

/** What a row's rank and percentiles refer to. */
export interface RowContext {
  ranking: Ranking | null;
  /** The songs within the filter. */
  songs: FilteredSongs;
  reference: SortedReference | null;
}

export class SongRows {
  readonly #statements;

  constructor(connection: Connection) {
    this.#statements = prepareStatements(connection);
  }

  /** Rows in the order of the ids; ids of songs that are gone are left out. */
  read(songIds: readonly number[], context: RowContext): SongRow[] {
    const spaceId = context.ranking?.spaceId ?? 0;
    const headId = context.ranking?.headId ?? 0;
    return songIds.flatMap((songId) => {
      const row = this.#statements.select.get({ songId, spaceId, headId });
      return row === undefined ? [] : [songRow(songId, row, context)];
    });
  }
}

function prepareStatements(connection: Connection) {
  return {
    select: connection.statement<{ songId: number; spaceId: number; headId: number }, StoredRow>(
      `SELECT title, artist, path, score, raw_score, duration_seconds, integrated_lufs, flags, verdict, stars,
         has_note, genre, list.tempo_bpm, list.musical_key, list.generator, prompt, seed, added_at_ms, batch_id,
         is_missing
       FROM song_list AS list
         LEFT JOIN generations ON generations.song_id = list.song_id
         LEFT JOIN scores ON scores.song_id = list.song_id AND space_id = @spaceId AND head_id = @headId
       WHERE list.song_id = @songId`,
    ),
  };
}

function songRow(id: number, row: StoredRow, { ranking, songs, reference }: RowContext): SongRow {
  const { score } = row;
  return {
    id,
    title: row.title ?? '',
    artist: row.artist,
    path: row.path,
    folder: row.path === null ? null : path.dirname(row.path),
    score,
    rawScore: row.raw_score,
    rank: score === null ? null : songs.rankOf(score),
    percentile: score === null ? null : songs.percentileOf(score),
    referencePercentile:
      score === null || reference === null ? null : percentileWithin(reference.scores, score),
    isDraft: ranking?.isDraft ?? false,
    durationSeconds: row.duration_seconds,
    loudnessLufs: row.integrated_lufs,
    flags: flagsFromColumn(row.flags),
    verdict: verdictSchema.parse(row.verdict),
    stars: row.stars,
    hasNote: row.has_note === 1,
    genre: row.genre,
    tempoBpm: row.tempo_bpm,
    musicalKey: row.musical_key,
    generator: row.generator,
    prompt: row.prompt,
    seed: row.seed,
    addedAtMs: row.added_at_ms,
    batchId: row.batch_id,
    isMissing: row.is_missing === 1,
  };
}
