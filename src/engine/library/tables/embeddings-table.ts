/** Embeddings: what an encoder made of a song, kept so that no song is ever encoded twice. */
import { BangerError } from '../../../shared/errors.ts';
import {
  precisionSchema,
  type EmbeddingBatch,
  type EmbeddingKey,
  type EmbeddingRecord,
  type EmbeddingSpace,
} from '../../../shared/library.ts';
import { decodeVectorInto, encodeVector } from '../float-blob.ts';
import type { Connection } from '../sqlite-connection.ts';
import { corruptLibrary } from '../sqlite-errors.ts';

interface SpaceColumns {
  encoderId: number;
  decodeRecipe: string;
  startSeconds: number;
  lengthSeconds: number;
  precision: string;
}

interface SpaceRow extends SpaceColumns {
  id: number;
  embeddingSize: number;
}

interface EmbeddingRow {
  id: number;
  created_at_ms: number;
  provider: string;
  vector: Buffer;
}

interface BatchRow {
  id: number;
  song_id: number;
  vector: Buffer;
}

export interface BatchOptions {
  /** Rows a batch, 256 unless told. */
  batchSize?: number;
  /** Leave out embeddings that already have a score by this head. */
  withoutScoreByHeadId?: number;
}

/** A space that holds embeddings, with how many. */
export interface CountedSpace {
  space: EmbeddingSpace;
  embeddings: number;
}

export class EmbeddingsTable {
  readonly #connection: Connection;
  readonly #now: () => number;
  readonly #statements;

  constructor(connection: Connection, now: () => number) {
    this.#connection = connection;
    this.#now = now;
    this.#statements = prepareStatements(connection);
  }

  /**
   * The embedding with this key, null when it was never made.
   *
   * @throws BangerError `library-corrupt` when what is stored is not as long as the encoder's embeddings are
   */
  get(key: EmbeddingKey): EmbeddingRecord | null {
    const space = this.#statements.selectSpace.get(spaceColumns(key));
    if (space === undefined) return null;
    const row = this.#statements.select.get({ songId: key.songId, spaceId: space.id });
    if (row === undefined) return null;
    const vector = new Float32Array(space.embeddingSize);
    this.#decodeInto(vector, row);
    return { id: row.id, vector, provider: row.provider, createdAtMs: row.created_at_ms };
  }

  /**
   * Stores an embedding. When two processes finish the same one, the first stays, since scores may already
   * have been made from it.
   *
   * @param vector as long as the encoder's embedding size, all values finite
   * @param provider the execution provider that made it
   * @returns the id of the embedding that the library has now
   * @throws BangerError `inference-failed` for NaN or infinite values, `checkpoint-mismatch` for a wrong length,
   *   `library-failed` for a song or encoder that the library does not know
   */
  put(key: EmbeddingKey, vector: Float32Array, provider: string): number {
    return this.#store(key, vector, provider, 'keep');
  }

  /** Stores an embedding in place of one that is there, whose scores are dropped with it; otherwise like `put`. */
  replace(key: EmbeddingKey, vector: Float32Array, provider: string): number {
    return this.#store(key, vector, provider, 'replace');
  }

  /** All spaces that hold embeddings, in the order in which they were first used. */
  spaces(): CountedSpace[] {
    return this.#statements.countSpaces.all({}).map((row) => ({
      space: {
        encoderId: row.encoderId,
        decodeRecipe: row.decodeRecipe,
        window: { startSeconds: row.startSeconds, lengthSeconds: row.lengthSeconds },
        precision: precisionSchema.parse(row.precision),
      },
      embeddings: row.embeddings,
    }));
  }

  /**
   * Goes through all embeddings of a space in the order in which they lie on disk, a batch at a time. No
   * transaction stays open between batches: what is added meanwhile is met too, and writing scores is fine.
   *
   * @throws BangerError `library-corrupt` when a stored vector has the wrong length
   */
  *batches(space: EmbeddingSpace, options: BatchOptions = {}): Generator<EmbeddingBatch, void, undefined> {
    const { batchSize = 256, withoutScoreByHeadId = null } = options;
    const known = this.#statements.selectSpace.get(spaceColumns(space));
    if (known === undefined) return;
    const select =
      withoutScoreByHeadId === null ? this.#statements.selectBatch : this.#statements.selectUnscoredBatch;
    for (let afterId = 0; ;) {
      const rows = select.all({ spaceId: known.id, afterId, batchSize, headId: withoutScoreByHeadId });
      const last = rows.at(-1);
      if (last === undefined) return;
      afterId = last.id;
      yield this.#batchFromRows(rows, known.embeddingSize);
    }
  }

  #store(key: EmbeddingKey, vector: Float32Array, provider: string, conflict: 'keep' | 'replace'): number {
    const blob = encodeVector(vector);
    return this.#connection.write(() => {
      const space = this.#findOrCreateSpace(key);
      if (vector.length !== space.embeddingSize) {
        throw new BangerError('checkpoint-mismatch', 'The encoder gave an embedding of the wrong length.', {
          details: `${vector.length} values instead of ${space.embeddingSize}`,
        });
      }
      const { songId } = key;
      const found = this.#statements.selectId.get({ songId, spaceId: space.id });
      if (found !== undefined && conflict === 'keep') return found.id;
      if (found !== undefined) this.#statements.delete.run({ id: found.id });
      const row = { songId, spaceId: space.id, now: this.#now(), provider, vector: blob };
      return this.#statements.insert.run(row).lastInsertId;
    });
  }

  #findOrCreateSpace(space: EmbeddingSpace): SpaceRow {
    const columns = spaceColumns(space);
    const known = this.#statements.selectSpace.get(columns);
    if (known !== undefined) return known;
    this.#statements.insertSpace.run(columns);
    const added = this.#statements.selectSpace.get(columns);
    if (added === undefined)
      throw new BangerError('library-failed', 'An embedding space could not be stored.');
    return added;
  }

  #batchFromRows(rows: readonly BatchRow[], embeddingSize: number): EmbeddingBatch {
    const vectors = new Float32Array(rows.length * embeddingSize);
    rows.forEach((row, index) => {
      this.#decodeInto(vectors.subarray(index * embeddingSize, (index + 1) * embeddingSize), row);
    });
    return { embeddingIds: rows.map(({ id }) => id), songIds: rows.map((row) => row.song_id), vectors };
  }

  #decodeInto(target: Float32Array, { id, vector }: { id: number; vector: Buffer }): void {
    if (decodeVectorInto(vector, target)) return;
    throw corruptLibrary(
      this.#connection.file,
      `embedding ${id} has ${vector.byteLength} bytes instead of ${target.byteLength}`,
    );
  }
}

