/** CSV: a table for spreadsheets, with everything that is known about each song. */
import { stringify } from 'csv-stringify/sync';
import type { ExportEntry } from '../../../shared/export-entry.ts';
import type { PlaylistPlace } from './playlist-location.ts';
import { locationAsText } from './playlist-location.ts';

const columns: readonly (keyof ExportEntry)[] = [
  'rank',
  'score',
  'isDraft',
  'title',
  'artist',
  'album',
  'genre',
  'durationSeconds',
  'verdict',
  'stars',
  'note',
  'tempoBpm',
  'musicalKey',
  'prompt',
  'seed',
  'encoder',
  'head',
  'path',
  'songId',
];

/** The first line, which tells a table of ours from another. */
export const csvHeader = columns.join(',');

/** The table in UTF-8; cells that a spreadsheet would run as formulas are made harmless. */
export function formatCsv(entries: readonly ExportEntry[], place: PlaylistPlace): string {
  const rows = entries.map((entry) => ({ ...entry, path: locationAsText(entry.path, place) }));
  return stringify(rows, {
    header: true,
    columns: [...columns],
    escape_formulas: true,
    // A bare carriage return would begin a new row in a spreadsheet.
    quoted_match: /\r/,
    cast: { boolean: String },
  });
}
