/** Keeps the view still when another order takes the place of the one on screen. */
import type { SongOrder } from '../state/song-order.ts';
import { rowHeightPixels, type ListLayout } from './list-layout.ts';

interface ShownList {
  layout: ListLayout;
  order: SongOrder;
}

interface AnchorQuestion {
  before: ShownList;
  after: ShownList;
  scrollTop: number;
  /** Height of the part of the list that can be seen. */
  visibleHeight: number;
  /** Songs that must not move where they can be seen, the most important first. */
  anchors: readonly number[];
}

/**
 * Where to scroll so that the first of the anchors that is visible, else the first visible song that is in both lists,
 * stays where it is. A list that is looked at from its top and holds no such song shows its top.
 *
 * @returns the distance from the list's top, in CSS pixels
 */
export function scrollTopAfter({ before, after, scrollTop, visibleHeight, anchors }: AnchorQuestion): number {
  const isVisible = (songId: number) => {
    const top = topOf(before, songId);
    return top !== null && top + rowHeightPixels > scrollTop && top < scrollTop + visibleHeight;
  };
  const anchor =
    anchors.find((songId) => isVisible(songId) && after.order.has(songId)) ??
    (scrollTop > 0 ? firstVisible(before, after, scrollTop, visibleHeight) : undefined);
  if (anchor === undefined) return scrollTop;
  return Math.max(0, scrollTop + (topOf(after, anchor) ?? 0) - (topOf(before, anchor) ?? 0));
}

function topOf({ order, layout }: ShownList, songId: number): number | null {
  const index = order.indexOf(songId);
  return index < 0 ? null : layout.topOf(layout.itemOfSong(index));
}

function firstVisible(
  before: ShownList,
  after: ShownList,
  scrollTop: number,
  visibleHeight: number,
): number | undefined {
  // No row is lower than this many, so that the search starts before the first one that can be seen.
  for (let item = Math.floor(scrollTop / rowHeightPixels); item < before.layout.itemCount; item += 1) {
    const top = before.layout.topOf(item);
    if (top >= scrollTop + visibleHeight) return undefined;
    const entry = before.layout.at(item);
    if (entry.kind === 'group' || top + rowHeightPixels <= scrollTop) continue;
    const songId = before.order.at(entry.songIndex);
    if (songId !== undefined && after.order.has(songId)) return songId;
  }
  return undefined;
}
