/** Embeddings: what an encoder made of a song, kept so that no song is ever encoded twice. */
import { z } from 'zod';
import { BangerError } from '../../../shared/errors.ts';
import type {
  EmbeddingBatch,
  EmbeddingKey,
  EmbeddingRecord,
  EmbeddingSpace,
} from '../../../shared/library.ts';
import { decodeVectorInto, encodeVector } from '../float-blob.ts';
import type { Connection } from '../sqlite-connection.ts';
import { corruptLibrary } from '../sqlite-errors.ts';
import type { CountedSpace, SpacesTable } from './spaces-table.ts';

interface EmbeddingRow {
  created_at_ms: number;
  provider: string;
  vector: Buffer;
}

/** Several rows in one; all null but the ids where there are none. */
interface JoinedRows {
  last_id: number | null;
  /** JSON array. */
  song_ids: string;
  /** The vectors one after another. */
  vectors: Buffer;
  /** Bytes of the shortest and of the longest of them. */
  shortest: number;
  longest: number;
}

const joinedIdsSchema = z.array(z.int());

export interface BatchOptions {
  /** Rows a batch, 512 unless told. */
  batchSize?: number;
  /** Leave out songs that already have a score by this head in this space. */
  withoutScoreByHeadId?: number;
}

/** Goes through the embeddings of a space. */
export interface EmbeddingReader {
  /** Length of each embedding, 0 for a space that holds none. */
  embeddingSize: number;
  /**
   * Reads the next embeddings into rows of an array, row-major.
   *
   * @returns the songs that they belong to, at most `count`; none at the end
   * @throws BangerError `library-corrupt` when a stored vector has the wrong length
   */
  read(target: Float32Array, firstRow: number, count: number): number[];
}

export class EmbeddingsTable {
  readonly #connection: Connection;
  readonly #spaces: SpacesTable;
  readonly #now: () => number;
  readonly #statements;

  constructor(connection: Connection, spaces: SpacesTable, now: () => number) {
    this.#connection = connection;
    this.#spaces = spaces;
    this.#now = now;
    this.#statements = prepareStatements(connection);
  }

  /**
   * The embedding with this key, null when it was never made.
   *
   * @throws BangerError `library-corrupt` when what is stored is not as long as the encoder's embeddings are
   */
  get(key: EmbeddingKey): EmbeddingRecord | null {
    const space = this.#spaces.find(key);
    if (space === null) return null;
    const row = this.#statements.select.get({ songId: key.songId, spaceId: space.id });
    if (row === undefined) return null;
    const vector = new Float32Array(space.embeddingSize);
    this.#decodeInto(vector, row.vector, key.songId);
    return { vector, provider: row.provider, createdAtMs: row.created_at_ms };
  }

  /**
   * Stores an embedding. When two processes finish the same one, the first stays, since scores may already
   * have been made from it.
   *
   * @param vector as long as the encoder's embedding size, all values finite
   * @param provider the execution provider that made it
   * @returns whether this one was stored; false when there was one
   * @throws BangerError `inference-failed` for NaN or infinite values, `checkpoint-mismatch` for a wrong length,
   *   `library-failed` for a song or encoder that the library does not know
   */
  put(key: EmbeddingKey, vector: Float32Array, provider: string): boolean {
    return this.#store(key, vector, provider, 'keep');
  }

  /** Stores an embedding in place of one that is there, whose scores are dropped with it; otherwise like `put`. */
  replace(key: EmbeddingKey, vector: Float32Array, provider: string): void {
    this.#store(key, vector, provider, 'replace');
  }

  /** What a space's id stands for, null when there is no such space. */
  spaceById(spaceId: number): EmbeddingSpace | null {
    return this.#spaces.byId(spaceId);
  }

  /**
   * How many embeddings a space holds.
   *
   * @param withoutScoreByHeadId leaves out those that have a score by this head
   */
  count(space: EmbeddingSpace, withoutScoreByHeadId?: number): number {
    const known = this.#spaces.find(space);
    if (known === null) return 0;
    const counts = this.#statements.count.get({ spaceId: known.id, headId: withoutScoreByHeadId ?? 0 });
    return counts === undefined ? 0 : counts.embeddings - counts.scores;
  }

  /**
   * Songs with an embedding in a space, spread evenly over the order in which these were made: all of them where
   * there are no more than asked for.
   */
  sampleSongIds(spaceId: number, maximumCount: number): number[] {
    return this.#statements.sampleSongIds.all({ spaceId, maximumCount }).map(({ song_id }) => song_id);
  }

  /** All spaces that hold embeddings, in the order in which they were first used. */
  spaces(): CountedSpace[] {
    return this.#spaces.count();
  }

  /**
   * Goes through all embeddings of a space in the order in which they lie on disk, a batch at a time. No
   * transaction stays open between batches: what is added meanwhile is met too, and writing scores is fine.
   *
   * @throws BangerError `library-corrupt` when a stored vector has the wrong length
   */
  *batches(space: EmbeddingSpace, options: BatchOptions = {}): Generator<EmbeddingBatch, void, undefined> {
    const { batchSize = 512 } = options;
    const reader = this.reader(space, options);
    const size = reader.embeddingSize;
    for (;;) {
      const vectors = new Float32Array(batchSize * size);
      const songIds = reader.read(vectors, 0, batchSize);
      if (songIds.length === 0) return;
      yield { songIds, vectors: vectors.subarray(0, songIds.length * size) };
    }
  }

