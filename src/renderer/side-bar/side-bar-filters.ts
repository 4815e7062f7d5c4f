/** Which entry of the side bar is the one that the list shows. */
import type { SongFilter } from '../../shared/song-query.ts';
import { isSameFilter } from '../list/filter-words.ts';

/** Whether a list shows an entry's songs; what is searched for within them does not matter. */
export function isShowing(shown: SongFilter, entry: SongFilter): boolean {
  const compared = { ...shown };
  if (entry.text === undefined) delete compared.text;
  return isSameFilter(compared, entry);
}

/** The ids with one of them moved by a place; at an end they stay. */
export function movedIds(ids: readonly number[], id: number, step: 1 | -1): number[] {
  const place = ids.indexOf(id);
  const neighbour = ids[place + step];
  if (place < 0 || neighbour === undefined) return [...ids];
  return ids.map((other) => (other === id ? neighbour : other === neighbour ? id : other));
}

/** The ids with one of them put in the place of another. */
export function placedIds(ids: readonly number[], id: number, target: number): number[] {
  const from = ids.indexOf(id);
  const to = ids.indexOf(target);
  if (from < 0 || to < 0) return [...ids];
  const rest = ids.filter((other) => other !== id);
  return [...rest.slice(0, to), id, ...rest.slice(to)];
}
