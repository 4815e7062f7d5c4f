/** Says which columns a CSV file has and which of them will be taken unless a person names others. */
import type { CsvColumns } from '../../shared/learn-commands.ts';
import { BangerError } from '../../shared/errors.ts';
import { guessColumns, maximumHeaderRows } from './csv-layout.ts';
import { readCsvRows } from './read-csv.ts';

/** Names that a person can choose from; a file with more columns is no table about songs. */
const maximumColumns = 500;

/**
 * Reads the header and nothing more.
 *
 * @throws BangerError `data-unusable` for an empty file, and what `readCsvRows` throws
 */
export async function readCsvColumns(file: string, signal?: AbortSignal): Promise<CsvColumns> {
  const head: string[][] = [];
  for await (const row of readCsvRows(file, signal)) {
    head.push(row);
    if (head.length === maximumHeaderRows) break;
  }
  if (head.length === 0) throw new BangerError('data-unusable', 'The CSV file is empty.', { file });
  const guessed = guessColumns(head);
  return { ...guessed, columns: guessed.columns.slice(0, maximumColumns) };
}
