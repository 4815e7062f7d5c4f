/** Rankings: the pairs of embedding space and head that have scores, and which of them counts unless told. */
import { precisionSchema } from '../../../shared/library.ts';
import type { Ranking, RankingKey } from '../../../shared/song-query.ts';
import type { Connection } from '../sqlite-connection.ts';

interface RankingRow {
  space_id: number;
  head_id: number;
  encoder: string;
  encoder_label: string;
  head: string;
  head_label: string;
  precision: string;
  window_start_seconds: number;
  window_length_seconds: number;
  is_draft: number;
  song_count: number;
  last_used_at_ms: number;
}

export class RankingsTable {
  readonly #now: () => number;
  readonly #statements;

  constructor(connection: Connection, now: () => number) {
    this.#now = now;
    this.#statements = prepareStatements(connection);
  }

  /** All rankings that hold scores, the one used last first. */
  list(): Ranking[] {
    return this.#statements.selectAll
      .all({})
      .filter(({ song_count }) => song_count > 0)
      .map(rankingFromRow);
  }

  /** A ranking by its key, null when it holds no scores. */
  find(key: RankingKey): Ranking | null {
    const { spaceId, headId } = key;
    const row = this.#statements.select.get({ spaceId, headId });
    return row === undefined || row.song_count === 0 ? null : rankingFromRow(row);
  }

  /** The one used last among those that are no drafts, else the draft used last; null while there are no scores. */
  findDefault(): Ranking | null {
    const key = this.#statements.selectDefault.get({});
    return key === undefined ? null : this.find(key);
  }

  /**
   * Notes that scores of this ranking are being made or asked for anew.
   *
   * @returns whether another one was used last before
   */
  markUsed({ spaceId, headId }: RankingKey): boolean {
    const latest = this.#statements.selectLatest.get({});
    this.#statements.upsert.run({ spaceId, headId, now: this.#now() });
    return latest?.spaceId !== spaceId || latest.headId !== headId;
  }
}

function prepareStatements(connection: Connection) {
  const selectRanking = `
    SELECT rankings.space_id, rankings.head_id, encoders.name AS encoder, encoders.label AS encoder_label,
      heads.name AS head, heads.label AS head_label, precision, window_start_seconds, window_length_seconds,
      encoders.is_draft, last_used_at_ms,
      (SELECT count(*) FROM scores
       WHERE scores.head_id = rankings.head_id AND scores.space_id = rankings.space_id) AS song_count
    FROM rankings
      JOIN embedding_spaces ON embedding_spaces.id = rankings.space_id
      JOIN encoders ON encoders.id = embedding_spaces.encoder_id
      JOIN heads ON heads.id = rankings.head_id`;
  return {
    selectAll: connection.statement<object, RankingRow>(
      `${selectRanking} ORDER BY last_used_at_ms DESC, rankings.space_id DESC, rankings.head_id DESC`,
    ),
    select: connection.statement<RankingKey, RankingRow>(
      `${selectRanking} WHERE rankings.space_id = @spaceId AND rankings.head_id = @headId`,
    ),
    selectDefault: connection.statement<object, RankingKey>(
      `SELECT rankings.space_id AS spaceId, rankings.head_id AS headId
       FROM rankings
         JOIN embedding_spaces ON embedding_spaces.id = rankings.space_id
         JOIN encoders ON encoders.id = embedding_spaces.encoder_id
       WHERE EXISTS (SELECT 1 FROM scores
         WHERE scores.head_id = rankings.head_id AND scores.space_id = rankings.space_id)
       ORDER BY is_draft, last_used_at_ms DESC, rankings.space_id DESC, rankings.head_id DESC LIMIT 1`,
    ),
    selectLatest: connection.statement<object, RankingKey>(
      `SELECT space_id AS spaceId, head_id AS headId FROM rankings
       ORDER BY last_used_at_ms DESC, space_id DESC, head_id DESC LIMIT 1`,
    ),
    upsert: connection.statement<RankingKey & { now: number }>(
      `INSERT INTO rankings (space_id, head_id, last_used_at_ms) VALUES (@spaceId, @headId, @now)
       ON CONFLICT (space_id, head_id) DO UPDATE SET last_used_at_ms = excluded.last_used_at_ms`,
    ),
  };
}

function rankingFromRow(row: RankingRow): Ranking {
  return {
    spaceId: row.space_id,
    headId: row.head_id,
    encoder: row.encoder,
    encoderLabel: row.encoder_label,
    head: row.head,
    headLabel: row.head_label,
    precision: precisionSchema.parse(row.precision),
    windowStartSeconds: row.window_start_seconds,
    windowLengthSeconds: row.window_length_seconds,
    isDraft: row.is_draft === 1,
    songCount: row.song_count,
    lastUsedAtMs: row.last_used_at_ms,
  };
}
