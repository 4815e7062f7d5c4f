/** Sets of songs that can be chosen to be compared: what the list shows, all songs, batches, folders, saved filters. */
import type { Batch } from '../../shared/batches.ts';
import type { NamedSongs } from '../../shared/insight-commands.ts';
import type { SavedFilter } from '../../shared/saved-filter.ts';
import type { SongFilter } from '../../shared/song-query.ts';
import { folderName } from '../list/filter-words.ts';
import { batchWords } from '../side-bar/batch-words.ts';
import { formatDate } from '../strings/dates.ts';
import { strings } from '../strings/en.ts';

/** Says which set it is, also when what it holds has changed. */
export type SongSetKey = string;

export interface SongSet extends NamedSongs {
  key: SongSetKey;
  /** Heading that it stands under, empty for none. */
  group: string;
}

export interface SetSources {
  /** What the list shows. */
  filter: SongFilter;
  /** The newest first. */
  batches: readonly Batch[];
  folders: readonly { path: string }[];
  savedFilters: readonly SavedFilter[];
}

/** Names are cut where requests would refuse them. */
const longestName = 200;

/** Everything that can be chosen, in the order of the side bar. */
export function songSets({ filter, batches, folders, savedFilters }: SetSources): SongSet[] {
  const words = strings.insight.sets;
  const set = (key: SongSetKey, group: string, name: string, songs: SongFilter): SongSet => ({
    key,
    group,
    name: name.slice(0, longestName),
    filter: songs,
  });
  return [
    set('present', '', words.present, filter),
    set('all', '', words.all, {}),
    ...batches.map((batch) =>
      set(`batch:${batch.id}`, words.batches, words.batch(whenOf(batch, batches)), { batch: batch.id }),
    ),
    ...folders.map(({ path }) => set(`folder:${path}`, words.folders, folderName(path), { folder: path })),
    ...savedFilters.flatMap(({ id, name, filter: saved }) =>
      saved === null ? [] : [set(`saved:${id}`, words.savedFilters, name, saved)],
    ),
  ];
}

/** When a batch began; with the time where another one began on the same day. */
function whenOf({ id, startedAtMs }: Batch, batches: readonly Batch[]): string {
  const words = batchWords(startedAtMs);
  const isAlone = batches.every((other) => other.id === id || batchWords(other.startedAtMs) !== words);
  if (isAlone) return words;
  const time = formatDate(startedAtMs, 'time');
  return words.includes(time) ? `${words} (${id})` : `${words}, ${time}`;
}

/** The set that a key stands for; null for none, and for one that is gone. */
export function findSet(sets: readonly SongSet[], key: SongSetKey | null): SongSet | null {
  return sets.find((set) => set.key === key) ?? null;
}
