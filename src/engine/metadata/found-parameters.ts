/** Builds a Generation from whatever a generator’s record was found to say. */
import { createHash } from 'node:crypto';
import type { Generation, Generator } from '../../shared/generation.ts';
import type { Fields } from './fields.ts';
import { normalizeMusicalKey, normalizeTimeSignature } from './musical-terms.ts';
import { rawParameters } from './raw-parameters.ts';

/** How long a prompt and lyrics may be, in UTF-16 units. */
export const maxPromptLength = 8000;
export const maxLyricsLength = 20_000;

/** A record of a generator: where it stands, what it holds, and which song it is read for. */
export interface GeneratorRecord {
  /** Absolute path of the song. */
  songPath: string;
  /** Absolute path of the file that holds the record. */
  sourceFile: string;
  value: unknown;
}

/** What a generator said; what is left out is null. */
export interface FoundParameters extends Partial<Omit<Generation, 'generator' | 'sourceFile' | 'raw'>> {
  generator: Generator;
  /** What was found, to be kept as raw parameters. */
  found: unknown;
}

/** A Generation with null for everything that was not found. */
export function toGeneration(sourceFile: string, { found, ...parameters }: FoundParameters): Generation {
  return {
    sourceFile,
    runKey: null,
    prompt: null,
    lyrics: null,
    tempoBpm: null,
    musicalKey: null,
    timeSignature: null,
    seed: null,
    guidanceScale: null,
    inferenceSteps: null,
    model: null,
    generationSeconds: null,
    ...parameters,
    raw: rawParameters(found),
  };
}

/** Whether anything was found that says how a song was made. */
export function saysSomething({ prompt, lyrics, seed, tempoBpm, musicalKey }: FoundParameters): boolean {
  return [prompt, lyrics, seed, tempoBpm, musicalKey].some((value) => value !== null && value !== undefined);
}

export function readTempo(fields: Fields, ...names: readonly string[]): number | null {
  return fields.number({ min: 1, max: 1000 }, ...names);
}

export function readMusicalKey(fields: Fields, ...names: readonly string[]): string | null {
  return normalizeMusicalKey(fields.term(...names));
}

export function readTimeSignature(fields: Fields, ...names: readonly string[]): string | null {
  return normalizeTimeSignature(fields.term(...names));
}

export function readGuidance(fields: Fields, ...names: readonly string[]): number | null {
  return fields.number({ min: 0, max: 10_000 }, ...names);
}

/** A run key out of a generator’s name and everything that is equal within a run. */
export function runKeyOf(generator: Generator, ...parts: readonly unknown[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return `${generator}:${digest.slice(0, 24)}`;
}
