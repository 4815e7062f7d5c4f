/** Writes scoring results to the standard output as a table, as JSON or as CSV. */
import { stringify } from 'csv-stringify/sync';
import { formatDuration } from '../shared/format-quantities.ts';
import type { SongResult } from '../shared/song-result.ts';
import { alignColumns } from './align-columns.ts';
import { printableLine, printableText } from './printable-text.ts';
import { writeOutput } from './write-output.ts';

export const resultFormats = ['table', 'json', 'csv'] as const;
export type ResultFormat = (typeof resultFormats)[number];

/** Prints results in the order given; resolves when the reader has taken them. @throws see `writeOutput` */
export function writeResults(results: readonly SongResult[], format: ResultFormat): Promise<void> {
  const text = formatters[format](results);
  // Files and pipes get every name as it is; a terminal gets none that could steer it.
  return writeOutput(process.stdout.isTTY ? printableText(text) : text);
}

const formatters: Record<ResultFormat, (results: readonly SongResult[]) => string> = {
  table: formatTable,
  json: (results) => `${JSON.stringify(results, null, 2)}\n`,
  csv: formatCsv,
};

const csvColumns = [
  ...['path', 'score', 'rawScore', 'encoder', 'head', 'draft', 'durationSeconds', 'loudnessLufs'],
  ...['cached', 'embeddingRow', 'flags', 'errorCode', 'errorMessage'],
];

/** The same fields as the JSON, cells that a spreadsheet would run as formulas made harmless. */
function formatCsv(results: readonly SongResult[]): string {
  const rows = results.map(({ flags, error, ...plain }) => ({
    ...plain,
    flags: flags.join(' '),
    errorCode: error?.code,
    errorMessage: error?.message,
  }));
  return stringify(rows, {
    header: true,
    columns: csvColumns,
    escape_formulas: true,
    // A bare carriage return would begin a new row in a spreadsheet.
    quoted_match: /\r/,
    cast: { boolean: String },
  });
}

/** Rank, score, length, loudness, flags, path; failures below with their reason. */
function formatTable(results: readonly SongResult[]): string {
  const isDraft = results.some(({ draft }) => draft);
  const header = ['rank', isDraft ? 'draft' : 'score', 'length', 'LUFS', 'song'];
  const rows = results.map((result, index) => {
    const flags = result.flags.length > 0 ? `  [${result.flags.join(', ')}]` : '';
    const reason = result.error === null ? '' : `  ${result.error.message} (${result.error.code})`;
    return [
      result.score === null ? '–' : String(index + 1),
      result.score === null ? 'failed' : result.score.toFixed(2),
      formatDuration(result.durationSeconds),
      result.loudnessLufs?.toFixed(1) ?? '–',
      printableLine(`${result.path}${flags}${reason}`),
    ];
  });
  return alignColumns([header, ...rows], 'right');
}
