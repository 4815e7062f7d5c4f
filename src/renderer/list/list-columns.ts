/** The columns of the list: what each is, and what happens when a person moves, widens or hides one. */
import type { ListColumn, ListColumnName } from '../../shared/app-settings.ts';
import { usualListColumns } from '../../shared/app-settings.ts';
import type { SongSort, SongSortColumn } from '../../shared/song-query.ts';

interface ColumnFacts {
  /** Usual width in CSS pixels; that of the title is the least it takes of what is left. */
  widthPixels: number;
  /** What the list is sorted by when the head is pressed, null where there is no such order. */
  sort: SongSortColumn | null;
  /** The direction that the first press gives. */
  firstDirection: SongSort['direction'];
  isNumeric: boolean;
}

const facts = (
  widthPixels: number,
  sort: SongSortColumn | null = null,
  { isDescending = false, isNumeric = false } = {},
): ColumnFacts => ({
  widthPixels,
  sort,
  firstDirection: isDescending ? 'descending' : 'ascending',
  isNumeric,
});

export const columnFacts: Readonly<Record<ListColumnName, ColumnFacts>> = {
  rank: facts(52, null, { isNumeric: true }),
  score: facts(92, 'score', { isDescending: true, isNumeric: true }),
  waveform: facts(172),
  title: facts(220, 'title'),
  tempo: facts(56, 'tempo', { isNumeric: true }),
  key: facts(80, 'key'),
  duration: facts(60, 'duration', { isNumeric: true }),
  verdict: facts(76, 'verdict'),
  stars: facts(92, 'stars', { isDescending: true }),
  genre: facts(120, 'genre'),
  prompt: facts(260),
  seed: facts(110, null, { isNumeric: true }),
  flags: facts(150),
  added: facts(120, 'added', { isDescending: true }),
  folder: facts(200, 'path'),
};

export const narrowestColumn = 40;
export const widestColumn = 1200;

/** The columns in order, those of a newer version of the product behind the ones that were kept. */
export function completeColumns(kept: readonly ListColumn[]): ListColumn[] {
  const names = new Set(kept.map(({ name }) => name));
  const unique = kept.filter(({ name }, index) => kept.findIndex((other) => other.name === name) === index);
  return [...unique, ...usualListColumns.filter(({ name }) => !names.has(name))];
}

/** Widths as CSS writes them, for `grid-template-columns`; the title takes what is left. */
export function gridTemplate(shown: readonly ListColumn[]): string {
  return shown
    .map(({ name, widthPixels }) => {
      const width = widthPixels ?? columnFacts[name].widthPixels;
      return name === 'title' ? `minmax(${width}px, 1fr)` : `${width}px`;
    })
    .join(' ');
}

/** The least width of all columns together, in CSS pixels. */
export function totalWidth(shown: readonly ListColumn[]): number {
  return shown.reduce(
    (sum, { name, widthPixels }) => sum + (widthPixels ?? columnFacts[name].widthPixels),
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
