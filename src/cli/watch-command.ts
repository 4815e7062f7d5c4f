/** `banger watch`: scores what arrives in folders, as long as it runs or until all is done. */
import type { Command } from 'commander';
import { Option } from 'commander';
import { z } from 'zod';
import { Engine } from '../engine/engine.ts';
import { WorkSession } from '../engine/work-session.ts';
import { BangerError, hasErrorCode } from '../shared/errors.ts';
import { formatDuration } from '../shared/format-quantities.ts';
import type { Job, JobProgress } from '../shared/jobs.ts';
import type { SongResult } from '../shared/song-result.ts';
import type { WatchedFolderStatus } from '../shared/watch.ts';
import { exitCodes } from './exit-codes.ts';
import { withInterruptSignal } from './interrupt-signal.ts';
import { parseSeconds } from './parse-options.ts';
import { printNote } from './print-error.ts';
import { printableLine } from './printable-text.ts';
import { addRuntimeOptions, engineRuntime, formatShare, runtimeOptionsSchema } from './runtime-options.ts';
import { untilAborted } from './until-aborted.ts';
import { writeOutput } from './write-output.ts';

const watchOptionsSchema = runtimeOptionsSchema.extend({
  once: z.boolean().default(false),
  format: z.enum(['text', 'jsonl']),
  encoder: z.string().optional(),
  head: z.string().optional(),
  ffmpeg: z.string().optional(),
  library: z.string().optional(),
  settle: z.number(),
  ignore: z.array(z.string()).default([]),
  quiet: z.boolean().default(false),
});
type WatchOptions = z.infer<typeof watchOptionsSchema>;

export function addWatchCommand(program: Command): void {
  const command = program
    .command('watch')
    .description('Score songs as they arrive in folders. Without a folder, those of the library are watched.')
    .argument('[folder...]', 'folders to watch, with all their subfolders')
    .option('--once', 'score what is there, then end')
    .addOption(
      new Option('--format <format>', 'one line for each outcome').choices(['text', 'jsonl']).default('text'),
    )
    .option('--encoder <id|folder>', 'encoder (default: MERT where it is installed, else the draft)')
    .option('--head <id|file>', 'head that goes with it');
  addRuntimeOptions(command)
    .option('--ffmpeg <file>', 'the ffmpeg to use')
    .option('--library <file>', 'library to keep results in (default: your own)')
    .addOption(
      new Option('--settle <seconds>', 'how long a file must stand still before it counts as complete')
        .default(3)
        .argParser(parseSeconds),
    )
    .option('--ignore <pattern...>', 'paths to leave alone, such as "drafts/**" or "*.wav"')
    .option('-q, --quiet', 'outcomes only')
    .addHelpText(
      'after',
      `
Examples:
  banger watch ~/Music/generated
  banger watch ~/Music/generated --once --format jsonl > outcomes.jsonl

Two of these, or one and the app, may watch one library: no song is scored twice.
Exit codes: 0 ended as asked, 1 could not begin, 2 wrong usage, 3 with --once: some files failed.`,
    )
    .action(async (folders: string[], options: unknown) => {
      process.exitCode = await withInterruptSignal((signal) =>
        watch(folders, watchOptionsSchema.parse(options), signal),
      );
    });
}

async function watch(folders: string[], options: WatchOptions, signal: AbortSignal): Promise<number> {
  const engine = await Engine.open({
    ...engineRuntime(options),
    ffmpegPath: options.ffmpeg,
    ...(options.library !== undefined && { folders: { libraryFile: options.library } }),
  });
  const note = (text: string) => {
    if (!options.quiet) printNote(text);
  };
  let failed = 0;
  let written = Promise.resolve();
  try {
    await engine.requireProvider();
    engine.requirePrecision();
    if (folders.length === 0 && engine.library.watchedFolders.all().length === 0) {
      throw new BangerError('usage', 'No folder was named, and the library names none.', {
        nextStep: 'Name the folders to watch: banger watch ~/Music/generated',
      });
    }
    const session = await WorkSession.start(engine, {
      encoder: options.encoder,
      head: options.head,
      folders: folders.length > 0 ? folders : null,
      ignorePatterns: options.ignore,
      settleSeconds: options.settle,
      emit: (event) => {
        switch (event.name) {
          case 'job-finished': {
            const { job, result } = event.payload;
            if (job.outcome === 'failed') failed += 1;
            const line = options.format === 'jsonl' ? jsonLine(job, result) : textLine(job, result);
            written = written.then(() => writeOutput(line));
            return;
          }
          case 'folder-state-changed':
            describeFolder(event.payload, note);
            return;
          case 'job-progressed':
            describeBlocked(event.payload, note);
        }
      },
    });
    try {
      for (const notice of engine.library.notices) note(notice);
      const { encoder } = session.models;
      note(
        `Scoring with ${encoder.description.name}${encoder.description.isDraft ? ', a rough first order' : ''}.`,
      );
      if (options.once) await session.whenDone(signal);
      else await untilAborted(signal);
    } catch (thrown) {
      if (!hasErrorCode(thrown, 'cancelled')) throw thrown;
    } finally {
      const { busyShare } = session.progress();
      await session.close();
      await written;
      if (busyShare !== null) note(`The encoder was busy ${formatShare(busyShare)} of the time.`);
    }
    if (signal.aborted) return options.once ? exitCodes.interrupted : exitCodes.success;
    return failed > 0 ? exitCodes.partial : exitCodes.success;
  } finally {
    await engine.close();
  }
}

function jsonLine(job: Job, result: SongResult | null): string {
  const { path, outcome, reason } = job;
  return `${JSON.stringify({ path, outcome, reason, ...result, finishedAtMs: Date.now() })}\n`;
}

function textLine({ path, outcome, reason }: Job, result: SongResult | null): string {
  const score = result?.score?.toFixed(2) ?? '–';
  const draft = result?.draft === true && result.score !== null ? ' draft' : '';
  const length = formatDuration(result?.durationSeconds ?? null);
  const why = reason === null ? '' : `  ${reason.message} (${reason.code})`;
  return `${printableLine(`${score.padStart(5)}${draft}  ${length.padStart(5)}  ${outcome ?? ''}  ${path}${why}`)}\n`;
}

/** Says what keeps a folder from simply being watched. */
function describeFolder(status: WatchedFolderStatus, note: (text: string) => void): void {
  if (status.reason === null) return;
  note([`${status.path}: ${status.reason}`, status.nextStep].filter(Boolean).join(' '));
}

function describeBlocked({ runner }: JobProgress, note: (text: string) => void): void {
  if (runner.state !== 'blocked' || runner.reason === null) return;
  const { message, nextStep } = runner.reason;
  note([`Waiting: ${message}`, nextStep].filter(Boolean).join(' '));
}
