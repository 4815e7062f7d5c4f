/** `banger trash-rejects`: lists the files of rejected songs, asks, and puts them into the system's trash. */
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { BangerError } from '../shared/errors.ts';
import { formatBytes } from '../shared/format-quantities.ts';
import type { LeftAlone, RejectDestination, RejectPlan, RejectReport } from '../shared/reject-plan.ts';
import { exitCodes } from './exit-codes.ts';
import { printError, printNote } from './print-error.ts';
import { printableLine } from './printable-text.ts';
import { withCurating } from './with-curating.ts';
import { writeOutput } from './write-output.ts';

const optionsSchema = z.object({
  yes: z.boolean().default(false),
  dryRun: z.boolean().default(false),
  folder: z.string().optional(),
  file: z.array(z.string()).default([]),
  setAside: z.boolean().default(false),
  library: z.string().optional(),
});

export function addTrashRejectsCommand(program: Command): void {
  program
    .command('trash-rejects')
    .description(
      'Put the files of rejected songs into the system’s trash. Lists them first, deletes nothing.',
    )
    .option('-y, --yes', 'do it without being asked')
    .option('--dry-run', 'only list the files')
    .option('--folder <folder>', 'only songs in this folder or below it')
    .option('--file <file...>', 'also these files, which are left alone otherwise: copies and exports')
    .option('--set-aside', 'move them into a folder “_rejected” beside them, for drives without a trash')
    .option('--library <file>', 'library to use (default: your own)')
    .addHelpText('after', '\nSidecars go along. “banger undo” brings files back where the system lets it.')
    .action(async (given: unknown) => {
      const { yes, dryRun, folder, file, setAside, library } = optionsSchema.parse(given);
      const destination: RejectDestination = setAside ? 'rejected-folder' : 'trash';
      const request = {
        filter: folder === undefined ? {} : { folder: resolve(folder) },
        files: file.map((path) => resolve(path)),
      };
      await withCurating({ library }, async ({ call, signal }) => {
        const plan = await call('plan-rejects', request);
        await writeOutput(describePlan(plan));
        if (plan.files.length === 0 || dryRun) return exitCodes.success;
        if (!yes) await askForConsent(destination, signal);
        const report = await call('trash-rejects', { ...request, token: plan.token, destination });
        for (const { error } of report.files) if (error !== null) printError(error);
        return summarise(report);
      });
    });
}

const reasonTexts: Record<LeftAlone['reason'], string> = {
  exported: 'made by an export',
  copy: 'another copy of the song',
  shared: 'may belong to another song',
  changed: 'changed since it was scored',
  'set-aside': 'set aside already',
};

function describePlan({ files, songCount, totalBytes, leftAlone }: RejectPlan): string {
  const lines = files.map(({ path, sizeBytes }) => `  ${formatBytes(sizeBytes).padStart(8)}  ${path}`);
  const kept = leftAlone.map(({ path, reason }) => `  ${path}  (${reasonTexts[reason]})`);
  return [
    `Rejected: ${countOf(songCount, 'song')}, ${countOf(files.length, 'file')}, ${formatBytes(totalBytes)}`,
    ...lines,
    ...(kept.length === 0 ? [] : ['Left alone:', ...kept]),
  ]
    .map((line) => `${printableLine(line)}\n`)
    .join('');
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

async function askForConsent(destination: RejectDestination, signal: AbortSignal): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new BangerError('usage', 'Nobody is there to confirm; nothing was touched.', {
      nextStep: 'Repeat the command with --yes.',
    });
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const place = destination === 'trash' ? 'into the trash' : 'aside';
  try {
    const answer = await prompt.question(`Put these files ${place}? [y/N] `, { signal });
    if (/^y(es)?$/i.test(answer.trim())) return;
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  } finally {
    prompt.close();
  }
  throw new BangerError('cancelled', 'Nothing was touched.');
}

function summarise({ files, isUndoable }: RejectReport): number {
  const failed = files.filter(({ outcome }) => outcome === 'failed').length;
  const done = files.length - failed;
  const way = isUndoable ? '“banger undo” brings them back.' : 'The system’s trash can bring them back.';
  if (done > 0) printNote(`${countOf(done, 'file')} put away. ${way}`);
  if (failed === 0) return exitCodes.success;
  return done === 0 ? exitCodes.failure : exitCodes.partial;
}
