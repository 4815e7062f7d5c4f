/** Which songs of the list stand behind a row of a plot, as far as the list’s filter can say it. */
import type { Chart } from '../../plots/charts.ts';
import { musicalKeyName, parseMusicalKey } from '../../shared/musical-key.ts';
import { maximumScore } from '../../shared/score.ts';
import type { NumberRange, SongFilter } from '../../shared/song-query.ts';

/** A change of the list’s filter. */
export type FilterOfRow = Partial<SongFilter>;

/** The longest search that a filter takes. */
const longestText = 1000;

/**
 * @param row place in the chart’s first table
 * @returns null where a filter of songs cannot say it, as for what is no song
 */
export function songsOfRow(chart: Chart, row: number, filter: SongFilter): FilterOfRow | null {
  switch (chart.name) {
    case 'scores': {
      const bin = chart.data.bins[row];
      return bin === undefined || bin.songs === 0 ? null : { score: spanRange(bin, bin.to >= maximumScore) };
    }
    case 'hit-rates': {
      const rate = chart.data.rates[row];
      return rate === undefined ? null : { score: { min: rate.threshold } };
    }
    case 'genres':
      return named(chart.data.ranking.groups[row]?.name, (name) => ({ genres: [name] }));
    case 'prompts':
      return named(chart.data.ranking.groups[row]?.name, (name) => searched(name, filter));
    case 'keys':
      return named(chart.data.ranking.groups[row]?.name, (name) => ({ musicalKeys: [name] }));
    case 'terms':
      return named(chart.data.terms[row]?.term, (term) => searched(term, filter));
    case 'tempo':
      return ofBin(chart.data.bins, row, (tempoBpm) => ({ tempoBpm }));
    case 'duration':
      return ofBin(chart.data.bins, row, (durationSeconds) => ({ durationSeconds }));
    case 'tempo-keys': {
      const { cells, keys, tempoEdgesBpm } = chart.data;
      const cell = cells[row];
      const key = keys[cell?.key ?? -1];
      if (cell === undefined || key === undefined) return null;
      const [from, to] = [tempoEdgesBpm[cell.tempo] ?? 0, tempoEdgesBpm[cell.tempo + 1] ?? Infinity];
      const isLast = cell.tempo + 2 >= tempoEdgesBpm.length;
      return { musicalKeys: [key], tempoBpm: spanRange({ from, to }, isLast) };
    }
    case 'top-bottom-shares': {
      const { attribute, value } = chart.data.shares[row] ?? {};
      if (value === undefined) return null;
      if (attribute === 'genre') return { genres: [value] };
      if (attribute === 'key') return { musicalKeys: [value] };
      if (attribute === 'generator') return { generators: [value] };
      return attribute === 'term' ? searched(value, filter) : null;
    }
    // No filter says these.
    case 'loudness':
    case 'generation-time':
    case 'modes':
    case 'top-bottom-quantities':
    case 'reference':
    case 'reference-quantiles':
    case 'comparison':
    case 'comparison-hit-rates':
    case 'learning-curve':
    case 'head-metrics':
    case 'predictions':
    case 'calibration':
    case 'residuals':
    case 'genre-errors':
    case 'band-errors':
      return null;
  }
}

/** The keys of the library that sound like one of these, however they are written. */
export function spellingsOf(keys: readonly string[], known: readonly string[]): string[] {
  return [...new Set([...known.filter((name) => keys.includes(usualKey(name))), ...keys])];
}

function usualKey(name: string): string {
  const key = parseMusicalKey(name);
  return key === null ? name : musicalKeyName(key);
}

function named(name: string | undefined, filterOf: (name: string) => FilterOfRow | null): FilterOfRow | null {
  return name === undefined ? null : filterOf(name);
}

function ofBin(
  bins: readonly { from: number; to: number; songs: number }[],
  row: number,
  filterOf: (range: NumberRange) => FilterOfRow,
): FilterOfRow | null {
  const bin = bins[row];
  return bin === undefined || bin.songs === 0 ? null : filterOf(spanRange(bin, row === bins.length - 1));
}

/** Less than any quantity is measured to, and than any filter shows. */
const leastStep = 1e-6;

/** A span is without its upper end, except for the last one; a filter’s range has both. */
function spanRange({ from, to }: { from: number; to: number }, isLast: boolean): NumberRange {
  return { min: from, max: isLast ? to : Math.max(from, to - leastStep) };
}

/** The words as they stand, added to what is searched for already. */
function searched(words: string, { text = '' }: SongFilter): FilterOfRow | null {
  const phrase = `"${words}"`;
  if (words.includes('"') || words.trim() === '') return null;
  const both = text.includes(phrase) ? text : [text, phrase].filter((part) => part !== '').join(' ');
  return both.length > longestText ? null : { text: both };
}
