/** Statistics of embedding spaces: the mean of their embeddings and how far apart songs usually are. */
import { decodeVectorInto, encodeVector } from '../float-blob.ts';
import type { Connection } from '../sqlite-connection.ts';

export interface SpaceStatistics {
  /** How many embeddings the space held when this was computed. */
  embeddingCount: number;
  /** Mean of the embeddings, in which variations of one song count as one. */
  mean: Float32Array<ArrayBuffer>;
  /** Median cosine distance between two random songs, both centred over the mean, 0..2. */
  medianDistance: number;
}

interface StatisticsRow {
  embedding_count: number;
  mean: Buffer;
  median_distance: number;
}

export class SpaceStatisticsTable {
  readonly #statements;

  constructor(connection: Connection) {
    this.#statements = prepareStatements(connection);
  }

  /** What was computed about a space, null when nothing was. */
  get(spaceId: number): SpaceStatistics | null {
    const row = this.#statements.select.get({ spaceId });
    if (row === undefined) return null;
    const mean = new Float32Array(row.mean.byteLength / Float32Array.BYTES_PER_ELEMENT);
    decodeVectorInto(row.mean, mean);
    return { embeddingCount: row.embedding_count, mean, medianDistance: row.median_distance };
  }

  put(spaceId: number, { embeddingCount, mean, medianDistance }: SpaceStatistics): void {
    this.#statements.upsert.run({ spaceId, embeddingCount, medianDistance, mean: encodeVector(mean) });
  }

  /** How many embeddings a space holds now. */
  countEmbeddings(spaceId: number): number {
    return this.#statements.count.get({ spaceId })?.embeddings ?? 0;
  }
}

function prepareStatements(connection: Connection) {
  return {
    select: connection.statement<{ spaceId: number }, StatisticsRow>(
      `SELECT embedding_count, mean, median_distance FROM space_statistics WHERE space_id = @spaceId`,
    ),
    upsert: connection.statement<{
      spaceId: number;
      embeddingCount: number;
      medianDistance: number;
      mean: Uint8Array;
    }>(
      `INSERT INTO space_statistics (space_id, embedding_count, median_distance, mean)
       VALUES (@spaceId, @embeddingCount, @medianDistance, @mean)
       ON CONFLICT (space_id) DO UPDATE SET
         embedding_count = excluded.embedding_count, median_distance = excluded.median_distance,
         mean = excluded.mean`,
    ),
    count: connection.statement<{ spaceId: number }, { embeddings: number }>(
      `SELECT count(*) AS embeddings FROM embeddings WHERE space_id = @spaceId`,
    ),
  };
}
