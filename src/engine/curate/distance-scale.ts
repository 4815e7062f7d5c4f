/**
 * How far apart songs are: cosine distance after centring over the library. Embeddings that are means over time all
 * point nearly the same way; without centring, every two songs look alike.
 *
 * Encoders spread songs differently. The usual distance between two random songs of the library is measured for
 * each space, so that a distance given as a share of it means about the same with every encoder.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EmbeddingSpace } from '../../shared/library.ts';
import type { Library } from '../library/library.ts';
import type { SpaceStatistics } from '../library/tables/space-statistics-table.ts';
import { throwIfCancelled } from './file-errors.ts';

/** Songs that the usual distance is measured on, spread evenly over the library. */
const sampleSize = 1000;
const samplePairs = 5000;

/** Statistics are measured anew once the library has grown or shrunk by more than this share. */
const tolerableGrowth = 0.02;

/**
 * Mean and usual distance of a space, kept in the library until it has changed by more than 2 %. Takes about a
 * second for 100,000 songs; the same library always gives the same numbers.
 *
 * @throws BangerError `cancelled`
 */
export async function measureSpace(
  library: Library,
  spaceId: number,
  space: EmbeddingSpace,
  signal?: AbortSignal,
): Promise<SpaceStatistics> {
  const embeddingCount = library.spaceStatistics.countEmbeddings(spaceId);
  const known = library.spaceStatistics.get(spaceId);
  if (known !== null) {
    const change = Math.abs(known.embeddingCount - embeddingCount);
    if (change <= tolerableGrowth * known.embeddingCount) return known;
  }
  const measured = await measure(library, space, embeddingCount, signal);
  library.spaceStatistics.put(spaceId, measured);
  return measured;
}

async function measure(
  library: Library,
  space: EmbeddingSpace,
  embeddingCount: number,
  signal?: AbortSignal,
): Promise<SpaceStatistics> {
  const stride = Math.max(1, Math.ceil(embeddingCount / sampleSize));
  const sample: Float32Array[] = [];
  let sum = new Float64Array(0);
  let count = 0;
  for (const { songIds, vectors } of library.embeddings.batches(space)) {
    const size = vectors.length / songIds.length;
    if (sum.length === 0) sum = new Float64Array(size);
    for (let row = 0; row < songIds.length; row += 1, count += 1) {
      const vector = vectors.subarray(row * size, (row + 1) * size);
      vector.forEach((value, index) => {
        sum[index] = (sum[index] ?? 0) + value;
      });
      if (count % stride === 0) sample.push(vector.slice());
    }
    throwIfCancelled(signal);
    await nextTurn();
  }
  const mean = Float32Array.from(sum, (value) => value / Math.max(1, count));
  const directions = sample.map((vector) => centredDirection(vector, mean));
  return { embeddingCount: count, mean, medianDistance: medianPairDistance(directions) };
}

/** A vector from the mean on, at length 1; all zeros for the mean itself. */
export function centredDirection(vector: Float32Array, mean: Float32Array): Float32Array<ArrayBuffer> {
  const centred = Float32Array.from(vector, (value, index) => value - (mean[index] ?? 0));
  const length = Math.hypot(...centred);
  return length === 0 ? centred : centred.map((value) => value / length);
}

/** Cosine distance of two directions: 0 for the same one, 1 for unrelated ones, 2 for opposite ones. */
export function directionDistance(a: Float32Array, b: Float32Array): number {
  let product = 0;
  for (let index = 0; index < a.length; index += 1) product += (a[index] ?? 0) * (b[index] ?? 0);
  return Math.max(0, 1 - product);
}

function medianPairDistance(directions: readonly Float32Array[]): number {
  if (directions.length < 2) return 1;
  const draw = deterministicDraw();
  const distances = Array.from({ length: samplePairs }, () => {
    const first = draw(directions.length);
    const second = (first + 1 + draw(directions.length - 1)) % directions.length;
    return directionDistance(
      directions[first] ?? new Float32Array(),
      directions[second] ?? new Float32Array(),
    );
  });
  return distances.sort((a, b) => a - b)[samplePairs / 2] ?? 1;
}

/** Whole numbers below a bound, always the same ones (mulberry32). */
function deterministicDraw(): (bound: number) => number {
  let state = 0x9e37_79b9;
  return (bound) => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}
