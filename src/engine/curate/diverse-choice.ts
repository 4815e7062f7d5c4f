/** Keeps variations of one song from filling a choice: a song is taken only when it is far enough from all others. */
import type { RankingKey } from '../../shared/song-query.ts';
import type { Library } from '../library/library.ts';
import { centredDirection, directionDistance, measureSpace } from './distance-scale.ts';

export class DiverseChoice {
  readonly medianDistance: number;
  /** Cosine distance that chosen songs keep from each other. */
  readonly minimumDistance: number;
  readonly #directionOf: (songId: number) => Float32Array | null;
  readonly #chosen: Float32Array[] = [];

  private constructor(
    medianDistance: number,
    minimumDistance: number,
    directionOf: (songId: number) => Float32Array | null,
  ) {
    this.medianDistance = medianDistance;
    this.minimumDistance = minimumDistance;
    this.#directionOf = directionOf;
  }

  /**
   * @param relativeDistance share of the usual distance between two songs in the ranking's space
   * @throws BangerError `cancelled`
   */
  static async begin(
    library: Library,
    { spaceId }: RankingKey,
    relativeDistance: number,
    signal?: AbortSignal,
  ): Promise<DiverseChoice> {
    const space = library.embeddings.spaceById(spaceId);
    if (space === null) return new DiverseChoice(1, relativeDistance, () => null);
    const { mean, medianDistance } = await measureSpace(library, spaceId, space, signal);
    const directionOf = (songId: number) => {
      const embedding = library.embeddings.get({ ...space, songId });
      return embedding && centredDirection(embedding.vector, mean);
    };
    return new DiverseChoice(medianDistance, relativeDistance * medianDistance, directionOf);
  }

  /** Takes a song unless it is too close to one that was taken. A song without an embedding is close to none. */
  take(songId: number): boolean {
    const direction = this.#directionOf(songId);
    if (direction === null) return true;
    const isTooClose = this.#chosen.some(
      (other) => directionDistance(direction, other) < this.minimumDistance,
    );
    if (!isTooClose) this.#chosen.push(direction);
    return !isTooClose;
  }
}
