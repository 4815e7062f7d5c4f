/** Filters in words: which chips a filter is shown as, and what each says. */
import type { NumberRange, SongFilter } from '../../shared/song-query.ts';
import { formatDuration } from '../../shared/format-quantities.ts';
import { formatDate } from '../strings/dates.ts';
import { strings } from '../strings/en.ts';
import { keyWords } from './key-words.ts';

export type FilterPart = keyof SongFilter;

/** The parts in the order of their chips; the search stands in its own field as well. */
export const filterParts = [
  'text',
  'folder',
  'batch',
  'score',
  'verdicts',
  'stars',
  'hasNote',
  'musicalKeys',
  'tempoBpm',
  'durationSeconds',
  'genres',
  'generators',
  'flags',
  'withoutFlags',
  'missing',
  'scoredBy',
  'addedAtMs',
  'songIds',
] as const satisfies readonly FilterPart[];

/** Parts that a person adds from the menu. */
export const addableParts = [
  'folder',
  'batch',
  'verdicts',
  'stars',
  'musicalKeys',
  'tempoBpm',
  'durationSeconds',
  'genres',
  'generators',
  'flags',
  'withoutFlags',
  'hasNote',
  'missing',
  'scoredBy',
] as const satisfies readonly FilterPart[];

export interface FilterWords {
  part: FilterPart;
  name: string;
  value: string;
}

/** What a filter says, one chip for each of its parts. */
export function wordsOfFilter(filter: SongFilter): FilterWords[] {
  return filterParts
    .filter((part) => filter[part] !== undefined)
    .map((part) => ({ part, name: strings.filters.names[part], value: valueWords(filter, part) }));
}

/** Whether two filters let the same songs through by saying the same. */
export function isSameFilter(a: SongFilter, b: SongFilter): boolean {
  return filterParts.every((part) => JSON.stringify(a[part]) === JSON.stringify(b[part]));
}

/** The last part of a path, and the one above it where that helps to tell folders apart. */
export function folderName(path: string): string {
  const parts = path.split(/[/\\]/).filter((part) => part !== '');
  return parts.at(-1) ?? path;
}

/** A range as people write it; open ends in words. */
export function rangeWords({ min, max }: NumberRange, show: (value: number) => string): string {
  const { between, atLeast, atMost } = strings.filters;
  if (min !== undefined && max !== undefined) {
    return min === max ? show(min) : between(show(min), show(max));
  }
  if (min !== undefined) return atLeast(show(min));
  return max === undefined ? '' : atMost(show(max));
}

function valueWords(filter: SongFilter, part: FilterPart): string {
  const words = strings.filters;
  const number = (value: number) => String(Math.round(value * 100) / 100);
  switch (part) {
    case 'text':
      return `“${filter.text ?? ''}”`;
    case 'folder':
      return folderName(filter.folder ?? '');
    case 'score':
      return rangeWords(filter.score ?? {}, number);
    case 'verdicts':
      return listWords(filter.verdicts?.map((verdict) => strings.common.verdicts[verdict].toLowerCase()));
    case 'stars':
      return rangeWords(filter.stars ?? {}, number);
    case 'hasNote':
      return filter.hasNote === true ? words.hasNote.yes : words.hasNote.no;
    case 'flags':
    case 'withoutFlags':
      return listWords(filter[part]?.map((flag) => strings.list.flags[flag]));
    case 'durationSeconds':
      return rangeWords(filter.durationSeconds ?? {}, formatDuration);
    case 'tempoBpm':
      return words.bpm(rangeWords(filter.tempoBpm ?? {}, number));
    case 'musicalKeys':
      return listWords(filter.musicalKeys?.map(keyWords));
    case 'genres':
    case 'generators':
      return listWords(filter[part]);
    case 'missing':
      return words.missing[filter.missing ?? 'hidden'];
    case 'batch':
      return filter.batch === 'latest' ? words.latestBatch : words.batchNumber(filter.batch ?? 0);
    case 'scoredBy':
      return words.scoredBy[filter.scoredBy ?? 'ranking'];
    case 'addedAtMs':
      return rangeWords(filter.addedAtMs ?? {}, (ms) => formatDate(ms, 'day'));
    case 'songIds':
      return strings.common.number(filter.songIds?.length ?? 0);
  }
}

/** Up to two values, and how many more there are. */
function listWords(values: readonly string[] = []): string {
  if (values.length === 0) return strings.filters.none;
  const shown = values.slice(0, 2).join(', ');
  return values.length > 2 ? `${shown} +${values.length - 2}` : shown;
}
