/** The whole order of a list as ids, for windows that keep their order while songs arrive. */
import path from 'node:path';
import type { Connection } from '../sqlite-connection.ts';
import type { SongIds } from './filtered-songs.ts';

/** What songs can stand together by. */
export type OrderGrouping = 'folder' | 'prompt';

export interface GroupedOrder {
  songIds: SongIds;
  /** In the order of the list, without gaps; null is the group without a value. */
  groups: { name: string | null; count: number }[];
}

/** Which group every song belongs to. */
export interface SongGroups {
  /** Number of the group by song id; 0 is the group without a value. */
  groupOf: Int32Array;
  /** Name of each group by its number. */
  names: (string | null)[];
}

/** Puts the songs of a group together, the group with the best place first; within a group the order stays. */
export function groupOrder(songIds: SongIds, { groupOf, names }: SongGroups): GroupedOrder {
  const counts = new Int32Array(names.length);
  const inOrder: number[] = [];
  for (const songId of songIds) {
    const group = groupOf[songId] ?? 0;
    if (counts[group] === 0) inOrder.push(group);
    counts[group] = (counts[group] ?? 0) + 1;
  }
  const nextPlace = new Int32Array(names.length);
  let place = 0;
  for (const group of inOrder) {
    nextPlace[group] = place;
    place += counts[group] ?? 0;
  }
  const grouped = new Int32Array(songIds.length);
  for (const songId of songIds) {
    const group = groupOf[songId] ?? 0;
    grouped[nextPlace[group] ?? 0] = songId;
    nextPlace[group] = (nextPlace[group] ?? 0) + 1;
  }
  const groups = inOrder.map((group) => ({ name: names[group] ?? null, count: counts[group] ?? 0 }));
  return { songIds: grouped, groups };
}

/** Reads which group every song of the library belongs to. */
export function readGroups(connection: Connection, grouping: OrderGrouping): SongGroups {
  const [ids, values] =
    grouping === 'folder'
      ? readColumns(connection, 'path', 'song_list')
      : readColumns(connection, 'prompt', 'generations');
  const groupOf = new Int32Array((ids.at(-1) ?? 0) + 1);
  const names: (string | null)[] = [null];
  const groupNumbers = new Map<string, number>();
  for (const [index, songId] of ids.entries()) {
    const value = values[index] ?? null;
    if (value === null) continue;
    // The part that decides, cut off in the cheapest way: paths of one folder share it.
    const key = grouping === 'folder' ? value.slice(0, lastSeparator(value)) : value;
    let group = groupNumbers.get(key);
    if (group === undefined) {
      group = names.push(grouping === 'folder' ? path.dirname(value) : value) - 1;
      groupNumbers.set(key, group);
    }
    groupOf[songId] = group;
  }
  return { groupOf, names };
}

/** Both columns in order of song id; two lists are read in half the time that a list of pairs takes. */
function readColumns(
  connection: Connection,
  column: 'path' | 'prompt',
  table: 'song_list' | 'generations',
): [ids: number[], values: (string | null)[]] {
  return [
    connection.values<number>(`SELECT song_id FROM ${table} ORDER BY song_id`),
    connection.values<string | null>(`SELECT ${column} FROM ${table} ORDER BY song_id`),
  ];
}

function lastSeparator(filePath: string): number {
  const slash = filePath.lastIndexOf('/');
  return path.sep === '/' ? slash : Math.max(slash, filePath.lastIndexOf(path.sep));
}
