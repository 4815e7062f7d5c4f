/** `banger undo`, `redo` and `history`: takes changes back, does them again, and lists them. */
import type { Command } from 'commander';
import { Option } from 'commander';
import { z } from 'zod';
import type { HistoryItem, HistoryStep } from '../shared/history.ts';
import { alignColumns } from './align-columns.ts';
import { exitCodes } from './exit-codes.ts';
import { parseCount } from './parse-options.ts';
import { printError, printNote } from './print-error.ts';
import { printableLine } from './printable-text.ts';
import { withCurating } from './with-curating.ts';
import { writeOutput } from './write-output.ts';

const optionsSchema = z.object({ library: z.string().optional() });
const libraryOption = ['--library <file>', 'library to use (default: your own)'] as const;

export function addHistoryCommands(program: Command): void {
  program
    .command('undo')
    .description('Take the newest change back: verdicts, stars, notes, moved files, rejects.')
    .option('--count <count>', 'how many changes to take back', parseCount, 1)
    .option(...libraryOption)
    .action(async (options: unknown) => {
      await takeSteps('undo', options);
    });
  program
    .command('redo')
    .description('Do again what was undone last.')
    .option('--count <count>', 'how many changes to do again', parseCount, 1)
    .option(...libraryOption)
    .action(async (options: unknown) => {
      await takeSteps('redo', options);
    });
  program
    .command('history')
    .description('List changes, the newest first.')
    .option('--limit <count>', 'how many', parseCount, 20)
    .option('--before <id>', 'only older ones than this', parseCount)
    .addOption(
      new Option('--format <format>', 'form of the output').choices(['table', 'json']).default('table'),
    )
    .option(...libraryOption)
    .action(listHistory);
}

async function takeSteps(way: 'undo' | 'redo', options: unknown): Promise<void> {
  const { count, library } = optionsSchema.extend({ count: z.int() }).parse(options);
  await withCurating({ library }, async ({ call }) => {
    const steps: HistoryStep[] = [];
    while (steps.length < count) {
      const step = await call(way === 'undo' ? 'undo-change' : 'redo-change', {});
      if (step === null) break;
      steps.push(step);
      await writeOutput(describeStep(way, step));
      for (const { error } of step.files) if (error !== null) printError(error);
    }
    if (steps.length === 0) printNote(`banger: There is nothing to ${way}.`);
    if (steps.length === 0) return exitCodes.failure;
    const isWhole = steps.flatMap(({ files }) => files).every(({ outcome }) => isThere(outcome));
    return isWhole ? exitCodes.success : exitCodes.partial;
  });
}

function isThere(outcome: HistoryStep['files'][number]['outcome']): boolean {
  return outcome === 'moved' || outcome === 'in-place';
}

function describeStep(way: 'undo' | 'redo', { item, files }: HistoryStep): string {
  const done = way === 'undo' ? 'Undone' : 'Done again';
  const gone = files.filter(({ outcome }) => outcome === 'gone').map(({ from }) => `  gone: ${from}`);
  const moved = files.filter(({ outcome }) => isThere(outcome)).length;
  const count = files.length === 0 ? '' : ` (${moved} of ${files.length} files)`;
  return [`${done}: ${item.label}${count}`, ...gone].map((line) => `${printableLine(line)}\n`).join('');
}

async function listHistory(options: unknown): Promise<void> {
  const { limit, before, format, library } = optionsSchema
    .extend({ limit: z.int(), before: z.int().optional(), format: z.enum(['table', 'json']) })
    .parse(options);
  await withCurating({ library }, async ({ call }) => {
    const history = await call('list-history', {
      limit: Math.min(limit, 1000),
      ...(before !== undefined && { beforeId: before }),
    });
    if (format === 'json') await writeOutput(`${JSON.stringify(history, null, 2)}\n`);
    else if (history.items.length > 0) await writeOutput(historyTable(history.items));
    else printNote('Nothing was changed yet.');
    return exitCodes.success;
  });
}

function historyTable(items: readonly HistoryItem[]): string {
  const rows = items.map(({ id, doneAtMs, label, isUndone, isUndoable }) => {
    const state = isUndone ? 'undone' : isUndoable ? '' : 'final';
    return [String(id), new Date(doneAtMs).toLocaleString(), state, printableLine(label)];
  });
  return alignColumns([['id', 'time', 'state', 'change'], ...rows], 'left');
}
