/** Finds the songs that sound most like one, as far as an encoder hears it. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RankingKey } from '../../shared/song-query.ts';
import type { SimilarSong } from '../../shared/song-details.ts';
import type { Library } from '../library/library.ts';
import { measureSpace } from './distance-scale.ts';
import { throwIfCancelled } from './file-errors.ts';

export interface SimilarSongsOptions {
  ranking?: RankingKey | undefined;
  /** How many at most. */
  limit: number;
  /** Whether songs without a file that is there count too. */
  includesMissing: boolean;
  signal?: AbortSignal | undefined;
}

/**
 * The nearest songs by the cosine of embeddings within one space, centred over the library, since embeddings that
 * are means over time all point nearly the same way. Nearest first, equally near ones in order of song id.
 *
 * Goes through all embeddings of the space: under a second for 100,000 songs, and as long again when the mean has
 * to be measured first.
 *
 * @returns none when the song has no embedding in the ranking's space
 * @throws BangerError `cancelled`
 */
export async function findSimilarSongs(
  library: Library,
  songId: number,
  { ranking: key, limit, includesMissing, signal }: SimilarSongsOptions,
): Promise<SimilarSong[]> {
  const ranking = library.lists.resolveRanking(key);
  const space = ranking && library.embeddings.spaceById(ranking.spaceId);
  const own = space && library.embeddings.get({ ...space, songId });
  if (ranking === null || space === null || own === null) return [];
  const { mean } = await measureSpace(library, ranking.spaceId, space, signal);
  const centred = Float64Array.from(own.vector, (value, index) => value - (mean[index] ?? 0));
  const ownLength = Math.hypot(...centred);
  const nearest = new Nearest(limit);
  const isCounted = includesMissing ? () => true : presentSongs(library);
  for (const { songIds, vectors } of library.embeddings.batches(space)) {
    for (const [row, otherId] of songIds.entries()) {
      if (otherId === songId || !isCounted(otherId)) continue;
      nearest.offer(otherId, cosineFromMean(vectors, row * centred.length, { mean, centred, ownLength }));
    }
    throwIfCancelled(signal);
    await nextTurn();
  }
  return nearest.inOrder();
}

function presentSongs(library: Library): (songId: number) => boolean {
  const window = { filter: {}, sort: { column: 'added', direction: 'ascending' } as const, offset: 0 };
  const present = new Set(library.lists.songIds({ ...window, limit: Number.MAX_SAFE_INTEGER }, null));
  return (songId) => present.has(songId);
}

interface Centre {
  mean: Float32Array;
  /** The song's own vector from the mean on. */
  centred: Float64Array;
  ownLength: number;
}

/** The cosine of two directions from the mean; 0 for a vector that is the mean itself. */
function cosineFromMean(vectors: Float32Array, start: number, { mean, centred, ownLength }: Centre): number {
  let product = 0;
  let squares = 0;
  for (let index = 0; index < centred.length; index += 1) {
    const value = (vectors[start + index] ?? 0) - (mean[index] ?? 0);
    product += value * (centred[index] ?? 0);
    squares += value * value;
  }
  const lengths = ownLength * Math.sqrt(squares);
  return lengths === 0 ? 0 : Math.min(1, Math.max(-1, product / lengths));
}

/** Keeps the best few of many. */
class Nearest {
  readonly #limit: number;
  #kept: SimilarSong[] = [];
  #worst = -Infinity;

  constructor(limit: number) {
    this.#limit = limit;
  }

  offer(songId: number, similarity: number): void {
    if (similarity < this.#worst) return;
    this.#kept.push({ songId, similarity });
    // Put in order now and then, not at every song.
    if (this.#kept.length >= 4 * this.#limit) this.#trim();
  }

  inOrder(): SimilarSong[] {
    this.#trim();
    return this.#kept;
  }

  #trim(): void {
    this.#kept.sort((a, b) => b.similarity - a.similarity || a.songId - b.songId);
    this.#kept = this.#kept.slice(0, this.#limit);
    if (this.#kept.length === this.#limit) this.#worst = this.#kept.at(-1)?.similarity ?? -Infinity;
  }
}
