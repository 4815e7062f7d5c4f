/** `banger score`: scores files and folders and prints them, best first. */
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { Option } from 'commander';
import { z } from 'zod';
import type { ChosenModels } from '../engine/choose-models.ts';
import { Engine } from '../engine/engine.ts';
import { BangerError, hasErrorCode } from '../shared/errors.ts';
import { formatDuration } from '../shared/format-quantities.ts';
import { encodeNpy } from '../shared/npy.ts';
import type { ScoringProgress, SongResult } from '../shared/song-result.ts';
import { compareByScore } from '../shared/song-result.ts';
import { exitCodes } from './exit-codes.ts';
import { withInterruptSignal } from './interrupt-signal.ts';
import { parseCount } from './parse-options.ts';
import { printError, printNote } from './print-error.ts';
import type { ProgressLine } from './progress-line.ts';
import { progressBar, startProgressLine } from './progress-line.ts';
import { addRuntimeOptions, engineRuntime, formatShare, runtimeOptionsSchema } from './runtime-options.ts';
import { resultFormats, writeResults } from './result-formats.ts';

const scoreOptionsSchema = runtimeOptionsSchema.extend({
  encoder: z.string().optional(),
  head: z.string().optional(),
  ffmpeg: z.string().optional(),
  library: z.string().optional(),
  cache: z.boolean(),
  top: z.int().optional(),
  format: z.enum(resultFormats),
  embeddings: z.string().optional(),
  quiet: z.boolean().default(false),
});

type ScoreOptions = z.infer<typeof scoreOptionsSchema>;

/** Runs longer than this are announced with their expected length. */
const LONG_RUN_SECONDS = 60;

export function addScoreCommand(program: Command): void {
  const command = program
    .command('score')
    .description('Score songs and print them, best first. Folders are searched with all their subfolders.')
    .argument('<path...>', 'audio files or folders')
    .option('--encoder <id|folder>', 'encoder: mert-v1-330m, draft, an imported one or a checkpoint’s folder')
    .option('--head <id|file>', 'head: banger, draft, an imported one or a state dict (.pt, .safetensors)');
  addRuntimeOptions(command)
    .option('--ffmpeg <file>', 'the ffmpeg to use (default: FFMPEG_PATH, else the best one found)')
    .option('--library <file>', 'library to look results up in and keep them (default: your own)')
    .option('--no-cache', 'compute everything anew and keep nothing')
    .option('--top <count>', 'print only the best', parseCount)
    .addOption(new Option('--format <format>', 'form of the output').choices(resultFormats).default('table'))
    .option('--embeddings <file.npy>', 'also write the embeddings: float32, one row for each scored song')
    .option('-q, --quiet', 'no progress and no notes, results and errors only')
    .addHelpText(
      'after',
      `
Examples:
  banger score ~/Music/generated
  banger score ~/Music/generated --top 20 --format csv > best.csv
  banger score song.wav --encoder ~/models/MERT-v1-330M --head scorer_model.pt

Exit codes: 0 all scored, 1 nothing could be scored, 2 wrong usage, 3 some files failed.`,
    )
    .action(async (paths: string[], options: unknown) => {
      process.exitCode = await withInterruptSignal((signal) =>
        score(paths, scoreOptionsSchema.parse(options), signal),
      );
    });
}

interface Collected {
  results: SongResult[];
  embeddings: Map<string, Float32Array>;
}

async function score(paths: string[], options: ScoreOptions, signal: AbortSignal): Promise<number> {
  const engine = await Engine.open({
    ...engineRuntime(options),
    ffmpegPath: options.ffmpeg,
    ...(options.library !== undefined && { folders: { libraryFile: options.library } }),
  });
  try {
    await engine.requireProvider();
    engine.requirePrecision();
    const { files, skippedCount, unreadable } = await engine.collectFiles(paths, signal);
    for (const error of unreadable) printError(error);
    if (!options.quiet && skippedCount > 0) {
      printNote(`${countOf(skippedCount, 'other file')} skipped: not audio.`);
    }
    if (files.length === 0) {
      await printResults([], options);
      printNote('banger: There are no songs in these folders.');
      return exitCodes.failure;
    }

    const collected: Collected = { results: [], embeddings: new Map() };
    const interruption = await scoreInto(collected, engine, files, options, signal);
    const ranked = collected.results.sort(compareByScore).slice(0, options.top);
    const problems = interruption === null ? [] : [interruption];
    if (options.embeddings !== undefined) {
      problems.push(...(await writeEmbeddings(options.embeddings, ranked, collected.embeddings)));
    }
    await printResults(ranked, options);
    const hidden = collected.results.slice(ranked.length).filter(({ error }) => error !== null).length;
    if (hidden > 0) printNote(`${countOf(hidden, 'file')} could not be scored; --top hides why.`);

    for (const problem of problems) printError(problem);
    return exitCodeFor(collected.results, problems, unreadable.length > 0);
  } finally {
    await engine.close();
  }
}

