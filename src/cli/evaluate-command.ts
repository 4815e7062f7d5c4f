/** `banger evaluate`: judges a head by labelled songs. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import { z } from 'zod';
import type { Engine } from '../engine/engine.ts';
import { evaluateHead } from '../engine/learn-heads.ts';
import { writeEvaluationReport } from '../engine/report-commands.ts';
import { addSourceOptions, dataSourceOf } from './data-source-options.ts';
import { formatEvaluation } from './evaluation-format.ts';
import { exitCodes } from './exit-codes.ts';
import { describeEmbedding, FailureNotes } from './learn-progress.ts';
import { printNote } from './print-error.ts';
import { startProgressLine } from './progress-line.ts';
import { withEngine } from './with-library.ts';
import { writeOutput } from './write-output.ts';

const optionsSchema = z.object({
  encoder: z.string().optional(),
  library: z.string().optional(),
  format: z.enum(['text', 'json']),
  report: z.string().optional(),
  quiet: z.boolean().default(false),
});

export function addEvaluateCommand(program: Command): void {
  const command = program
    .command('evaluate')
    .description('Judge a head by labelled songs: errors, rank correlations, baselines, calibration.')
    .argument('<head>', 'id of a head, or its file');
  addSourceOptions(command)
    .option('--encoder <id|folder>', 'encoder (default: the head’s own)')
    .option('--library <file>', 'library to look embeddings up in and keep them (default: your own)')
    .addOption(
      new Option('--format <format>', 'form of the report').choices(['text', 'json']).default('text'),
    )
    .option('--report <file>', 'also write it as one HTML file with plots and tables')
    .option('-q, --quiet', 'no progress and no notes, report and errors only')
    .addHelpText(
      'after',
      `
Examples:
  banger evaluate banger --csv fma_metadata/tracks.csv --audio fma_small
  banger evaluate mine --from-library stars --format json
  banger evaluate mine --from-library stars --report mine.html

Where the songs are those that the head was trained with, only its test songs count.

Exit codes: 0 judged, 1 could not be, 2 wrong usage, 3 some songs failed, 130 interrupted.`,
    )
    .action(async (head: string, given: unknown) => {
      const { library } = optionsSchema.parse(given);
      await withEngine(library, (engine, signal) => evaluate(engine, head, given, signal));
    });
}

async function evaluate(engine: Engine, head: string, given: unknown, signal: AbortSignal): Promise<number> {
  const options = optionsSchema.parse(given);
  const line = startProgressLine(options.quiet);
  const failures = new FailureNotes();
  try {
    const judged = await evaluateHead(
      engine,
      { head, source: dataSourceOf(given), encoder: options.encoder },
      {
        signal,
        onEmbedding: (progress) => {
          line.show(describeEmbedding(progress));
        },
        onFailure: ({ result }) => {
          failures.add(result);
        },
      },
    );
    line.end();
    if (!options.quiet) {
      for (const text of judged.notes) printNote(text);
      printNote(
        judged.part === 'test'
          ? 'These are the songs that the head was trained with; its test part is judged.'
          : 'All songs are judged. Figures are too good where the head was trained on some of them.',
      );
    }
    if (options.report !== undefined) await writeEvaluationReport(judged, resolve(options.report));
    await writeOutput(
      options.format === 'json'
        ? `${JSON.stringify(judged, null, 2)}\n`
        : formatEvaluation(judged.evaluation),
    );
    return failures.count > 0 ? exitCodes.partial : exitCodes.success;
  } finally {
    line.end();
    failures.print();
  }
}
