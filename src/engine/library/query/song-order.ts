/** The whole order of a list as ids, for windows that keep their order while songs arrive. */
import path from 'node:path';
import type { Connection } from '../sqlite-connection.ts';

/** What songs can stand together by. */
export type OrderGrouping = 'folder' | 'prompt';

export interface GroupedOrder {
  songIds: number[];
  /** In the order of the list, without gaps; null is the group without a value. */
  groups: { name: string | null; count: number }[];
}

/** Puts the songs of a group together, the group with the best place first; within a group the order stays. */
export function groupOrder(
  connection: Connection,
  songIds: readonly number[],
  grouping: OrderGrouping,
): GroupedOrder {
  const valueOf = readValues(connection, grouping);
  const groups = new Map<string | null, number[]>();
  for (const songId of songIds) {
    const name = valueOf.get(songId) ?? null;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [songId]);
    else group.push(songId);
  }
  return {
    songIds: [...groups.values()].flat(),
    groups: [...groups].map(([name, members]) => ({ name, count: members.length })),
  };
}

function readValues(connection: Connection, grouping: OrderGrouping): Map<number, string | null> {
  const sql =
    grouping === 'folder'
      ? 'SELECT song_id AS songId, path AS value FROM song_list'
      : 'SELECT song_id AS songId, prompt AS value FROM generations';
  const rows = connection.statement<object, { songId: number; value: string | null }>(sql).all({});
  return new Map(
    rows.map(({ songId, value }) => [
      songId,
      value !== null && grouping === 'folder' ? path.dirname(value) : value,
    ]),
  );
}
