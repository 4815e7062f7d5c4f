/** Comparisons: which of two songs a person liked better; each one is kept, also of the same two. */
import type { Comparison, ComparisonToRecord } from '../../../shared/comparison.ts';
import { BangerError } from '../../../shared/errors.ts';
import type { Connection } from '../sqlite-connection.ts';

interface ComparisonRow {
  id: number;
  song_a: number;
  song_b: number;
  outcome: Comparison['outcome'];
  is_blind: number;
  compared_at_ms: number;
}

export class ComparisonsTable {
  readonly #connection: Connection;
  readonly #now: () => number;
  readonly #statements;

  constructor(connection: Connection, now: () => number) {
    this.#connection = connection;
    this.#now = now;
    this.#statements = prepareStatements(connection);
  }

  /** @throws BangerError `song-unknown` when one of the songs is not in the library */
  record(comparison: ComparisonToRecord): Comparison {
    return this.#connection.write(() => {
      const { songA, songB, outcome, isBlind } = comparison;
      const comparedAtMs = this.#now();
      const values = { songA, songB, outcome, isBlind: isBlind ? 1 : 0, comparedAtMs } as const;
      const { changes, lastInsertId } = this.#statements.insert.run(values);
      if (changes === 0) throw new BangerError('song-unknown', 'One of the songs is not in the library.');
      return { ...comparison, id: lastInsertId, comparedAtMs };
    });
  }

  /** The newest first. */
  latest(limit: number): Comparison[] {
    return this.#statements.selectLatest.all({ limit }).map(comparisonFromRow);
  }

  /** Those of one song, the newest first. */
  ofSong(songId: number, limit: number): Comparison[] {
    return this.#statements.selectBySong.all({ songId, limit }).map(comparisonFromRow);
  }
}

function prepareStatements(connection: Connection) {
  return {
    insert: connection.statement<
      Omit<ComparisonToRecord, 'isBlind'> & { isBlind: 0 | 1; comparedAtMs: number }
    >(
      `INSERT INTO comparisons (song_a, song_b, outcome, is_blind, compared_at_ms)
       SELECT @songA, @songB, @outcome, @isBlind, @comparedAtMs
       WHERE EXISTS (SELECT 1 FROM songs WHERE id = @songA) AND EXISTS (SELECT 1 FROM songs WHERE id = @songB)`,
    ),
    selectLatest: connection.statement<{ limit: number }, ComparisonRow>(
      `SELECT * FROM comparisons WHERE id > 0 ORDER BY id DESC LIMIT @limit`,
    ),
    selectBySong: connection.statement<{ songId: number; limit: number }, ComparisonRow>(
      `SELECT * FROM comparisons WHERE song_a = @songId OR song_b = @songId ORDER BY id DESC LIMIT @limit`,
    ),
  };
}

function comparisonFromRow(row: ComparisonRow): Comparison {
  return {
    id: row.id,
    songA: row.song_a,
    songB: row.song_b,
    outcome: row.outcome,
    isBlind: row.is_blind === 1,
    comparedAtMs: row.compared_at_ms,
  };
}
