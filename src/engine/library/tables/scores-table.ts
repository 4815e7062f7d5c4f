/** Scores: what a head made of an embedding. */
import { BangerError } from '../../../shared/errors.ts';
import type { Score, ScoreKey } from '../../../shared/library.ts';
import type { Connection } from '../sqlite-connection.ts';

export class ScoresTable {
  readonly #connection: Connection;
  readonly #now: () => number;
  readonly #statements;

  constructor(connection: Connection, now: () => number) {
    this.#connection = connection;
    this.#now = now;
    this.#statements = prepareStatements(connection);
  }

  /** The score of an embedding by a head, null when it was never made. */
  get(key: ScoreKey): Score | null {
    return this.#statements.select.get(key) ?? null;
  }

  /** Stores one score, in place of an earlier one by the same head. Throws as `putAll` does. */
  put(key: ScoreKey, score: Score): void {
    this.putAll([{ ...key, ...score }]);
  }

  /**
   * Stores many scores, all or none.
   *
   * @throws BangerError `inference-failed` for a score that is not a finite number, `library-failed` for an
   *   embedding or head that the library does not know
   */
  putAll(scores: Iterable<ScoreKey & Score>): void {
    this.#connection.write(() => {
      const now = this.#now();
      for (const { embeddingId, headId, rawScore, score } of scores) {
        if (!Number.isFinite(rawScore) || !Number.isFinite(score)) {
          throw new BangerError('inference-failed', 'The head gave a score that is not a finite number.', {
            nextStep: 'Check the head’s checkpoint.',
          });
        }
        this.#statements.upsert.run({ embeddingId, headId, rawScore, score, now });
      }
    });
  }
}

function prepareStatements(connection: Connection) {
  return {
    select: connection.statement<ScoreKey, Score>(
      `SELECT raw_score AS rawScore, score FROM scores
       WHERE embedding_id = @embeddingId AND head_id = @headId`,
    ),
    // An equal score is left alone, so that repeating a run writes nothing.
    upsert: connection.statement<ScoreKey & Score & { now: number }>(
      `INSERT INTO scores (embedding_id, head_id, raw_score, score, created_at_ms)
       VALUES (@embeddingId, @headId, @rawScore, @score, @now)
       ON CONFLICT (embedding_id, head_id) DO UPDATE SET
         raw_score = excluded.raw_score, score = excluded.score, created_at_ms = excluded.created_at_ms
       WHERE raw_score <> excluded.raw_score OR score <> excluded.score`,
    ),
  };
}
