/** What can be chosen for the parts of a filter, and the change that choosing makes. */
import { songFlags } from '../../shared/audio.ts';
import { verdictNames, type SongFilter } from '../../shared/song-query.ts';
import { strings } from '../strings/en.ts';
import { folderName, type FilterPart } from './filter-words.ts';
import { keyWords } from './key-words.ts';

export interface Choice {
  value: string;
  label: string;
  isChosen: boolean;
}

/** A change of the filter; undefined takes a part out. */
export type FilterChange = { [Name in keyof SongFilter]?: SongFilter[Name] | undefined };

/** What is known about the library's values. */
export interface KnownValues {
  folders: readonly string[];
  genres: readonly string[];
  musicalKeys: readonly string[];
  generators: readonly string[];
}

const severalParts = ['verdicts', 'musicalKeys', 'genres', 'generators', 'flags', 'withoutFlags'] as const;
const oneParts = ['folder', 'missing', 'scoredBy'] as const;
const rangeParts = ['stars', 'tempoBpm', 'durationSeconds'] as const;

type SeveralPart = (typeof severalParts)[number];
type OnePart = (typeof oneParts)[number];
export type RangePart = (typeof rangeParts)[number];

export const isSeveral = (part: FilterPart): part is SeveralPart => includes(severalParts, part);
export const isOne = (part: FilterPart): part is OnePart => includes(oneParts, part);
export const isRange = (part: FilterPart): part is RangePart => includes(rangeParts, part);

/** Whether a part has something to change besides being there. */
export function isEditable(part: FilterPart): boolean {
  return isSeveral(part) || isOne(part) || isRange(part);
}

/** What a part that is only there or not is set to when it is added; undefined for parts that have to be chosen. */
export function valueWhenAdded(part: FilterPart): Partial<SongFilter> | undefined {
  if (part === 'batch') return { batch: 'latest' };
  return part === 'hasNote' ? { hasNote: true } : undefined;
}

/** What can be chosen for a part; what is chosen is always among it, even where no song has it any more. */
export function choicesOf(part: SeveralPart | OnePart, filter: SongFilter, known: KnownValues): Choice[] {
  const chosen = chosenValues(part, filter);
  const values = [...new Set([...valuesOf(part, known), ...chosen])];
  return values.map((value) => ({ value, label: labelOf(part, value), isChosen: chosen.includes(value) }));
}

/** The filter's change when a choice is made or taken back. Nothing chosen is no filter, not one that matches nothing. */
export function chosen(
  part: SeveralPart | OnePart,
  filter: SongFilter,
  value: string,
  isChosen: boolean,
): FilterChange {
  if (isOne(part)) return { [part]: isChosen ? value : undefined };
  const others = chosenValues(part, filter).filter((other) => other !== value);
  const values = isChosen ? [...others, value] : others;
  // The choices of a part are its values.
  return { [part]: values.length === 0 ? undefined : values };
}

function chosenValues(part: SeveralPart | OnePart, filter: SongFilter): readonly string[] {
  const value = filter[part];
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

function valuesOf(part: SeveralPart | OnePart, known: KnownValues): readonly string[] {
  switch (part) {
    case 'verdicts':
      return verdictNames;
    case 'flags':
    case 'withoutFlags':
      return songFlags;
    case 'missing':
      return ['shown', 'only'];
    case 'scoredBy':
      return ['ranking', 'model', 'draft-only', 'nothing'];
    case 'folder':
      return known.folders;
    case 'genres':
    case 'musicalKeys':
    case 'generators':
      return known[part];
  }
}

function labelOf(part: SeveralPart | OnePart, value: string): string {
  const tables: Partial<Record<FilterPart, Readonly<Record<string, string>>>> = {
    verdicts: strings.common.verdicts,
    flags: strings.list.flags,
    withoutFlags: strings.list.flags,
    missing: strings.filters.missing,
    scoredBy: strings.filters.scoredBy,
  };
  if (part === 'folder') return folderName(value);
  if (part === 'musicalKeys') return keyWords(value);
  return tables[part]?.[value] ?? value;
}

function includes<Value extends string>(values: readonly Value[], value: string): value is Value {
  return (values as readonly string[]).includes(value);
}
