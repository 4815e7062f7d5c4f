/** Writes analyses of scores for people: a sentence and the table behind each plot. */
import type { DataTable } from '../shared/data-table.ts';
import { formatCell } from '../shared/data-table.ts';
import { insightTables } from '../shared/insight-tables.ts';
import { describeInsight } from '../shared/insight-words.ts';
import type { Insight } from '../shared/insight.ts';
import { alignColumns } from './align-columns.ts';
import { printableLine } from './printable-text.ts';

/** The longest text that a cell is shown with, in characters. */
const longestCell = 60;

/** Every analysis under its name. @param rowLimit rows of a table at most */
export function formatInsight({ analyses }: Insight, rowLimit: number): string {
  return analyses
    .map((analysis) => {
      const says = analysis.verdict !== 'nothing' && analysis.verdict !== 'too-few';
      // The points of a scatter plot are for files.
      const tables = says ? insightTables(analysis).filter(({ name }) => !name.endsWith('-songs')) : [];
      const shown = tables.filter(({ rows }) => rows.length > 0).map((table) => formatTable(table, rowLimit));
      return [`${analysis.kind}\n${describeInsight(analysis)}\n`, ...shown].join('\n');
    })
    .join('\n');
}

function formatTable({ columns, rows }: DataTable, rowLimit: number): string {
  const cells = rows
    .slice(0, rowLimit)
    .map((row) => row.map((cell, index) => shorten(formatCell(cell, columns[index] ?? plainColumn))));
  const more = rows.length > rowLimit ? `… and ${rows.length - rowLimit} more\n` : '';
  return `${alignColumns([columns.map(({ label }) => label), ...cells], 'left')}${more}`;
}

const plainColumn = { id: '', label: '', kind: 'text', digits: 0 } as const;

function shorten(text: string): string {
  const line = printableLine(text);
  return line.length > longestCell ? `${line.slice(0, longestCell - 1).trimEnd()}…` : line;
}
