/** Turns an order of songs into SQL over `song_list AS list`. */
import type { SongSort, SongSortColumn } from '../../../shared/song-query.ts';

/** Columns of the list itself; scores are put in order by their own index. */
type PlainColumn = Exclude<SongSortColumn, 'score'>;

const expressions: Record<PlainColumn, string> = {
  title: 'list.title',
  artist: 'list.artist',
  path: 'list.path',
  duration: 'list.duration_seconds',
  loudness: 'list.integrated_lufs',
  added: 'list.added_at_ms',
  // From rejected over undecided to kept.
  verdict: "CASE list.verdict WHEN 'reject' THEN 0 WHEN 'undecided' THEN 1 ELSE 2 END",
  stars: 'list.stars',
  tempo: 'list.tempo_bpm',
  key: 'list.musical_key COLLATE NOCASE',
  genre: 'list.genre COLLATE NOCASE',
  batch: '(SELECT started_at_ms FROM batches WHERE batches.id = list.batch_id)',
  generator: 'list.generator COLLATE NOCASE',
};

/** The terms after ORDER BY: songs without a value last, equal ones by id, so that the order is always the same. */
export function orderSql(column: PlainColumn, direction: SongSort['direction']): string {
  return `${expressions[column]} ${direction === 'ascending' ? 'ASC' : 'DESC'} NULLS LAST, list.song_id`;
}
