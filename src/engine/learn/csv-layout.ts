/** Finds the columns that matter in a CSV file: those of the Free Music Archive's tracks.csv, or those a person names. */
import { BangerError } from '../../shared/errors.ts';
import type { CsvSource } from '../../shared/data-source.ts';

/** Which cell of a row is what. */
export interface CsvLayout {
  /** Rows before the first song. */
  headerRows: number;
  /** Whether songs are named by the archive's track number instead of a path. */
  isTrackNumber: boolean;
  song: number;
  label: number;
  labelName: string;
  genre: number | null;
  only: number | null;
  onlyValue: string | null;
}

/** Names under which other programs list files, the likeliest first. */
const usualPathColumns = [
  ...['path', 'file', 'filename', 'file_name', 'file_path', 'filepath'],
  ...['audio', 'audio_path', 'song', 'track'],
];
const usualGenreColumns = ['genre', 'genre_top', 'style'];

/** How many rows may be header. */
export const maximumHeaderRows = 3;

/**
 * @param head the first rows of the file, `maximumHeaderRows` where there are that many
 * @throws BangerError `data-unusable` for a column that is not there, with those that are
 */
export function findCsvLayout(head: readonly string[][], source: CsvSource): CsvLayout {
  const [first = [], second = [], third = []] = head;
  return isTracksFile(first, second)
    ? tracksLayout(first, second, third, source)
    : plainLayout(first, source);
}

/** The columns of a file by name, and those that are taken unless a person names others. */
export function guessColumns(head: readonly string[][]): {
  isTracksFile: boolean;
  columns: string[];
  label: string | null;
  path: string | null;
  genre: string | null;
} {
  const [first = [], second = []] = head;
  if (isTracksFile(first, second)) {
    const columns = second.map((name, column) => `${first[column] ?? ''}.${name}`).slice(1);
    return { isTracksFile: true, columns, label: 'track.listens', path: null, genre: 'track.genre_top' };
  }
  const columns = first.map((name) => name.trim()).filter((name) => name !== '');
  const firstOf = (usual: readonly string[]) =>
    usual.flatMap((name) => columns.find((column) => column.toLowerCase() === name) ?? [])[0] ?? null;
  return {
    isTracksFile: false,
    columns,
    label: null,
    path: firstOf(usualPathColumns),
    genre: firstOf(usualGenreColumns),
  };
}

/** pandas writes a two-level header as two rows, and a third that names the index. */
function isTracksFile(first: readonly string[], second: readonly string[]): boolean {
  return first[0] === '' && second.some((name, column) => name === 'listens' && first[column] === 'track');
}

function tracksLayout(
  first: readonly string[],
  second: readonly string[],
  third: readonly string[],
  source: CsvSource,
): CsvLayout {
  const names = second.map((name, column) => `${first[column] ?? ''}.${name}`);
  // `listens` means the track's; albums have some of their own.
  const find = (wanted: string) =>
    names.findIndex((name) => name === wanted || name === `track.${wanted}` || name === `set.${wanted}`);
  const require = (wanted: string) => requireColumn(find(wanted), wanted, names.slice(1), source.file);
  const labelName = source.labelColumn ?? 'listens';
  const isIndexNamed = third.length > 0 && third.slice(1).every((cell) => cell === '');
  return {
    headerRows: isIndexNamed ? 3 : 2,
    isTrackNumber: true,
    song: 0,
    label: require(labelName),
    labelName,
    genre: require(source.genreColumn ?? 'genre_top'),
    only: require(source.onlyColumn ?? 'subset'),
    onlyValue: source.onlyValue ?? 'small',
  };
}

function plainLayout(names: readonly string[], source: CsvSource): CsvLayout {
  const find = (wanted: string) =>
    names.findIndex((name) => name.trim().toLowerCase() === wanted.toLowerCase());
  const require = (wanted: string) => requireColumn(find(wanted), wanted, names, source.file);
  const firstOf = (usual: readonly string[]) => usual.map(find).find((column) => column >= 0) ?? -1;
  if (source.labelColumn === undefined) {
    throw new BangerError('data-unusable', 'Nobody said which column holds the labels.', {
      file: source.file,
      nextStep: `Name it with --label. ${listColumns(names)}`,
    });
  }
  const guessed = firstOf(usualPathColumns);
  const song = source.pathColumn === undefined ? guessed : require(source.pathColumn);
  if (song < 0) {
    throw new BangerError('data-unusable', 'No column has a name under which songs are usually listed.', {
      file: source.file,
      nextStep: `Name the column of the path with --path. ${listColumns(names)}`,
    });
  }
  const genre = source.genreColumn === undefined ? firstOf(usualGenreColumns) : require(source.genreColumn);
  return {
    headerRows: 1,
    isTrackNumber: false,
    song,
    label: require(source.labelColumn),
    labelName: source.labelColumn,
    genre: genre < 0 ? null : genre,
    only: source.onlyColumn === undefined ? null : require(source.onlyColumn),
    onlyValue: source.onlyValue ?? null,
  };
}

function requireColumn(column: number, wanted: string, names: readonly string[], file: string): number {
  if (column >= 0) return column;
  throw new BangerError('data-unusable', `The file has no column “${wanted}”.`, {
    file,
    nextStep: listColumns(names),
  });
}

function listColumns(names: readonly string[]): string {
  const shown = names.slice(0, 60).filter((name) => name.trim() !== '');
  if (shown.length === 0) return 'The file has no header.';
  const more = names.length > 60 ? ` and ${names.length - 60} more` : '';
  return `It has: ${shown.join(', ')}${more}.`;
}