  /** Reads all embeddings of a space, like `batches`, into arrays that the caller has made. */
  reader(space: EmbeddingSpace, { withoutScoreByHeadId }: BatchOptions = {}): EmbeddingReader {
    const known = this.#spaces.find(space);
    const embeddingSize = known?.embeddingSize ?? 0;
    const rowBytes = embeddingSize * Float32Array.BYTES_PER_ELEMENT;
    let lastId = 0;
    const nextRows = (limit: number): JoinedRows | undefined => {
      if (known === null) return undefined;
      const range = { spaceId: known.id, afterId: lastId, batchSize: limit };
      if (withoutScoreByHeadId === undefined) return this.#statements.joinBatch.get(range);
      return this.#statements.joinUnscoredBatch.get({ ...range, headId: withoutScoreByHeadId });
    };
    return {
      embeddingSize,
      read: (target, firstRow, count) => {
        const rows = nextRows(count);
        if (rows?.last_id == null) return [];
        const songIds = joinedIdsSchema.parse(JSON.parse(rows.song_ids));
        const place = target.subarray(firstRow * embeddingSize, (firstRow + songIds.length) * embeddingSize);
        const isEven = rows.shortest === rowBytes && rows.longest === rowBytes;
        if (!isEven || !decodeVectorInto(rows.vectors, place)) {
          throw corruptLibrary(
            this.#connection.file,
            `embeddings of ${rows.shortest} to ${rows.longest} bytes instead of ${rowBytes}`,
          );
        }
        lastId = rows.last_id;
        return songIds;
      },
    };
  }

  #store(key: EmbeddingKey, vector: Float32Array, provider: string, conflict: 'keep' | 'replace'): boolean {
    const blob = encodeVector(vector);
    return this.#connection.write(() => {
      const space = this.#spaces.findOrCreate(key);
      if (vector.length !== space.embeddingSize) {
        throw new BangerError('checkpoint-mismatch', 'The encoder gave an embedding of the wrong length.', {
          details: `${vector.length} values instead of ${space.embeddingSize}`,
        });
      }
      const place = { songId: key.songId, spaceId: space.id };
      if (conflict === 'replace') this.#statements.delete.run(place);
      const inserted = this.#statements.insert.run({ ...place, provider, now: this.#now() });
      if (inserted.changes === 0) return false;
      this.#statements.insertVector.run({ embeddingId: inserted.lastInsertId, vector: blob });
      return true;
    });
  }

  #decodeInto(target: Float32Array, blob: Buffer, songId: number): void {
    if (decodeVectorInto(blob, target)) return;
    throw corruptLibrary(
      this.#connection.file,
      `an embedding of song ${songId} has ${blob.byteLength} bytes instead of ${target.byteLength}`,
    );
  }
}

function prepareStatements(connection: Connection) {
  interface Place {
    songId: number;
    spaceId: number;
  }
  interface Range {
    spaceId: number;
    afterId: number;
    batchSize: number;
  }
  // Joined by SQLite into one value: an object for each of 100,000 vectors takes longer than reading them. The bytes
  // of a blob go through group_concat as they are; ids and vectors are met in one pass, so in one order.
  const joined = (condition: string) => `
    SELECT max(id) AS last_id, json_group_array(song_id) AS song_ids,
      CAST(group_concat(vector, '') AS BLOB) AS vectors,
      min(length(vector)) AS shortest, max(length(vector)) AS longest
    FROM (
      SELECT id, song_id, vector
      FROM embeddings JOIN embedding_vectors ON embedding_vectors.embedding_id = embeddings.id
      WHERE space_id = @spaceId AND id > @afterId AND ${condition} ORDER BY id LIMIT @batchSize
    )`;
  return {
    select: connection.statement<Place, EmbeddingRow>(
      `SELECT created_at_ms, provider, vector
       FROM embeddings JOIN embedding_vectors ON embedding_vectors.embedding_id = embeddings.id
       WHERE song_id = @songId AND space_id = @spaceId`,
    ),
    insert: connection.statement<Place & { provider: string; now: number }>(
      `INSERT INTO embeddings (song_id, space_id, created_at_ms, provider)
       VALUES (@songId, @spaceId, @now, @provider) ON CONFLICT DO NOTHING`,
    ),
    insertVector: connection.statement<{ embeddingId: number; vector: Uint8Array }>(
      `INSERT INTO embedding_vectors (embedding_id, vector) VALUES (@embeddingId, @vector)`,
    ),
    delete: connection.statement<Place>(
      `DELETE FROM embeddings WHERE song_id = @songId AND space_id = @spaceId`,
    ),
    count: connection.statement<{ spaceId: number; headId: number }, { embeddings: number; scores: number }>(
      `SELECT (SELECT count(*) FROM embeddings WHERE space_id = @spaceId) AS embeddings,
         (SELECT count(*) FROM scores WHERE head_id = @headId AND space_id = @spaceId) AS scores`,
    ),
    sampleSongIds: connection.statement<{ spaceId: number; maximumCount: number }, { song_id: number }>(
      `SELECT song_id FROM (
         SELECT song_id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS total
         FROM embeddings WHERE space_id = @spaceId
       ) WHERE place % ((total + @maximumCount - 1) / @maximumCount) = 0 ORDER BY place`,
    ),
    joinBatch: connection.statement<Range, JoinedRows>(joined('TRUE')),
    joinUnscoredBatch: connection.statement<Range & { headId: number }, JoinedRows>(
      joined(`NOT EXISTS (
        SELECT 1 FROM scores
        WHERE scores.song_id = embeddings.song_id AND scores.space_id = @spaceId AND head_id = @headId
      )`),
    ),
  };
}
