/** Scores: what a head made of an embedding. */
import { BangerError } from '../../../shared/errors.ts';
import type { EmbeddingKey, EmbeddingSpace, Score, SongScore } from '../../../shared/library.ts';
import type { RankingKey } from '../../../shared/song-query.ts';
import type { Connection } from '../sqlite-connection.ts';
import type { ChangesTable } from './changes-table.ts';
import type { RankingsTable } from './rankings-table.ts';
import type { SpacesTable } from './spaces-table.ts';

interface ScorePlace {
  songId: number;
  spaceId: number;
  headId: number;
}

/** The tables that scores refer to, or that tell of them. */
export interface ScoresContext {
  spaces: SpacesTable;
  rankings: RankingsTable;
  changes: ChangesTable;
}

export class ScoresTable {
  readonly #connection: Connection;
  readonly #spaces: SpacesTable;
  readonly #rankings: RankingsTable;
  readonly #changes: ChangesTable;
  readonly #now: () => number;
  readonly #statements;

  constructor(connection: Connection, { spaces, rankings, changes }: ScoresContext, now: () => number) {
    this.#connection = connection;
    this.#spaces = spaces;
    this.#rankings = rankings;
    this.#changes = changes;
    this.#now = now;
    this.#statements = prepareStatements(connection);
  }

  /** The score that a head gave to an embedding, null when it gave none yet. */
  get(key: EmbeddingKey, headId: number): Score | null {
    const space = this.#spaces.find(key);
    if (space === null) return null;
    return this.#statements.select.get({ songId: key.songId, spaceId: space.id, headId }) ?? null;
  }

  /** The score of a song in a ranking, null where it has none. */
  inRanking(songId: number, { spaceId, headId }: RankingKey): Score | null {
    return this.#statements.select.get({ songId, spaceId, headId }) ?? null;
  }

  /** Stores one score, in place of an earlier one by the same head. Throws as `putAll` does. */
  put(key: EmbeddingKey, headId: number, score: Score): void {
    this.putAll(key, headId, [{ ...score, songId: key.songId }]);
  }

  /**
   * Stores the scores that a head gave to embeddings of one space: all of them, or none when it throws.
   *
   * @throws BangerError `inference-failed` for a score that is not a finite number, `library-failed` for an
   *   embedding or head that the library does not know
   */
  putAll(space: EmbeddingSpace, headId: number, scores: Iterable<SongScore>): void {
    this.#connection.write(() => {
      const { id: spaceId } = this.#spaces.findOrCreate(space);
      const now = this.#now();
      let changes = 0;
      for (const { songId, rawScore, score } of scores) {
        if (!Number.isFinite(rawScore) || !Number.isFinite(score)) {
          throw new BangerError('inference-failed', 'The head gave a score that is not a finite number.', {
            nextStep: 'Check the head’s checkpoint.',
          });
        }
        changes += this.#statements.upsert.run({ songId, spaceId, headId, rawScore, score, now }).changes;
      }
      const isAnother = this.#rankings.markUsed({ spaceId, headId });
      if (changes > 0 || isAnother) this.#changes.bump('songs');
    });
  }

  /** Notes that songs are scored by this head from now on, though all of them may have their score already. */
  markUsed(space: EmbeddingSpace, headId: number): void {
    this.putAll(space, headId, []);
  }
}

function prepareStatements(connection: Connection) {
  return {
    select: connection.statement<ScorePlace, Score>(
      `SELECT raw_score AS rawScore, score FROM scores
       WHERE song_id = @songId AND space_id = @spaceId AND head_id = @headId`,
    ),
    // An equal score is left alone, so that repeating a run writes nothing.
    upsert: connection.statement<ScorePlace & Score & { now: number }>(
      `INSERT INTO scores (song_id, space_id, head_id, raw_score, score, created_at_ms)
       VALUES (@songId, @spaceId, @headId, @rawScore, @score, @now)
       ON CONFLICT (song_id, space_id, head_id) DO UPDATE SET
         raw_score = excluded.raw_score, score = excluded.score, created_at_ms = excluded.created_at_ms
       WHERE raw_score <> excluded.raw_score OR score <> excluded.score`,
    ),
  };
}
