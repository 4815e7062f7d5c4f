/** The songs of one ranking in order, held in memory while nothing changes: where every list by score begins. */
import type { RankingKey } from '../../../shared/song-query.ts';
import type { Connection } from '../sqlite-connection.ts';

/** Songs with a score, best first, equal ones in order of song id; both lists go together. */
export interface RankedSongs {
  ids: Int32Array;
  scores: Float64Array;
}

/** Reads a ranking from the index that holds it in order; 20 ms for 100,000 songs. */
export function readRankedSongs(connection: Connection, ranking: RankingKey | null): RankedSongs {
  if (ranking === null) return { ids: new Int32Array(), scores: new Float64Array() };
  const { spaceId, headId } = ranking;
  const inOrder = (column: string) =>
    connection.values<number>(
      `SELECT ${column} FROM scores WHERE head_id = @headId AND space_id = @spaceId
       ORDER BY score DESC, song_id`,
      { spaceId, headId },
    );
  return { ids: Int32Array.from(inOrder('song_id')), scores: Float64Array.from(inOrder('score')) };
}
