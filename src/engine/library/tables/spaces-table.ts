/** Embedding spaces: what must be equal for vectors to be comparable, named by one number inside the library. */
import { BangerError } from '../../../shared/errors.ts';
import { precisionSchema, type EmbeddingSpace } from '../../../shared/library.ts';
import type { Connection } from '../sqlite-connection.ts';

interface SpaceColumns {
  encoderId: number;
  decodeRecipe: string;
  startSeconds: number;
  lengthSeconds: number;
  precision: string;
}

/** A space as the other tables refer to it. */
export interface StoredSpace {
  id: number;
  /** Length of its vectors. */
  embeddingSize: number;
}

/** A space that holds embeddings, with how many. */
export interface CountedSpace {
  space: EmbeddingSpace;
  embeddings: number;
}

export class SpacesTable {
  readonly #statements;

  constructor(connection: Connection) {
    this.#statements = prepareStatements(connection);
  }

  find(space: EmbeddingSpace): StoredSpace | null {
    return this.#statements.select.get(columnsOf(space)) ?? null;
  }

  /** What a space's id stands for, null when there is no such space. */
  byId(id: number): EmbeddingSpace | null {
    const row = this.#statements.selectById.get({ id });
    return row === undefined ? null : spaceFrom(row);
  }

  /** Finds a space or adds it; to be called inside a writing transaction. */
  findOrCreate(space: EmbeddingSpace): StoredSpace {
    const known = this.find(space);
    if (known !== null) return known;
    this.#statements.insert.run(columnsOf(space));
    const added = this.find(space);
    if (added === null) throw new BangerError('library-failed', 'An embedding space could not be stored.');
    return added;
  }

  /** All spaces that hold embeddings, in the order in which they were first used. */
  count(): CountedSpace[] {
    return this.#statements.count.all({}).map((row) => ({
      space: spaceFrom(row),
      embeddings: row.embeddings,
    }));
  }
}

function prepareStatements(connection: Connection) {
  return {
    select: connection.statement<SpaceColumns, StoredSpace>(
      `SELECT embedding_spaces.id, embedding_size AS embeddingSize
       FROM embedding_spaces JOIN encoders ON encoders.id = encoder_id
       WHERE encoder_id = @encoderId AND decode_recipe = @decodeRecipe AND window_start_seconds = @startSeconds
         AND window_length_seconds = @lengthSeconds AND precision = @precision`,
    ),
    selectById: connection.statement<{ id: number }, SpaceColumns>(
      `SELECT encoder_id AS encoderId, decode_recipe AS decodeRecipe, window_start_seconds AS startSeconds,
         window_length_seconds AS lengthSeconds, precision
       FROM embedding_spaces WHERE id = @id`,
    ),
    insert: connection.statement<SpaceColumns>(
      `INSERT INTO embedding_spaces (
         encoder_id, decode_recipe, window_start_seconds, window_length_seconds, precision
       ) VALUES (@encoderId, @decodeRecipe, @startSeconds, @lengthSeconds, @precision)`,
    ),
    count: connection.statement<object, SpaceColumns & { embeddings: number }>(
      `SELECT encoder_id AS encoderId, decode_recipe AS decodeRecipe, window_start_seconds AS startSeconds,
         window_length_seconds AS lengthSeconds, precision, counted.embeddings
       FROM (SELECT space_id, count(*) AS embeddings FROM embeddings GROUP BY space_id) AS counted
       JOIN embedding_spaces ON embedding_spaces.id = counted.space_id
       ORDER BY embedding_spaces.id`,
    ),
  };
}

function spaceFrom(row: SpaceColumns): EmbeddingSpace {
  return {
    encoderId: row.encoderId,
    decodeRecipe: row.decodeRecipe,
    window: { startSeconds: row.startSeconds, lengthSeconds: row.lengthSeconds },
    precision: precisionSchema.parse(row.precision),
  };
}

function columnsOf({ encoderId, decodeRecipe, window, precision }: EmbeddingSpace): SpaceColumns {
  return {
    encoderId,
    decodeRecipe,
    startSeconds: window.startSeconds,
    lengthSeconds: window.lengthSeconds,
    precision,
  };
}
