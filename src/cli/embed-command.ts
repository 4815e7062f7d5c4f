/** `banger embed`: embeds the songs of a folder and writes embeddings.npy with metadata.json. */
import type { Command } from 'commander';
import { Option } from 'commander';
import { z } from 'zod';
import type { Engine } from '../engine/engine.ts';
import { embedFolder } from '../engine/learn-embed.ts';
import { exitCodes } from './exit-codes.ts';
import { addCsvOptions, csvSourceOf } from './data-source-options.ts';
import { describeEmbedding, FailureNotes } from './learn-progress.ts';
import { printNote } from './print-error.ts';
import { startProgressLine } from './progress-line.ts';
import { withEngine } from './with-library.ts';
import { writeOutput } from './write-output.ts';

const optionsSchema = z.object({
  out: z.string(),
  csv: z.string().optional(),
  encoder: z.string().optional(),
  library: z.string().optional(),
  format: z.enum(['text', 'json']),
  quiet: z.boolean().default(false),
});

export function addEmbedCommand(program: Command): void {
  const command = program
    .command('embed')
    .description('Embed the songs of a folder, for training or for other programs.')
    .argument('<folder>', 'folder with songs, searched with all its subfolders')
    .requiredOption('--out <folder>', 'where embeddings.npy and metadata.json go');
  addCsvOptions(command)
    .option('--encoder <id|folder>', 'encoder (default: mert-v1-330m)')
    .option('--library <file>', 'library to look embeddings up in and keep them (default: your own)')
    .addOption(
      new Option('--format <format>', 'form of the summary').choices(['text', 'json']).default('text'),
    )
    .option('-q, --quiet', 'no progress and no notes, errors only')
    .addHelpText(
      'after',
      `
Examples:
  banger embed fma_small --csv fma_metadata/tracks.csv --out embeddings
  banger embed ~/Music/generated --out embeddings
  banger embed ~/Music/generated --csv ratings.csv --label rating --scale none --out embeddings

Every embedding is kept as soon as it is made: after an interruption, the same command goes on.

Exit codes: 0 all embedded, 1 nothing could be, 2 wrong usage, 3 some files failed, 130 interrupted.`,
    )
    .action(async (folder: string, given: unknown) => {
      const { library } = optionsSchema.parse(given);
      await withEngine(library, (engine, signal) => embed(engine, folder, given, signal));
    });
}

async function embed(engine: Engine, folder: string, given: unknown, signal: AbortSignal): Promise<number> {
  const options = optionsSchema.parse(given);
  const line = startProgressLine(options.quiet);
  const failures = new FailureNotes();
  try {
    const written = await embedFolder(
      engine,
      {
        audioFolder: folder,
        out: options.out,
        source: options.csv === undefined ? null : csvSourceOf(given, folder),
        encoder: options.encoder,
      },
      {
        signal,
        onFingerprint: ({ bytesDone, bytesTotal }) => {
          line.show(`Reading the encoder once: ${Math.round((100 * bytesDone) / bytesTotal)} %`);
        },
        onEmbedding: (progress) => {
          line.show(describeEmbedding(progress));
        },
        onFailure: ({ result }) => {
          failures.add(result);
        },
      },
    );
    line.end();
    if (!options.quiet) for (const note of written.notes) printNote(note);
    await writeOutput(
      options.format === 'json'
        ? `${JSON.stringify({ ...written, failed: failures.count }, null, 2)}\n`
        : `${written.songs} songs, ${written.embeddingSize} values each, are in ${options.out}.\n`,
    );
    return failures.count > 0 ? exitCodes.partial : exitCodes.success;
  } finally {
    line.end();
    failures.print();
  }
}
