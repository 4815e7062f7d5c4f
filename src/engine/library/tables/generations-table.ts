/** Generations: how songs were made, as far as their generators wrote it down. */
import { generationSchema, type Generation } from '../../../shared/generation.ts';
import type { Connection } from '../sqlite-connection.ts';
import type { BatchesTable } from './batches-table.ts';

interface GenerationRow {
  generator: string;
  source_file: string;
  run_key: string | null;
  prompt: string | null;
  lyrics: string | null;
  tempo_bpm: number | null;
  musical_key: string | null;
  time_signature: string | null;
  seed: string | null;
  guidance_scale: number | null;
  inference_steps: number | null;
  model: string | null;
  generation_seconds: number | null;
  raw: string;
}

export class GenerationsTable {
  readonly #connection: Connection;
  readonly #batches: BatchesTable;
  readonly #statements;

  constructor(connection: Connection, batches: BatchesTable) {
    this.#connection = connection;
    this.#batches = batches;
    this.#statements = prepareStatements(connection);
  }

  /** How a song was made, null where nothing says so. */
  ofSong(songId: number): Generation | null {
    const row = this.#statements.select.get({ songId });
    return row === undefined ? null : generationFromRow(row);
  }

  /**
   * Stores how a song was made, in place of what was known; an equal value writes nothing.
   *
   * @returns whether something changed
   * @throws BangerError `library-failed` when there is no such song
   */
  put(songId: number, generation: Generation): boolean {
    const row = rowFromGeneration(generation);
    return this.#connection.write(() => {
      const hasChanged = this.#statements.upsert.run({ ...row, songId }).changes > 0;
      if (hasChanged) this.#batches.assign(songId);
      return hasChanged;
    });
  }

  /** Forgets how a song was made. @returns whether anything was known */
  delete(songId: number): boolean {
    return this.#connection.write(() => this.#statements.delete.run({ songId }).changes > 0);
  }
}

const columns = [
  ...['generator', 'source_file', 'run_key', 'prompt', 'lyrics', 'tempo_bpm', 'musical_key'],
  ...['time_signature', 'seed', 'guidance_scale', 'inference_steps', 'model', 'generation_seconds', 'raw'],
] as const;

function prepareStatements(connection: Connection) {
  const assignments = columns.map((column) => `${column} = excluded.${column}`);
  const differences = columns.map((column) => `${column} IS NOT excluded.${column}`);
  return {
    select: connection.statement<{ songId: number }, GenerationRow>(
      `SELECT ${columns.join(', ')} FROM generations WHERE song_id = @songId`,
    ),
    // Without a difference nothing is written, so that no list has to be shown anew.
    upsert: connection.statement<GenerationRow & { songId: number }>(
      `INSERT INTO generations (song_id, ${columns.join(', ')})
       VALUES (@songId, ${columns.map((column) => `@${column}`).join(', ')})
       ON CONFLICT (song_id) DO UPDATE SET ${assignments.join(', ')}
       WHERE ${differences.join(' OR ')}`,
    ),
    delete: connection.statement<{ songId: number }>(`DELETE FROM generations WHERE song_id = @songId`),
  };
}

function rowFromGeneration(generation: Generation): GenerationRow {
  return {
    generator: generation.generator,
    source_file: generation.sourceFile,
    run_key: generation.runKey,
    prompt: generation.prompt,
    lyrics: generation.lyrics,
    tempo_bpm: generation.tempoBpm,
    musical_key: generation.musicalKey,
    time_signature: generation.timeSignature,
    seed: generation.seed,
    guidance_scale: generation.guidanceScale,
    inference_steps: generation.inferenceSteps,
    model: generation.model,
    generation_seconds: generation.generationSeconds,
    raw: generation.raw,
  };
}

function generationFromRow(row: GenerationRow): Generation {
  return generationSchema.parse({
    generator: row.generator,
    sourceFile: row.source_file,
    runKey: row.run_key,
    prompt: row.prompt,
    lyrics: row.lyrics,
    tempoBpm: row.tempo_bpm,
    musicalKey: row.musical_key,
    timeSignature: row.time_signature,
    seed: row.seed,
    guidanceScale: row.guidance_scale,
    inferenceSteps: row.inference_steps,
    model: row.model,
    generationSeconds: row.generation_seconds,
    raw: row.raw,
  });
}
