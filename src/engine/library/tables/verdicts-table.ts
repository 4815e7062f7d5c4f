/** Verdicts: what a person decided about songs, whether or not any file of theirs is there. */
import type { StoredJudgement } from '../../../shared/judgement.ts';
import { verdictSchema } from '../../../shared/song-query.ts';
import type { Connection } from '../sqlite-connection.ts';

interface VerdictRow {
  verdict: string;
  stars: number;
  note: string;
  changed_at_ms: number;
}

export class VerdictsTable {
  readonly #statements;

  constructor(connection: Connection) {
    this.#statements = prepareStatements(connection);
  }

  /** The judgement of a song, null when nobody has touched it. */
  get(songId: number): StoredJudgement | null {
    const row = this.#statements.select.get({ songId });
    if (row === undefined) return null;
    const { verdict, stars, note, changed_at_ms } = row;
    return { verdict: verdictSchema.parse(verdict), stars, note, changedAtMs: changed_at_ms };
  }

  /**
   * Stores exactly this judgement; null stores that nobody has touched the song.
   *
   * @returns false, and nothing is stored, when there is no such song
   */
  put(songId: number, judgement: StoredJudgement | null): boolean {
    if (judgement === null) {
      this.#statements.delete.run({ songId });
      return true;
    }
    const { verdict, stars, note, changedAtMs } = judgement;
    return this.#statements.upsert.run({ songId, verdict, stars, note, changedAtMs }).changes > 0;
  }
}

function prepareStatements(connection: Connection) {
  return {
    select: connection.statement<{ songId: number }, VerdictRow>(
      `SELECT verdict, stars, note, changed_at_ms FROM verdicts WHERE song_id = @songId`,
    ),
    upsert: connection.statement<StoredJudgement & { songId: number }>(
      `INSERT INTO verdicts (song_id, verdict, stars, note, changed_at_ms)
       SELECT id, @verdict, @stars, @note, @changedAtMs FROM songs WHERE id = @songId
       ON CONFLICT (song_id) DO UPDATE SET
         verdict = excluded.verdict, stars = excluded.stars, note = excluded.note,
         changed_at_ms = excluded.changed_at_ms`,
    ),
    delete: connection.statement<{ songId: number }>(`DELETE FROM verdicts WHERE song_id = @songId`),
  };
}