function prepareStatements(connection: Connection) {
  const selectBatch = `SELECT id, song_id, vector FROM embeddings WHERE space_id = @spaceId AND id > @afterId`;
  interface BatchParameters {
    spaceId: number;
    afterId: number;
    batchSize: number;
    headId: number | null;
  }
  return {
    selectSpace: connection.statement<SpaceColumns, SpaceRow>(
      `SELECT embedding_spaces.id, encoder_id AS encoderId, decode_recipe AS decodeRecipe,
         window_start_seconds AS startSeconds, window_length_seconds AS lengthSeconds, precision,
         embedding_size AS embeddingSize
       FROM embedding_spaces JOIN encoders ON encoders.id = encoder_id
       WHERE encoder_id = @encoderId AND decode_recipe = @decodeRecipe AND window_start_seconds = @startSeconds
         AND window_length_seconds = @lengthSeconds AND precision = @precision`,
    ),
    insertSpace: connection.statement<SpaceColumns>(
      `INSERT INTO embedding_spaces (
         encoder_id, decode_recipe, window_start_seconds, window_length_seconds, precision
       ) VALUES (@encoderId, @decodeRecipe, @startSeconds, @lengthSeconds, @precision)`,
    ),
    countSpaces: connection.statement<object, SpaceColumns & { embeddings: number }>(
      `SELECT encoder_id AS encoderId, decode_recipe AS decodeRecipe, window_start_seconds AS startSeconds,
         window_length_seconds AS lengthSeconds, precision, counted.embeddings
       FROM (SELECT space_id, count(*) AS embeddings FROM embeddings GROUP BY space_id) AS counted
       JOIN embedding_spaces ON embedding_spaces.id = counted.space_id
       ORDER BY embedding_spaces.id`,
    ),
    select: connection.statement<{ songId: number; spaceId: number }, EmbeddingRow>(
      `SELECT id, created_at_ms, provider, vector FROM embeddings
       WHERE song_id = @songId AND space_id = @spaceId`,
    ),
    selectId: connection.statement<{ songId: number; spaceId: number }, { id: number }>(
      `SELECT id FROM embeddings WHERE song_id = @songId AND space_id = @spaceId`,
    ),
    insert: connection.statement<{
      songId: number;
      spaceId: number;
      now: number;
      provider: string;
      vector: Uint8Array;
    }>(
      `INSERT INTO embeddings (song_id, space_id, created_at_ms, provider, vector)
       VALUES (@songId, @spaceId, @now, @provider, @vector)`,
    ),
    delete: connection.statement<{ id: number }>(`DELETE FROM embeddings WHERE id = @id`),
    selectBatch: connection.statement<BatchParameters, BatchRow>(
      `${selectBatch} ORDER BY id LIMIT @batchSize`,
    ),
    selectUnscoredBatch: connection.statement<BatchParameters, BatchRow>(
      `${selectBatch} AND NOT EXISTS (
         SELECT 1 FROM scores WHERE scores.embedding_id = embeddings.id AND scores.head_id = @headId
       ) ORDER BY id LIMIT @batchSize`,
    ),
  };
}

function spaceColumns({ encoderId, decodeRecipe, window, precision }: EmbeddingSpace): SpaceColumns {
  return {
    encoderId,
    decodeRecipe,
    startSeconds: window.startSeconds,
    lengthSeconds: window.lengthSeconds,
    precision,
  };
}