/** Programs get an empty list where there is nothing; a table of nothing says nothing to a person. */
async function printResults(ranked: readonly SongResult[], { format }: ScoreOptions): Promise<void> {
  if (ranked.length > 0 || format !== 'table') await writeResults(ranked, format);
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/**
 * Scores all files into `collected`.
 *
 * @returns why the run ended early, null where it did not; what was scored until then is kept either way
 */
async function scoreInto(
  collected: Collected,
  engine: Engine,
  files: string[],
  options: ScoreOptions,
  signal: AbortSignal,
): Promise<BangerError | null> {
  const line = startProgressLine(options.quiet);
  const note = (text: string) => {
    if (!options.quiet) printNote(text);
  };
  const estimate = new RunEstimate(files.length, note);
  const run: { last: ScoringProgress | null } = { last: null };
  try {
    const outcomes = engine.score(
      { files, usesLibrary: options.cache, encoder: options.encoder, head: options.head },
      {
        signal,
        onStart: (models, library) => {
          if (models.isFallback) note(fallbackNote);
          for (const text of library?.notices ?? []) note(text);
          estimate.start(models);
        },
        onProgress: (progress) => {
          run.last = progress;
          line.show(describeProgress(progress));
        },
        onFingerprint: ({ bytesDone, bytesTotal }) => {
          line.show(`Reading the encoder once: ${Math.round((100 * bytesDone) / bytesTotal)} %`);
        },
      },
    );
    for await (const { result, embedding, encodeSeconds } of outcomes) {
      collected.results.push(result);
      if (options.embeddings !== undefined && embedding !== null) {
        collected.embeddings.set(result.path, embedding);
      }
      estimate.count(encodeSeconds, line);
    }
    line.end();
    if (run.last !== null) note(summarise(run.last));
    return null;
  } catch (thrown) {
    if (hasErrorCode(thrown, 'cancelled')) return stopped(collected.results.length, files.length, options);
    if (thrown instanceof BangerError && collected.results.length > 0) return thrown;
    throw thrown;
  } finally {
    line.end();
  }
}

/** The last line of a run: how much was done, and how well the encoder was kept at work. */
function summarise({ done, failed, cached, secondsTaken, busyShare }: ScoringProgress): string {
  const scored = done - failed - cached;
  const parts = [`${countOf(scored, 'song')} scored in ${formatDuration(secondsTaken)}`];
  if (cached > 0) parts.push(`${cached} known already`);
  if (failed > 0) parts.push(`${failed} failed`);
  if (busyShare !== null) parts.push(`encoder busy ${formatShare(busyShare)} of the time`);
  return `${parts.join(', ')}.`;
}

/** Says what came of a run that was stopped. */
function stopped(done: number, total: number, { cache }: ScoreOptions): BangerError {
  return new BangerError('cancelled', `Stopped after ${done} of ${countOf(total, 'file')}.`, {
    nextStep: cache
      ? 'What is done is kept: the same command goes on from there.'
      : 'Nothing is kept with --no-cache.',
  });
}

const fallbackNote =
  'Scoring with the built-in draft, a rough first order. For MERT’s scores: banger models pull mert-v1-330m banger';

/** Says how long a long run will take, as soon as one song has been measured. */
class RunEstimate {
  readonly #total: number;
  readonly #note: (text: string) => void;
  #isDraft = true;
  #isSaid = false;
  #done = 0;

  constructor(total: number, note: (text: string) => void) {
    this.#total = total;
    this.#note = note;
  }

  start({ encoder }: ChosenModels): void {
    this.#isDraft = encoder.description.isDraft;
  }

  count(encodeSeconds: number | null, line: ProgressLine): void {
    this.#done += 1;
    if (encodeSeconds === null || this.#isDraft || this.#isSaid) return;
    this.#isSaid = true;
    const remaining = this.#total - this.#done;
    const seconds = remaining * encodeSeconds;
    if (seconds < LONG_RUN_SECONDS) return;
    line.end();
    this.#note(
      `The first song took ${encodeSeconds.toFixed(1)} s; ${remaining} more take about ${formatDuration(seconds)} if none is known yet.`,
    );
  }
}

function describeProgress({
  done,
  total,
  failed,
  songsPerSecond,
  etaSeconds,
  path,
}: ScoringProgress): string {
  const pace = songsPerSecond === null ? '' : ` · ${songsPerSecond.toFixed(2)} songs/s`;
  const eta = etaSeconds === null ? '' : ` · ${formatDuration(etaSeconds)} left`;
  const failures = failed === 0 ? '' : ` · ${failed} failed`;
  return `${progressBar(done / total)} ${done}/${total}${pace}${eta}${failures} · ${path.split(/[\\/]/).at(-1) ?? path}`;
}

/**
 * Writes one row for each scored song, in the order of the output, and tells each song its row.
 *
 * @returns why it could not be done, if so: the scores are worth printing all the same
 */
async function writeEmbeddings(
  file: string,
  ranked: readonly SongResult[],
  embeddings: ReadonlyMap<string, Float32Array>,
): Promise<BangerError[]> {
  const rows = ranked.flatMap((result) => {
    const embedding = result.score === null ? undefined : embeddings.get(result.path);
    return embedding === undefined ? [] : [{ result, embedding }];
  });
  const width = rows[0]?.embedding.length ?? 0;
  const data = new Float32Array(rows.length * width);
  for (const [row, { embedding }] of rows.entries()) data.set(embedding, row * width);
  try {
    await writeFile(file, encodeNpy([rows.length, width], data));
  } catch (cause) {
    const error = new BangerError('file-unwritable', 'The embeddings could not be written.', {
      file,
      cause,
      details: String(cause),
      nextStep: 'Choose a place that you may write to and that has room.',
    });
    return [error];
  }
  for (const [row, { result }] of rows.entries()) result.embeddingRow = row;
  return [];
}

function exitCodeFor(
  results: readonly SongResult[],
  problems: readonly BangerError[],
  hadUnreadableFolders: boolean,
): number {
  if (problems.some(({ code }) => code === 'cancelled')) return exitCodes.interrupted;
  const scored = results.filter(({ score: value }) => value !== null).length;
  if (scored === 0) return exitCodes.failure;
  const isWhole = scored === results.length && problems.length === 0 && !hadUnreadableFolders;
  return isWhole ? exitCodes.success : exitCodes.partial;
}
