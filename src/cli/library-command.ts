/** `banger library`: what the library holds, its check, its backups. */
import type { Command } from 'commander';
import { Option } from 'commander';
import { z } from 'zod';
import { restoreBackup } from '../engine/library-commands.ts';
import { formatBytes } from '../shared/format-quantities.ts';
import type { Finding, Verification } from '../shared/library-care.ts';
import { alignColumns } from './align-columns.ts';
import { completeAnalyzeCommand } from './analyze-command.ts';
import { exitCodes } from './exit-codes.ts';
import { completeReferenceCommand } from './reference-command.ts';
import { printNote } from './print-error.ts';
import { printableLine } from './printable-text.ts';
import { withEngine, withLibrary } from './with-library.ts';
import { writeOutput } from './write-output.ts';

const formats = ['table', 'json'] as const;
const optionsSchema = z.object({
  library: z.string().optional(),
  format: z.enum(formats),
  repair: z.boolean().default(false),
});

export function addLibraryCommand(program: Command): void {
  const library = program
    .command('library')
    .description('Look after the library: what it holds, its check, its backups.')
    .addHelpText(
      'after',
      `
Examples:
  banger library stats
  banger library verify --repair
  banger library analyze
  banger library backup ~/backups/songs.sqlite
  banger library restore ~/backups/songs.sqlite`,
    );
  addOptions(library.command('stats').description('Show what the library holds.')).action(showStats);
  addOptions(library.command('verify').description('Compare the library with the disk and with itself.'))
    .option('--repair', 'put right what can be put right without losing anything')
    .addHelpText('after', '\nExit codes: 0 all is well, 1 the library is damaged, 3 something is left to do.')
    .action(verify);
  completeAnalyzeCommand(
    addOptions(library.command('analyze').description('Measure tempo and key of songs that have none.')),
  );
  completeReferenceCommand(
    addOptions(
      library.command('reference').description('Show or choose what percentiles are stated against.'),
    ),
  );
  addOptions(library.command('backup').description('Copy the library, also while it is in use.'))
    .argument('[file]', 'where to (default: beside the library)')
    .action(backUp);
  addOptions(
    library.command('restore').description('Put a backup in the library’s place, and keep what was there.'),
  )
    .argument('<file>', 'a backup')
    .action(restore);
}

function addOptions(command: Command): Command {
  return command
    .option('--library <file>', 'the library (default: your own)')
    .addOption(new Option('--format <format>', 'form of the output').choices(formats).default('table'));
}

async function showStats(given: unknown): Promise<void> {
  const options = optionsSchema.parse(given);
  await withLibrary(options.library, async (call) => {
    const stats = await call('get-library-stats', {});
    const { rankings } = await call('list-rankings', {});
    const batches = await call('list-batches', {});
    const backups = await call('list-backups', {});
    const [newestBackup] = backups;
    const rows = [
      ['library', stats.file],
      ['size', formatBytes(stats.sizeBytes)],
      ['songs', `${stats.songs} in ${batches.length} batches`],
      ['files', `${stats.files}, ${stats.missingFiles} missing, ${stats.failedFiles} failed`],
      ['embeddings', String(stats.embeddings)],
      ...rankings.map((ranking) => [
        'scores',
        `${ranking.songCount} by ${ranking.encoder} and ${ranking.head}, ${ranking.precision}`,
      ]),
      ['newest backup', newestBackup === undefined ? 'none beside the library' : newestBackup.file],
    ];
    await print(options.format, { ...stats, rankings, batches, backups }, rows);
    return exitCodes.success;
  });
}

async function verify(given: unknown): Promise<void> {
  const options = optionsSchema.parse(given);
  await withLibrary(options.library, async (call) => {
    const verification = await call('verify-library', { repairs: options.repair });
    const rows = verification.findings.map(({ kind, count, isRepaired, isRepairable, examples }) => [
      kind,
      String(count),
      isRepaired ? 'repaired' : isRepairable ? '--repair puts it right' : adviceOn[kind],
      examples[0] ?? '',
    ]);
    if (rows.length === 0) printNote(`All is well: ${verification.filesChecked} files are as they were.`);
    await print(options.format, verification, rows);
    return exitCodeOf(verification);
  });
}

const adviceOn: Record<Finding['kind'], string> = {
  damaged: 'restore a backup with “banger library restore”',
  dangling: 'a person’s own; left as it is',
  'list-outdated': '',
  ungrouped: '',
  vanished: '',
  returned: '',
  changed: 'scored again when met next',
  unreachable: 'connect the drive',
};

function exitCodeOf({ findings }: Verification): number {
  if (findings.some(({ kind }) => kind === 'damaged')) return exitCodes.failure;
  const isLeft = findings.some(({ isRepaired }) => !isRepaired);
  return isLeft ? exitCodes.partial : exitCodes.success;
}

async function backUp(file: string | undefined, given: unknown): Promise<void> {
  const options = optionsSchema.parse(given);
  await withLibrary(options.library, async (call) => {
    const backup = await call('back-up-library', file === undefined ? {} : { file });
    await print(options.format, backup, [
      ['backup', backup.file],
      ['size', formatBytes(backup.sizeBytes)],
    ]);
    return exitCodes.success;
  });
}

async function restore(file: string, given: unknown): Promise<void> {
  const options = optionsSchema.parse(given);
  await withEngine(options.library, async (engine) => {
    const restored = restoreBackup(engine, file);
    const kept = restored.keptFile === null ? [] : [['before, kept as', restored.keptFile]];
    await print(options.format, restored, [['library', restored.file], ...kept]);
    return exitCodes.success;
  });
}

function print(format: (typeof formats)[number], value: unknown, rows: string[][]): Promise<void> {
  if (format === 'json') return writeOutput(`${JSON.stringify(value, null, 2)}\n`);
  const printable = rows.map((row) => row.map(printableLine));
  return writeOutput(alignColumns(printable, 'left'));
}
