/** The columns of the list: what each is, and what happens when a person moves, widens or hides one. */
import type { ListColumn, ListColumnName } from '../../shared/app-settings.ts';
import { usualListColumns } from '../../shared/app-settings.ts';
import type { SongSort, SongSortColumn } from '../../shared/song-query.ts';

interface ColumnFacts {
  /** Usual width in CSS pixels; that of the title is the least it takes of what is left. */
  widthPixels: number;
  /** How narrow it gets before anything is cut off or left out, where that is less. */
  narrowestPixels: number;
  /** Percent of the list’s width that it may take, 0 for one that never grows. */
  widestShare: number;
  /** What the list is sorted by when the head is pressed, null where there is no such order. */
  sort: SongSortColumn | null;
  /** The direction that the first press gives. */
  firstDirection: SongSort['direction'];
}

const facts = (
  widthPixels: number,
  sort: SongSortColumn | null = null,
  { isDescending = false, narrowestPixels = widthPixels, widestShare = 0 } = {},
): ColumnFacts => ({
  widthPixels,
  narrowestPixels,
  widestShare,
  sort,
  firstDirection: isDescending ? 'descending' : 'ascending',
});

export const columnFacts: Readonly<Record<ListColumnName, ColumnFacts>> = {
  rank: facts(48),
  score: facts(92, 'score', { isDescending: true }),
  waveform: facts(168, null, { narrowestPixels: 128, widestShare: 15 }),
  title: facts(140, 'title'),
  tempo: facts(54, 'tempo'),
  key: facts(78, 'key'),
  duration: facts(56, 'duration'),
  verdict: facts(60, 'verdict'),
  stars: facts(92, 'stars', { isDescending: true }),
  genre: facts(120, 'genre'),
  prompt: facts(260),
  seed: facts(110),
  flags: facts(150),
  added: facts(120, 'added', { isDescending: true }),
  folder: facts(200, 'path'),
};

/** Columns of a fresh install that give way where the list is narrow, the first to go first. */
const givingWay: readonly ListColumnName[] = ['key', 'tempo', 'rank', 'waveform', 'duration'];

export const narrowestColumn = 40;
export const widestColumn = 1200;

/** The columns in order, those of a newer version of the product behind the ones that were kept. */
export function completeColumns(kept: readonly ListColumn[]): ListColumn[] {
  const names = new Set(kept.map(({ name }) => name));
  const unique = kept.filter(({ name }, index) => kept.findIndex((other) => other.name === name) === index);
  return [...unique, ...usualListColumns.filter(({ name }) => !names.has(name))];
}

/** Whether the person has arranged nothing. */
function areUsual(columns: readonly ListColumn[]): boolean {
  return JSON.stringify(columns) === JSON.stringify(usualListColumns);
}

/**
 * The columns to show in a width. What the person arranged is shown whole and scrolls; the columns of a fresh install
 * fit, so that the verdict is never out of sight.
 *
 * @param availablePixels room for columns, in CSS pixels
 */
export function shownColumns(columns: readonly ListColumn[], availablePixels: number): ListColumn[] {
  let shown = columns.filter(({ isShown }) => isShown);
  if (!areUsual(columns)) return shown;
  for (const name of givingWay) {
    if (totalWidth(shown) <= availablePixels) break;
    shown = shown.filter((column) => column.name !== name);
  }
  return shown;
}

/** Widths as CSS writes them, for `grid-template-columns`; the title takes what is left. */
export function gridTemplate(shown: readonly ListColumn[]): string {
  return shown
    .map(({ name, widthPixels }) => {
      const usual = columnFacts[name];
      if (name === 'title') return `minmax(${widthPixels ?? usual.widthPixels}px, 1fr)`;
      if (widthPixels !== null || usual.narrowestPixels === usual.widthPixels) {
        return `${widthPixels ?? usual.widthPixels}px`;
      }
      return `minmax(${usual.narrowestPixels}px, ${usual.widestShare}%)`;
    })
    .join(' ');
}

/** The least width of all columns together, in CSS pixels. */
export function totalWidth(shown: readonly ListColumn[]): number {
  return shown.reduce(
    (sum, { name, widthPixels }) => sum + (widthPixels ?? columnFacts[name].narrowestPixels),
    0,
  );
}

/** Moves a column past its neighbour among the columns that are shown; at an end it stays. */
export function moveColumn(columns: readonly ListColumn[], name: ListColumnName, step: 1 | -1): ListColumn[] {
  const shown = columns.filter(({ isShown }) => isShown);
  const place = shown.findIndex((column) => column.name === name);
  const neighbour = place < 0 ? undefined : shown[place + step];
  return neighbour === undefined ? [...columns] : placeColumn(columns, name, neighbour.name, step > 0);
}

/** Puts a column before another one, or behind it. */
export function placeColumn(
  columns: readonly ListColumn[],
  name: ListColumnName,
  beside: ListColumnName,
  isBehind: boolean,
): ListColumn[] {
  const moved = columns.find((column) => column.name === name);
  if (moved === undefined || name === beside) return [...columns];
  const rest = columns.filter((column) => column !== moved);
  const place = rest.findIndex((column) => column.name === beside);
  if (place < 0) return [...columns];
  return [...rest.slice(0, place + (isBehind ? 1 : 0)), moved, ...rest.slice(place + (isBehind ? 1 : 0))];
}

/** Gives a column a width, within what can be read and seen; null for its usual one. */
export function resizeColumn(
  columns: readonly ListColumn[],
  name: ListColumnName,
  widthPixels: number | null,
): ListColumn[] {
  const width =
    widthPixels === null ? null : Math.round(Math.min(widestColumn, Math.max(narrowestColumn, widthPixels)));
  return columns.map((column) => (column.name === name ? { ...column, widthPixels: width } : column));
}

/** Shows or hides a column; the title always stays, as nothing else names a song. */
export function showColumn(
  columns: readonly ListColumn[],
  name: ListColumnName,
  isShown: boolean,
): ListColumn[] {
  return columns.map((column) =>
    column.name === name ? { ...column, isShown: isShown || name === 'title' } : column,
  );
}

/** The order after a press on a column's head: its first direction, then the other one. Null where it has none. */
export function sortAfterPress(name: ListColumnName, current: SongSort): SongSort | null {
  const { sort, firstDirection } = columnFacts[name];
  if (sort === null) return null;
  if (current.column !== sort) return { column: sort, direction: firstDirection };
  return { column: sort, direction: current.direction === 'ascending' ? 'descending' : 'ascending' };
}
