/**
 * How far apart songs are: cosine distance after centring over the library. Embeddings that are means over time all
 * point nearly the same way; without centring, every two songs look alike.
 *
 * Encoders spread songs differently. The usual distance between two songs of the library is measured for each space,
 * so that a distance given as a share of it means about the same with every encoder. In the centre and in the usual
 * distance, variations of one song count as one song: otherwise a library that is full of them would be centred on
 * them, and they would look as different as any other songs.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EmbeddingSpace } from '../../shared/library.ts';
import type { Library } from '../library/library.ts';
import type { SpaceStatistics } from '../library/tables/space-statistics-table.ts';
import { throwIfCancelled } from './file-errors.ts';

/** Songs that are measured, spread evenly over the library. */
const sampleSize = 600;

/** Statistics are measured anew once the library has grown or shrunk by more than this share. */
const tolerableGrowth = 0.02;

/** Songs this much closer to each other than far ones are count as variations of one song. */
const variationShare = 0.25;

/** The share of pairs that are nearer than a far pair; so high that variations never make up as much. */
const farPairs = 0.9;

/**
 * Centre and usual distance of a space, kept in the library until it has changed by more than 2 %. Takes about a
 * second; the same library always gives the same numbers.
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
  const sample = library.embeddings.sampleSongIds(spaceId, sampleSize).flatMap((songId) => {
    const vector = library.embeddings.get({ ...space, songId })?.vector;
    return vector === undefined ? [] : [vector];
  });
  const weights = await weighSongs(sample, signal);
  const mean = weightedMean(sample, weights);
  const directions = sample.map((vector) => centredDirection(vector, mean));
  const distances = await pairwise(directions, directionDistance, signal);
  const medianDistance = weightedMedian(distances, weights);
  library.spaceStatistics.put(spaceId, { embeddingCount, mean, medianDistance });
  return { embeddingCount, mean, medianDistance };
}

/** A vector from the centre on, at length 1; all zeros for the centre itself. */
export function centredDirection(vector: Float32Array, mean: Float32Array): Float32Array<ArrayBuffer> {
  const centred = Float32Array.from(vector, (value, index) => value - (mean[index] ?? 0));
  const length = Math.sqrt(dotProduct(centred, centred));
  return length === 0 ? centred : centred.map((value) => value / length);
}

/** Cosine distance of two directions: 0 for the same one, 1 for unrelated ones, 2 for opposite ones. */
export function directionDistance(a: Float32Array, b: Float32Array): number {
  return Math.max(0, 1 - dotProduct(a, b));
}

function dotProduct(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += (a[index] ?? 0) * (b[index] ?? 0);
  return sum;
}

/** Straight distance, which no centre changes. */
function straightDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += ((a[index] ?? 0) - (b[index] ?? 0)) ** 2;
  return Math.sqrt(sum);
}

/** Distances of all pairs: `rows[i][j]` for j < i. */
type PairDistances = readonly Float64Array[];

async function pairwise(
  vectors: readonly Float32Array[],
  distance: (a: Float32Array, b: Float32Array) => number,
  signal?: AbortSignal,
): Promise<PairDistances> {
  const rows: Float64Array[] = [];
  for (const [row, vector] of vectors.entries()) {
    rows.push(Float64Array.from(vectors.slice(0, row), (other) => distance(vector, other)));
    throwIfCancelled(signal);
    await nextTurn();
  }
  return rows;
}

/** For each song one divided by the number of its variations in the sample, itself included. */
async function weighSongs(sample: readonly Float32Array[], signal?: AbortSignal): Promise<number[]> {
  const distances = await pairwise(sample, straightDistance, signal);
  const sorted = Float64Array.from(distances.flatMap((row) => [...row])).sort();
  const near = variationShare * (sorted[Math.floor(farPairs * sorted.length)] ?? 0);
  const variations = sample.map(() => 1);
  for (const [row, others] of distances.entries()) {
    for (const [column, distance] of others.entries()) {
      if (distance >= near) continue;
      variations[row] = (variations[row] ?? 1) + 1;
      variations[column] = (variations[column] ?? 1) + 1;
    }
  }
  return variations.map((count) => 1 / count);
}

function weightedMean(
  sample: readonly Float32Array[],
  weights: readonly number[],
): Float32Array<ArrayBuffer> {
  const sum = new Float64Array(sample[0]?.length ?? 0);
  let total = 0;
  for (const [row, vector] of sample.entries()) {
    const weight = weights[row] ?? 0;
    total += weight;
    for (const [index, value] of vector.entries()) sum[index] = (sum[index] ?? 0) + weight * value;
  }
  return Float32Array.from(sum, (value) => value / total);
}

/** The distance that half of the pairs, counted by the weights of both songs, do not reach; 1 without any pair. */
function weightedMedian(distances: PairDistances, weights: readonly number[]): number {
  const pairs = distances.flatMap((others, row) =>
    Array.from(others, (distance, column) => {
      return { distance, weight: (weights[row] ?? 0) * (weights[column] ?? 0) };
    }),
  );
  pairs.sort((a, b) => a.distance - b.distance);
  const half = pairs.reduce((sum, { weight }) => sum + weight, 0) / 2;
  let passed = 0;
  for (const { distance, weight } of pairs) {
    passed += weight;
    if (passed >= half) return distance;
  }
  return 1;
}
