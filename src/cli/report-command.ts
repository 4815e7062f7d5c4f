/** `banger report`: writes what the scores say as one HTML file. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import { z } from 'zod';
import { libraryHandlers, requireLibrary } from '../engine/library-commands.ts';
import { reportHandlers } from '../engine/report-commands.ts';
import { callCommand } from '../shared/call-command.ts';
import { formatBytes } from '../shared/format-quantities.ts';
import { insightKinds, insightKindSchema } from '../shared/insight.ts';
import { libraryCommands } from '../shared/library-commands.ts';
import { reportCommands } from '../shared/report-commands.ts';
import { exitCodes } from './exit-codes.ts';
import { addInsightOptions, insightRequestOf } from './insight-options.ts';
import { printNote } from './print-error.ts';
import type { CallLibrary } from './with-library.ts';
import { withEngine } from './with-library.ts';

const optionsSchema = z.object({
  out: z.string(),
  title: z.string().optional(),
  replace: z.boolean().default(false),
  only: z.array(insightKindSchema).optional(),
  library: z.string().optional(),
  quiet: z.boolean().default(false),
});

export function addReportCommand(program: Command): void {
  const command = program
    .command('report')
    .description('Write what the scores say as one HTML file: sentences, plots, tables.')
    .requiredOption('--out <file>', 'the HTML file; an earlier report of that name is replaced')
    .option('--title <title>', 'what stands above it')
    .option('--replace', 'let it replace any file that has its name')
    .addOption(new Option('--only <analysis...>', 'only these analyses').choices(insightKinds));
  addInsightOptions(command)
    .option('--library <file>', 'library to look into (default: your own)')
    .option('-q, --quiet', 'no notes, errors only')
    .addHelpText(
      'after',
      `
Examples:
  banger report --out report.html
  banger report --batch latest --out last-night.html
  banger report --generator ace-step-1.5 --thresholds 6,7.5 --out ace.html
  banger report --compare saved:before saved:after --only comparison scores --out settings.html

The file needs nothing else: open it in any browser, print it, send it. Its tables can be saved from it as CSV.

Exit codes: 0 written, 1 could not be or no song has a score, 2 wrong usage, 130 interrupted.`,
    )
    .action(writeReport);
}

async function writeReport(given: unknown): Promise<void> {
  const { out, title, replace, only, library, quiet } = optionsSchema.parse(given);
  await withEngine(library, async (engine, signal) => {
    requireLibrary(engine);
    const lists = libraryHandlers(engine.library);
    const callLibrary: CallLibrary = (name, request) =>
      callCommand(libraryCommands, lists, name, request, { signal });
    const request = {
      ...(await insightRequestOf(callLibrary, given)),
      file: resolve(out),
      replacesOthers: replace,
      ...(title !== undefined && { title }),
      ...(only !== undefined && { analyses: only }),
    };
    const written = await callCommand(reportCommands, reportHandlers(engine), 'write-report', request, {
      signal,
    });
    const { file, total, scoredTotal, plots, bytes } = written;
    if (!quiet) {
      printNote(`${scoredTotal} scored songs of ${total}, ${plots} plots, ${formatBytes(bytes)}: ${file}`);
      if (scoredTotal === 0) printNote('No song of these has a score yet: run “banger score” first.');
    }
    return scoredTotal === 0 ? exitCodes.failure : exitCodes.success;
  });
}
