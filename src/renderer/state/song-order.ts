/** The frozen order of a list: ids, where each stands, and the groups they stand in. */

export interface SongGroup {
  /** Null for the group without a value. */
  name: string | null;
  count: number;
}

export class SongOrder {
  readonly songIds: Int32Array;
  readonly groups: readonly SongGroup[];
  /** Index by song id, built when first asked for; 0 stands for songs that are not in the list, else index + 1. */
  #places: Int32Array | null = null;

  constructor(songIds: Int32Array, groups: readonly SongGroup[] = []) {
    this.songIds = songIds;
    this.groups = groups;
  }

  get length(): number {
    return this.songIds.length;
  }

  /** @returns the song's index, -1 where it is not in the list */
  indexOf(songId: number): number {
    return (this.#placesById()[songId] ?? 0) - 1;
  }

  has(songId: number): boolean {
    return this.indexOf(songId) >= 0;
  }

  at(index: number): number | undefined {
    return this.songIds[index];
  }

  /** How many songs of this order the other one lacks. */
  countMissingFrom(other: SongOrder): number {
    let count = 0;
    for (const songId of this.songIds) if (!other.has(songId)) count += 1;
    return count;
  }

  #placesById(): Int32Array {
    if (this.#places !== null) return this.#places;
    let highest = 0;
    for (const songId of this.songIds) if (songId > highest) highest = songId;
    const places = new Int32Array(highest + 1);
    this.songIds.forEach((songId, index) => {
      places[songId] = index + 1;
    });
    this.#places = places;
    return places;
  }
}
