/** Where songs and group headings stand below each other: the list's items, counted from its top. */
import type { SongGroup, SongOrder } from '../state/song-order.ts';

export type ListItem =
  | { kind: 'song'; /** The song's index in the order. */ songIndex: number }
  | { kind: 'group'; group: SongGroup };

export const rowHeightPixels = 46;
export const groupHeightPixels = 34;

export class ListLayout {
  readonly itemCount: number;
  readonly #groups: readonly SongGroup[];
  /** For each group the item that its heading is. */
  readonly #headingItems: number[] = [];

  constructor({ length, groups }: Pick<SongOrder, 'length' | 'groups'>) {
    this.#groups = groups;
    let item = 0;
    for (const { count } of groups) {
      this.#headingItems.push(item);
      item += 1 + count;
    }
    this.itemCount = groups.length === 0 ? length : item;
  }

  at(item: number): ListItem {
    const place = this.#groupOfItem(item);
    const group = this.#groups[place];
    if (group === undefined) return { kind: 'song', songIndex: item };
    if (this.#headingItems[place] === item) return { kind: 'group', group };
    // Every heading up to here takes a place that no song has.
    return { kind: 'song', songIndex: item - place - 1 };
  }

  /** The item that a song is, by its index in the order. */
  itemOfSong(songIndex: number): number {
    let headings = 0;
    let songsBefore = 0;
    for (const { count } of this.#groups) {
      if (songIndex < songsBefore) break;
      headings += 1;
      songsBefore += count;
    }
    return songIndex + headings;
  }

  heightOf(item: number): number {
    const place = this.#groupOfItem(item);
    return place >= 0 && this.#headingItems[place] === item ? groupHeightPixels : rowHeightPixels;
  }

  /** Distance of an item from the top of the list, in CSS pixels. */
  topOf(item: number): number {
    const place = this.#groupOfItem(item);
    const headingsBefore = place < 0 ? 0 : this.#headingItems[place] === item ? place : place + 1;
    return headingsBefore * groupHeightPixels + (item - headingsBefore) * rowHeightPixels;
  }

  /** The last group whose heading stands at the item or before it, -1 without groups. */
  #groupOfItem(item: number): number {
    let low = 0;
    let high = this.#headingItems.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#headingItems[middle] ?? 0) <= item) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
