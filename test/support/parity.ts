/** The parity fixtures: where they lie, how they are read, and how close a result is to them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { decodeNpy } from '../../src/shared/npy.ts';
import type { Float32Npy } from '../../src/shared/npy.ts';

export const parityFolder = join(import.meta.dirname, '..', 'fixtures', 'parity');

/** The array in a fixture, by its path below the parity folder. */
export function readParityArray(...path: string[]): Float32Npy {
  return decodeNpy(readFileSync(join(parityFolder, ...path)));
}

const objectSchema = z.record(z.string(), z.unknown());
const scoresSchema = z.record(z.string(), z.object({ score: z.number() }));

/** A fixture's JSON object, by its path below the parity folder. */
export function readParityObject(...path: string[]): Record<string, unknown> {
  return objectSchema.parse(JSON.parse(readFileSync(join(parityFolder, ...path), 'utf8')));
}

/** The scores that the reference gives the waveforms, by waveform, with an encoder's own head. */
export function readExpectedScores(encoder: string): Record<string, { score: number }> {
  return scoresSchema.parse(readParityObject('encoders', encoder, 'expected.json'));
}

/** The largest absolute difference between two arrays of one length. */
export function maxAbsDifference(actual: Float32Array, expected: Float32Array): number {
  if (actual.length !== expected.length) {
    throw new RangeError(`lengths differ: ${actual.length} and ${expected.length}`);
  }
  return actual.reduce((largest, value, index) => {
    const difference = Math.abs(value - (expected[index] ?? Number.NaN));
    // Math.max would let a NaN through only on one side of the comparison.
    return difference <= largest ? largest : difference;
  }, 0);
}

/** Cosine of the angle between two vectors. */
export function cosineSimilarity(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  let squaredA = 0;
  let squaredB = 0;
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? Number.NaN;
    dot += value * other;
    squaredA += value * value;
    squaredB += other * other;
  }
  return dot / Math.sqrt(squaredA * squaredB);
}
