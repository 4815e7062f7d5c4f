/** Models: the encoders and heads that embeddings and scores were made with. */
import { BangerError } from '../../../shared/errors.ts';
import type { ModelDescription, ModelRecord } from '../../../shared/library.ts';
import type { Connection } from '../sqlite-connection.ts';

interface ModelRow {
  id: number;
  sha256: string;
  name: string;
  label: string;
  embedding_size: number;
  is_draft: number;
}

/** One kind of model: encoders and heads are kept alike, each in a table of its own. */
export class ModelsTable {
  readonly #connection: Connection;
  readonly #statements;

  constructor(connection: Connection, table: 'encoders' | 'heads') {
    this.#connection = connection;
    this.#statements = prepareStatements(connection, table);
  }

  /**
   * Finds a model by its hash or adds it. A model that is known by another name takes the new one. Nothing is
   * written when nothing changes, so a read-only library can be asked about what it has.
   *
   * @returns the model with the id that embeddings and scores refer to
   * @throws BangerError `checkpoint-mismatch` when the same hash was known with another embedding size
   */
  register(model: ModelDescription): ModelRecord {
    const known = this.bySha256(model.sha256);
    if (known !== null && isSame(known, model)) return known;
    return this.#connection.write(() => {
      const stored = this.bySha256(model.sha256);
      if (stored !== null && stored.embeddingSize !== model.embeddingSize) {
        throw new BangerError(
          'checkpoint-mismatch',
          `${model.label} has another embedding size than before.`,
          {
            file: this.#connection.file,
            details: `${stored.embeddingSize} before, ${model.embeddingSize} now, sha256 ${model.sha256}`,
          },
        );
      }
      this.#statements.upsert.run({ ...model, isDraft: model.isDraft ? 1 : 0 });
      const added = this.bySha256(model.sha256);
      if (added === null) throw new BangerError('library-failed', 'A model could not be stored.');
      return added;
    });
  }

  byId(id: number): ModelRecord | null {
    const row = this.#statements.selectById.get({ id });
    return row === undefined ? null : modelFromRow(row);
  }

  bySha256(sha256: string): ModelRecord | null {
    const row = this.#statements.selectBySha256.get({ sha256 });
    return row === undefined ? null : modelFromRow(row);
  }

  /** All models, in the order in which they were first used. */
  all(): ModelRecord[] {
    return this.#statements.selectAll.all({}).map(modelFromRow);
  }
}

function prepareStatements(connection: Connection, table: 'encoders' | 'heads') {
  return {
    selectById: connection.statement<{ id: number }, ModelRow>(`SELECT * FROM ${table} WHERE id = @id`),
    selectBySha256: connection.statement<{ sha256: string }, ModelRow>(
      `SELECT * FROM ${table} WHERE sha256 = @sha256`,
    ),
    selectAll: connection.statement<object, ModelRow>(`SELECT * FROM ${table} ORDER BY id`),
    upsert: connection.statement<Omit<ModelDescription, 'isDraft'> & { isDraft: 0 | 1 }>(
      `INSERT INTO ${table} (sha256, name, label, embedding_size, is_draft)
       VALUES (@sha256, @name, @label, @embeddingSize, @isDraft)
       ON CONFLICT (sha256) DO UPDATE SET
         name = excluded.name, label = excluded.label, is_draft = excluded.is_draft`,
    ),
  };
}

function isSame(known: ModelRecord, model: ModelDescription): boolean {
  return (
    known.name === model.name &&
    known.label === model.label &&
    known.embeddingSize === model.embeddingSize &&
    known.isDraft === model.isDraft
  );
}

function modelFromRow(row: ModelRow): ModelRecord {
  return {
    id: row.id,
    sha256: row.sha256,
    name: row.name,
    label: row.label,
    embeddingSize: row.embedding_size,
    isDraft: row.is_draft === 1,
  };
}
