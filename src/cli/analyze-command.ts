/** `banger library analyze`: measures tempo and key of songs that are in the library already. */
import type { Command } from 'commander';
import { z } from 'zod';
import { analyzeSongs } from '../engine/analyze-songs.ts';
import type { Engine } from '../engine/engine.ts';
import { requireLibrary } from '../engine/library-commands.ts';
import type { SongAnalysisProgress } from '../shared/analysis-commands.ts';
import { formatDuration } from '../shared/format-quantities.ts';
import { exitCodes } from './exit-codes.ts';
import { progressBar, startProgressLine } from './progress-line.ts';
import { withEngine } from './with-library.ts';
import { writeOutput } from './write-output.ts';

const optionsSchema = z.object({
  library: z.string().optional(),
  format: z.enum(['table', 'json']),
  redo: z.boolean().default(false),
  quiet: z.boolean().default(false),
});

/** @param command the command with its options of every library command */
export function completeAnalyzeCommand(command: Command): void {
  command
    .option('--redo', 'measure every song again, known or not')
    .option('-q, --quiet', 'no progress, the result and errors only')
    .addHelpText(
      'after',
      `
New songs are measured as they are scored. What is measured is kept at once: after an interruption, the same
command goes on. A tempo or a key that the song’s generator names comes first everywhere.

Exit codes: 0 all measured, 3 some songs could not be, 130 interrupted.`,
    )
    .action(async (given: unknown) => {
      const { library } = optionsSchema.parse(given);
      await withEngine(library, (engine, signal) => analyze(engine, given, signal));
    });
}

async function analyze(engine: Engine, given: unknown, signal: AbortSignal): Promise<number> {
  const { format, redo, quiet } = optionsSchema.parse(given);
  requireLibrary(engine);
  const line = startProgressLine(quiet);
  try {
    const onProgress = (progress: SongAnalysisProgress) => {
      line.show(describe(progress));
    };
    const { done, total, failed, missing } = await analyzeSongs(engine, { redo, signal, onProgress });
    line.end();
    const report = { measured: done - failed - missing, failed, missing, total };
    await writeOutput(format === 'json' ? `${JSON.stringify(report, null, 2)}\n` : `${inWords(report)}\n`);
    return failed + missing > 0 ? exitCodes.partial : exitCodes.success;
  } finally {
    line.end();
  }
}

function describe({ done, total, songsPerSecond, etaSeconds }: SongAnalysisProgress): string {
  const parts = [`${progressBar(total === 0 ? 1 : done / total)} ${done} of ${total} songs`];
  if (songsPerSecond !== null) parts.push(`${songsPerSecond.toFixed(songsPerSecond < 10 ? 1 : 0)} songs/s`);
  if (etaSeconds !== null && done < total) parts.push(`${formatDuration(etaSeconds)} to go`);
  return parts.join(' · ');
}

function inWords({
  measured,
  failed,
  missing,
  total,
}: Record<'measured' | 'failed' | 'missing' | 'total', number>): string {
  if (total === 0) return 'Tempo and key of all songs are measured already.';
  const parts = [`${measured} of ${total} songs measured`];
  if (failed > 0) parts.push(`${failed} could not be read`);
  if (missing > 0) parts.push(`${missing} whose files are gone or hold other audio`);
  return `${parts.join(', ')}.`;
}
