/** The table behind a plot: one description of its columns for screen, report and CSV. */

/** How a column's cells are read and set. */
export type ColumnKind = 'text' | 'count' | 'number' | 'share' | 'flag';

export type Cell = string | number | boolean | null;

export interface TableColumn {
  /** Its name in CSV files, such as `mean_low`. */
  id: string;
  /** Its name for people, such as `mean, from`. */
  label: string;
  /** `share`: 0..1 (or a difference of two, -1..1), written in percent for people. */
  kind: ColumnKind;
  /** Decimals for people; CSV files hold every digit. */
  digits: number;
}

export interface DataTable {
  /** A name for its file, without the ending, such as `genres`. */
  name: string;
  /** What a row is, such as `one row for each genre`. */
  caption: string;
  columns: readonly TableColumn[];
  rows: readonly (readonly Cell[])[];
}

const usualDigits: Record<ColumnKind, number> = { text: 0, count: 0, number: 2, share: 0, flag: 0 };

/** A column and how its cell is taken from a row. */
export interface CellSource<Row> {
  column: TableColumn;
  cell: (row: Row) => Cell;
}

/** Describes a column. @param digits decimals for people; those that are usual for the kind unless told */
export function column<Row>(
  id: string,
  label: string,
  kind: ColumnKind,
  cell: (row: Row) => Cell,
  digits: number = usualDigits[kind],
): CellSource<Row> {
  return { column: { id, label, kind, digits }, cell };
}

/** Makes a table of rows. */
export function makeTable<Row>(
  { name, caption }: Pick<DataTable, 'name' | 'caption'>,
  rows: readonly Row[],
  sources: readonly CellSource<Row>[],
): DataTable {
  return {
    name,
    caption,
    columns: sources.map((source) => source.column),
    rows: rows.map((row) => sources.map(({ cell }) => cell(row))),
  };
}

/** Minus as people set it: as wide as a plus and never at the end of a line. */
const minus = '−';

/** A number with so many decimals, for people; nothing is shown as minus zero. */
export function formatNumber(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `${minus}${text}` : text;
}

/** A cell for people; a dash where there is nothing. */
export function formatCell(cell: Cell, { kind, digits }: TableColumn): string {
  if (cell === null || (typeof cell === 'number' && !Number.isFinite(cell))) return '–';
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no';
  if (typeof cell === 'string') return cell;
  return kind === 'share' ? `${formatNumber(cell * 100, digits)} %` : formatNumber(cell, digits);
}

/**
 * A table as CSV (RFC 4180) with a header line. Text that a spreadsheet would run as a formula gets an apostrophe in
 * front; nothing is an empty cell.
 */
export function tableToCsv({ columns, rows }: DataTable): string {
  const lines = [columns.map(({ id }) => id), ...rows].map((cells) => cells.map(csvCell).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

function csvCell(cell: Cell): string {
  if (cell === null || (typeof cell === 'number' && !Number.isFinite(cell))) return '';
  if (typeof cell !== 'string') return String(cell);
  // The signs and their wide forms, as spreadsheets read them (OWASP, “CSV Injection”).
  const harmless = /^[=+\-@\t\r＝＋－＠]/u.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/u.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
