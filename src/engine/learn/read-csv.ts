/** Reads CSV files of any length a row at a time. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { CsvError, parse } from 'csv-parse';
import { z } from 'zod';
import { BangerError } from '../../shared/errors.ts';
import { isMissingFile } from '../../shared/system-errors.ts';

/** A row this long is no row: a quote was left open somewhere. */
const maximumRowBytes = 4 * 2 ** 20;

/** How much is looked at to tell which character stands between the cells. */
const sniffBytes = 64 * 2 ** 10;

const delimiters = [',', ';', '\t'] as const;

/**
 * The rows of a file in UTF-8, header rows included; blank lines are passed over. Commas, semicolons or tabs may
 * stand between the cells. Memory stays the same however long the file is.
 *
 * @throws BangerError `file-missing`, `file-unreadable`, `data-unusable` with the line where the file is no CSV,
 *   `cancelled`
 */
export async function* readCsvRows(
  file: string,
  signal?: AbortSignal,
): AsyncGenerator<string[], void, undefined> {
  const delimiter = await sniffDelimiter(file);
  const parser = parse({
    bom: true,
    delimiter,
    max_record_size: maximumRowBytes,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  });
  const stream = createReadStream(file, { highWaterMark: 2 ** 20 });
  stream.once('error', (cause) => parser.destroy(unreadable(file, cause)));
  stream.pipe(parser);
  try {
    for await (const row of parser) {
      if (signal?.aborted === true) throw new BangerError('cancelled', 'Reading the CSV file was cancelled.');
      yield row as string[];
    }
  } catch (thrown) {
    if (!(thrown instanceof CsvError)) throw thrown;
    const { lines } = z.object({ lines: z.number().catch(NaN) }).parse(thrown);
    throw new BangerError('data-unusable', `The file is no CSV near line ${lines}.`, {
      file,
      cause: thrown,
      details: thrown.message,
      nextStep: 'Check the quotes around that line.',
    });
  } finally {
    stream.destroy();
    parser.destroy();
  }
}

/** The character that stands most often in the first line. */
async function sniffDelimiter(file: string): Promise<string> {
  try {
    const handle = await open(file, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(sniffBytes), 0, sniffBytes, 0);
      const [line = ''] = buffer.toString('utf8', 0, bytesRead).split(/\r?\n/, 1);
      const count = (delimiter: string) => line.split(delimiter).length;
      return delimiters.reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable(file: string, cause: unknown): BangerError {
  if (isMissingFile(cause)) return new BangerError('file-missing', 'There is no such file.', { file, cause });
  return new BangerError('file-unreadable', 'This file cannot be read.', {
    file,
    cause,
    details: String(cause),
    nextStep: 'Check that it is a file and that you may read it.',
  });
}
