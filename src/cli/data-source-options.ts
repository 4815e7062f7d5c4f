/** The options by which commands are told where songs and labels come from. */
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { dataSourceSchema, libraryLabels, type DataSource } from '../shared/data-source.ts';
import { BangerError } from '../shared/errors.ts';
import { labelScaleSchema } from '../shared/head-card.ts';

const scales = labelScaleSchema.shape.method.options;

const csvOptionsSchema = z.object({
  csv: z.string().optional(),
  audio: z.string().optional(),
  label: z.string().optional(),
  path: z.string().optional(),
  genre: z.string().optional(),
  only: z.object({ column: z.string(), value: z.string() }).optional(),
  scale: z.enum(scales).optional(),
  keepZero: z.boolean().default(false),
});

const sourceOptionsSchema = csvOptionsSchema.extend({
  embeddings: z.string().optional(),
  fromLibrary: z.enum(libraryLabels).optional(),
});

/** Adds the options about a CSV file. */
export function addCsvOptions(command: Command): Command {
  return command
    .option('--csv <file>', 'FMA’s tracks.csv, or any CSV file with a header')
    .option('--label <column>', 'column of the labels (tracks.csv: listens)')
    .option('--path <column>', 'column of the songs’ paths or names (default: path, file, filename, …)')
    .option('--genre <column>', 'column of the genres (default: genre, genre_top)')
    .option('--only <column=value>', 'only rows that say so (tracks.csv: subset=small)', parseOnly)
    .addOption(
      new Option(
        '--scale <method>',
        'how labels become 0 to 10: by their logarithm, evenly, or taken as they are (default: log-minmax)',
      ).choices(scales),
    )
    .option('--keep-zero', 'a value of 0 is a label as well');
}

/** Adds every way to name songs with labels. */
export function addSourceOptions(command: Command): Command {
  command.option('--embeddings <folder>', 'folder with embeddings.npy and metadata.json');
  addCsvOptions(command);
  return command
    .option('--audio <folder>', 'folder with the songs of the CSV file')
    .addOption(
      new Option(
        '--from-library <label>',
        'your own library: rejected 0, kept 10; one star 0 to five 10; or how often each was played',
      ).choices(libraryLabels),
    );
}

/** The one source that the options name. @throws BangerError `usage` */
export function dataSourceOf(given: unknown): DataSource {
  const { embeddings, fromLibrary, ...csv } = sourceOptionsSchema.parse(given);
  const named = [embeddings, csv.csv, fromLibrary].filter((option) => option !== undefined).length;
  if (named !== 1) {
    throw new BangerError(
      'usage',
      named === 0 ? 'Nobody said what to learn from.' : 'Name one source of songs only.',
      {
        nextStep:
          'Give --embeddings <folder>, or --csv <file> with --audio <folder>, or --from-library <label>.',
      },
    );
  }
  if (embeddings !== undefined) return dataSourceSchema.parse({ kind: 'embeddings', folder: embeddings });
  if (fromLibrary !== undefined) return dataSourceSchema.parse({ kind: 'library', label: fromLibrary });
  if (csv.audio === undefined) {
    throw new BangerError('usage', 'Nobody said where the songs of the CSV file are.', {
      nextStep: 'Name their folder with --audio <folder>.',
    });
  }
  return csvSourceOf(csv, csv.audio);
}

/** The CSV file that the options name, about the songs of a folder. */
export function csvSourceOf(given: unknown, audioFolder: string): DataSource & { kind: 'csv' } {
  const { csv, label, path, genre, only, scale, keepZero } = csvOptionsSchema.parse(given);
  const source = dataSourceSchema.parse({
    kind: 'csv',
    file: csv,
    audioFolder,
    labelColumn: label,
    pathColumn: path,
    genreColumn: genre,
    onlyColumn: only?.column,
    onlyValue: only?.value,
    scale,
    keepsZero: keepZero,
  });
  if (source.kind !== 'csv') throw new BangerError('internal', 'A CSV source became another.');
  return source;
}

function parseOnly(text: string): { column: string; value: string } {
  const [, column, value] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  if (column !== undefined && value !== undefined) return { column, value };
  throw new InvalidArgumentError('It must be a column and a value, such as subset=small.');
}
