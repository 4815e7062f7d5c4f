/** Says a filter in words, as a report states which songs it is about. */
import { formatDuration } from '../../shared/format-quantities.ts';
import { counted, listed, quoted } from '../../shared/insight-phrases.ts';
import type { NumberRange, SongFilter } from '../../shared/song-query.ts';

const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

/** `the latest batch; tempo 120 to 128 BPM`; `all songs` for a filter that lets all through. */
export function describeFilter(filter: SongFilter): string {
  const parts = Object.entries(filter).flatMap(([name, value]) =>
    value === undefined ? [] : [describers[name as keyof SongFilter](filter)],
  );
  return parts.length === 0 ? 'all songs' : parts.join('; ');
}

const describers: { [Part in keyof Required<SongFilter>]: (filter: SongFilter) => string } = {
  text: ({ text = '' }) => `with the words ${quoted(text)}`,
  score: ({ score }) => `score ${range(score)}`,
  verdicts: ({ verdicts }) => `verdict ${anyOf(verdicts)}`,
  stars: ({ stars }) => `stars ${range(stars)}`,
  hasNote: ({ hasNote }) => (hasNote === true ? 'with a note' : 'without a note'),
  folder: ({ folder = '' }) => `in ${quoted(folder)}`,
  flags: ({ flags }) => `marked ${anyOf(flags)}`,
  withoutFlags: ({ withoutFlags }) => `not marked ${anyOf(withoutFlags)}`,
  durationSeconds: ({ durationSeconds }) => `length ${range(durationSeconds, formatDuration)}`,
  tempoBpm: ({ tempoBpm }) => `tempo ${range(tempoBpm)} BPM`,
  musicalKeys: ({ musicalKeys }) => `key ${anyOf(musicalKeys)}`,
  genres: ({ genres }) => `genre ${anyOf(genres)}`,
  generators: ({ generators }) => `made with ${anyOf(generators)}`,
  missing: ({ missing }) =>
    missing === 'only'
      ? 'songs whose files are missing'
      : missing === 'shown'
        ? 'missing files too'
        : 'no missing files',
  batch: ({ batch }) => (batch === 'latest' ? 'the latest batch' : `batch ${batch ?? ''}`),
  scoredBy: ({ scoredBy = 'ranking' }) => scoredByWords[scoredBy],
  addedAtMs: ({ addedAtMs }) => `added ${range(addedAtMs, (ms) => day.format(ms))}`,
  songIds: ({ songIds }) => counted(songIds?.length ?? 0, 'chosen song'),
};

const scoredByWords = {
  ranking: 'with a score in this ranking',
  model: 'scored by a model',
  'draft-only': 'scored by the draft alone',
  nothing: 'without any score',
} as const;

function range(ends: NumberRange | undefined, write: (value: number) => string = String): string {
  const { min, max } = ends ?? {};
  if (min !== undefined && max !== undefined) {
    return min === max ? write(min) : `${write(min)} to ${write(max)}`;
  }
  if (min !== undefined) return `from ${write(min)}`;
  return max === undefined ? 'any' : `up to ${write(max)}`;
}

function anyOf(values: readonly string[] | undefined): string {
  if (values === undefined || values.length === 0) return 'none';
  return listed(values.map((value) => (/^[\w-]+$/.test(value) ? value : quoted(value)))).replace(
    / and (?=[^,]*$)/,
    ' or ',
  );
}
