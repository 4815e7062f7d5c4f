/** `banger library reference`: what percentiles are stated against, besides the list itself. */
import type { Command } from 'commander';
import { Option } from 'commander';
import { z } from 'zod';
import type { Engine } from '../engine/engine.ts';
import { libraryHandlers, requireLibrary } from '../engine/library-commands.ts';
import { stateReference, statedReference } from '../engine/state-reference.ts';
import { callCommand } from '../shared/call-command.ts';
import { BangerError } from '../shared/errors.ts';
import { libraryCommands } from '../shared/library-commands.ts';
import type { ReferenceSource } from '../shared/reference-commands.ts';
import { exitCodes } from './exit-codes.ts';
import { chooseRanking } from './library-choices.ts';
import { printableLine } from './printable-text.ts';
import { withEngine } from './with-library.ts';
import { writeOutput } from './write-output.ts';

const sources = ['library', 'labels', 'predictions', 'nothing'] as const;
const optionsSchema = z.object({
  library: z.string().optional(),
  format: z.enum(['table', 'json']),
  from: z.enum(sources).optional(),
  encoder: z.string().optional(),
  head: z.string().optional(),
});
type Options = z.output<typeof optionsSchema>;

/** @param command the command with its options of every library command */
export function completeReferenceCommand(command: Command): void {
  command
    .addOption(
      new Option('--from <source>', 'what percentiles are stated against from now on').choices(sources),
    )
    .option('--head <id>', 'whose training songs are meant; with “library”, whose scores')
    .option('--encoder <id>', 'with “library”: whose scores are meant')
    .addHelpText(
      'after',
      `
  library      all scores of the library, as they are now
  labels       the labels of the songs that a head was trained with
  predictions  that head’s own scores of those songs
  nothing      only the list that is looked at

A percentile is stated against the reference where encoder and head are the same, and the reference is named with it.

Examples:
  banger library reference
  banger library reference --from library
  banger library reference --from labels --head mine`,
    )
    .action(async (given: unknown) => {
      const options = optionsSchema.parse(given);
      await withEngine(options.library, (engine) => run(engine, options));
    });
}

async function run(engine: Engine, options: Options): Promise<number> {
  requireLibrary(engine);
  const { from, format } = options;
  if (from === 'nothing') {
    const handlers = libraryHandlers(engine.library);
    await callCommand(libraryCommands, handlers, 'set-reference-distribution', { reference: null });
  } else if (from !== undefined) {
    await stateReference(engine, await sourceOf(engine, from, options));
  }
  const reference = statedReference(engine);
  const words =
    reference === null
      ? 'Percentiles are stated against the list that is looked at, and nothing else.'
      : `Percentiles are stated against ${reference.name}, for scores by ${reference.encoder} and ${reference.head}.`;
  await writeOutput(
    format === 'json' ? `${JSON.stringify({ reference }, null, 2)}\n` : `${printableLine(words)}\n`,
  );
  return exitCodes.success;
}

async function sourceOf(
  engine: Engine,
  from: 'library' | 'labels' | 'predictions',
  options: Options,
): Promise<ReferenceSource> {
  if (from !== 'library') {
    if (options.head === undefined) throw new BangerError('usage', `--from ${from} needs a --head.`);
    return { kind: 'head', head: options.head, values: from };
  }
  const handlers = libraryHandlers(engine.library);
  const ranking = await chooseRanking(
    (name, request) => callCommand(libraryCommands, handlers, name, request),
    options,
  );
  if (ranking === undefined) return { kind: 'library' };
  return { kind: 'library', ranking: { spaceId: ranking.spaceId, headId: ranking.headId } };
}
