/** `banger tag`: writes score and stars into the tags of songs, or takes them out again. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import { z } from 'zod';
import { Engine } from '../engine/engine.ts';
import { metadataHandlersOf } from '../engine/tag-songs.ts';
import { callCommand } from '../shared/call-command.ts';
import { metadataCommands, type TaggedFile, tagKinds } from '../shared/metadata-commands.ts';
import { exitCodes } from './exit-codes.ts';
import { withInterruptSignal } from './interrupt-signal.ts';
import { printError } from './print-error.ts';
import { printableLine } from './printable-text.ts';
import { writeOutput } from './write-output.ts';

const tagOptionsSchema = z.object({
  only: z.enum(tagKinds).optional(),
  remove: z.boolean().default(false),
  format: z.enum(['text', 'json']),
  library: z.string().optional(),
  ffmpeg: z.string().optional(),
});
type TagOptions = z.infer<typeof tagOptionsSchema>;

export function addTagCommand(program: Command): void {
  program
    .command('tag')
    .description('Write score and stars into the tags of songs. Nothing else in the files changes.')
    .argument('<song...>', 'songs of the library, or folders with songs')
    .addOption(new Option('--only <what>', 'write one of the two').choices([...tagKinds]))
    .option('--remove', 'take both tags out again')
    .addOption(
      new Option('--format <format>', 'form of the output').choices(['text', 'json']).default('text'),
    )
    .option('--library <file>', 'library with the scores (default: your own)')
    .option('--ffmpeg <file>', 'the ffmpeg to use')
    .addHelpText(
      'after',
      `
Examples:
  banger tag ~/Music/generated/best
  banger tag song.mp3 --only stars
  banger tag song.mp3 --remove

The score becomes BANGER_SCORE (0.00 to 10.00), your stars become FMPS_Rating (0.0 to 1.0). Draft scores are never
written. Into MP3, FLAC, Ogg Vorbis, Opus, M4A, WAV and AIFF; a file that cannot be changed safely is left alone.`,
    )
    .action(async (paths: string[], options: unknown) => {
      process.exitCode = await withInterruptSignal((signal) =>
        tagSongs(paths, tagOptionsSchema.parse(options), signal),
      );
    });
}

async function tagSongs(paths: string[], options: TagOptions, signal: AbortSignal): Promise<number> {
  const engine = await Engine.open({
    ffmpegPath: options.ffmpeg,
    ...(options.library !== undefined && { folders: { libraryFile: options.library } }),
  });
  try {
    const collected = await engine.collectFiles(paths, signal);
    for (const error of collected.unreadable) printError(error);
    const songs = collected.files.map((path) => ({ path: resolve(path) }));
    const files = songs.length === 0 ? [] : await callTagCommand(engine, songs, options, signal);
    if (options.format === 'json') await writeOutput(`${JSON.stringify(files, null, 2)}\n`);
    else await writeOutput(files.map(describeFile).join(''));
    for (const error of options.format === 'json' ? [] : files.flatMap(({ errors }) => errors))
      printError(error);
    const failed = files.filter(({ errors }) => errors.length > 0).length;
    if (files.length === 0 || failed === files.length) return exitCodes.failure;
    return failed > 0 || collected.unreadable.length > 0 ? exitCodes.partial : exitCodes.success;
  } finally {
    await engine.close();
  }
}

async function callTagCommand(
  engine: Engine,
  songs: { path: string }[],
  { only, remove }: TagOptions,
  signal: AbortSignal,
): Promise<TaggedFile[]> {
  const handlers = metadataHandlersOf(engine);
  const kinds = only === undefined ? tagKinds : [only];
  const { files } = remove
    ? await callCommand(metadataCommands, handlers, 'remove-tags', { songs }, { signal })
    : await callCommand(metadataCommands, handlers, 'write-tags', { songs, kinds }, { signal });
  return files;
}

function describeFile({ path, isChanged, after }: TaggedFile): string {
  const tags = Object.entries(after ?? {}).map(([name, value]) => `${name}=${value}`);
  const state = after === null ? 'left alone' : isChanged ? 'changed' : 'unchanged';
  return `${printableLine([state.padEnd(10), path ?? '', ...tags].join('  '))}\n`;
}
