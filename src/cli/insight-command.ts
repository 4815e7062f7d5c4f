/** `banger insight`: says what the scores of songs show. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Argument, Option, type Command } from 'commander';
import { z } from 'zod';
import { BangerError } from '../shared/errors.ts';
import { describeBasis, intervalNote } from '../shared/insight-words.ts';
import { insightKinds, insightKindSchema } from '../shared/insight.ts';
import { exitCodes } from './exit-codes.ts';
import { formatInsight } from './insight-format.ts';
import { addInsightOptions, insightRequestOf } from './insight-options.ts';
import { parseCount } from './parse-options.ts';
import { printNote } from './print-error.ts';
import { printableText } from './printable-text.ts';
import { withInsight, type CallInsight } from './with-insight.ts';
import { writeOutput } from './write-output.ts';

const optionsSchema = z.object({
  rows: z.int().max(1000),
  format: z.enum(['text', 'json']),
  csv: z.string().optional(),
  library: z.string().optional(),
  quiet: z.boolean().default(false),
});

export function addInsightCommand(program: Command): void {
  const command = program
    .command('insight')
    .description('Say what the scores show: genres, prompts and their words, tempo, keys, hit rates, groups.')
    .addArgument(new Argument('[analysis...]', 'which (default: all)').choices(insightKinds));
  addInsightOptions(command)
    .option('--rows <count>', 'rows of a table at most', parseCount, 10)
    .addOption(
      new Option('--format <format>', 'form of the output').choices(['text', 'json']).default('text'),
    )
    .option('--csv <folder>', 'write the tables into this folder as CSV files instead')
    .option('--library <file>', 'library to look into (default: your own)')
    .option('-q, --quiet', 'no notes, analyses and errors only')
    .addHelpText(
      'after',
      `
Examples:
  banger insight genres terms --batch latest
  banger insight comparison --compare batch:12 batch:13 --thresholds 7,8
  banger insight --generator ace-step-1.5 --csv tables

What goes together need not be cause and effect. Where there are too few songs to say anything, it says so.

Exit codes: 0 there are scores, 1 there are none, 2 wrong usage, 130 interrupted.`,
    )
    .action(async (analyses: string[], given: unknown) => {
      const options = optionsSchema.parse(given);
      await withInsight(options.library, async ({ call, callLibrary }) => {
        const request = {
          ...(await insightRequestOf(callLibrary, given)),
          ...(analyses.length > 0 && { analyses: z.array(insightKindSchema).parse(analyses) }),
          // Files hold what a terminal has no room for.
          maximumRows: options.csv === undefined ? options.rows : 1000,
        };
        if (analyses.includes('comparison') && request.comparison === undefined) {
          throw new BangerError('usage', 'A comparison takes two groups.', {
            nextStep: 'Name both with --compare, such as --compare batch:12 batch:13.',
          });
        }
        if (options.csv !== undefined) return writeTables(call, request, options.csv, options.quiet);
        const insight = await call('get-insight', request);
        if (!options.quiet) for (const note of [describeBasis(insight), intervalNote]) printNote(note);
        const text =
          options.format === 'json'
            ? `${JSON.stringify(insight, null, 2)}\n`
            : formatInsight(insight, options.rows);
        await writeOutput(process.stdout.isTTY ? printableText(text) : text);
        return insight.scoredTotal > 0 ? exitCodes.success : exitCodes.failure;
      });
    });
}

/** Writes every table as a file of its own; those of an earlier run are replaced. */
async function writeTables(
  call: CallInsight,
  request: Parameters<CallInsight>[1],
  folder: string,
  isQuiet: boolean,
): Promise<number> {
  const tables = await call('export-insight', request);
  try {
    await mkdir(folder, { recursive: true });
    for (const { fileName, csv } of tables) await writeFile(join(folder, fileName), csv);
  } catch (cause) {
    throw new BangerError('file-unwritable', 'The tables could not be written.', {
      file: folder,
      cause,
      details: String(cause),
      nextStep: 'Choose a folder that you may write to and that has room.',
    });
  }
  if (!isQuiet) printNote(`${tables.length} tables were written.`);
  return exitCodes.success;
}
