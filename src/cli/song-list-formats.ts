/** Writes lists of songs to the standard output as a table, as JSON or as CSV. */
import { stringify } from 'csv-stringify/sync';
import { formatDuration } from '../shared/format-quantities.ts';
import type { SongPage, SongRow } from '../shared/song-query.ts';
import { alignColumns } from './align-columns.ts';
import { printableLine, printableText } from './printable-text.ts';
import { writeOutput } from './write-output.ts';

export const songListFormats = ['table', 'json', 'csv'] as const;
export type SongListFormat = (typeof songListFormats)[number];

/** Prints a list; nothing for a table without songs. @throws see `writeOutput` */
export async function writeSongList(page: SongPage, format: SongListFormat): Promise<void> {
  const text = formatters[format](page);
  // Files and pipes get every name as it is; a terminal gets none that could steer it.
  if (text !== '') await writeOutput(process.stdout.isTTY ? printableText(text) : text);
}

const formatters: Record<SongListFormat, (page: SongPage) => string> = {
  table: formatTable,
  json: (page) => `${JSON.stringify(page, null, 2)}\n`,
  csv: formatCsv,
};

function formatTable({ rows, ranking, reference }: SongPage): string {
  if (rows.length === 0) return '';
  const header = [
    'rank',
    ranking?.isDraft === true ? 'draft' : 'score',
    '%',
    'length',
    'LUFS',
    'verdict',
    'song',
  ];
  const cells = rows.map((row) => [
    row.rank?.toString() ?? '–',
    row.score?.toFixed(2) ?? '–',
    (reference === null ? row.percentile : row.referencePercentile)?.toFixed(0) ?? '–',
    formatDuration(row.durationSeconds),
    row.loudnessLufs?.toFixed(1) ?? '–',
    `${row.verdict === 'undecided' ? '' : row.verdict}${'★'.repeat(row.stars)}`,
    printableLine(`${row.path ?? row.title}${remarksOn(row)}`),
  ]);
  return alignColumns([header, ...cells], 'right');
}

function remarksOn({ flags, isMissing }: SongRow): string {
  const remarks = [...(isMissing ? ['missing'] : []), ...flags];
  return remarks.length === 0 ? '' : `  [${remarks.join(', ')}]`;
}

const csvColumns = [
  ...['rank', 'score', 'rawScore', 'percentile', 'isDraft', 'title', 'artist', 'path', 'durationSeconds'],
  ...['loudnessLufs', 'flags', 'verdict', 'stars', 'hasNote', 'genre', 'tempoBpm', 'musicalKey', 'generator'],
  ...['prompt', 'seed', 'addedAt', 'batchId', 'isMissing', 'id'],
];

/** Cells that a spreadsheet would run as formulas are made harmless. */
function formatCsv({ rows }: SongPage): string {
  const cells = rows.map(({ flags, addedAtMs, ...row }) => ({
    ...row,
    flags: flags.join(' '),
    addedAt: new Date(addedAtMs).toISOString(),
  }));
  return stringify(cells, {
    header: true,
    columns: csvColumns,
    escape_formulas: true,
    // A bare carriage return would begin a new row in a spreadsheet.
    quoted_match: /\r/,
    cast: { boolean: String },
  });
}
