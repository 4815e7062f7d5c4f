/** The options by which commands choose songs of the library. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { songFlags, songFlagSchema } from '../shared/audio.ts';
import type { NumberRange, SongFilter } from '../shared/song-query.ts';
import { verdictNames, verdictSchema } from '../shared/song-query.ts';

const rangeSchema = z.object({ min: z.number().optional(), max: z.number().optional() });

const filterOptionsSchema = z.object({
  text: z.string().optional(),
  folder: z.string().optional(),
  batch: z.union([z.int(), z.literal('latest')]).optional(),
  verdict: z.array(verdictSchema).optional(),
  stars: rangeSchema.optional(),
  genre: z.array(z.string()).optional(),
  key: z.array(z.string()).optional(),
  tempo: rangeSchema.optional(),
  duration: rangeSchema.optional(),
  generator: z.array(z.string()).optional(),
  flag: z.array(songFlagSchema).optional(),
  withoutFlag: z.array(songFlagSchema).optional(),
});

/** Adds the options; several of them must all hold. */
export function addSongFilterOptions(command: Command): Command {
  return command
    .option('--text <words>', 'words in name, path, tags or prompt; “in quotes” as they stand')
    .option('--folder <folder>', 'songs in this folder or below it')
    .option('--batch <id>', 'songs of one batch: its id, or “latest” for what arrived last', parseBatch)
    .addOption(new Option('--verdict <verdict...>', 'any of these').choices(verdictNames))
    .option('--stars <range>', 'such as 4, 3..5 or 3.. for at least 3', parseRange)
    .option('--genre <genre...>', 'any of these')
    .option('--key <key...>', 'any of these keys, such as “A minor”: the generator’s, else the measured one')
    .option(
      '--tempo <range>',
      'beats a minute, such as 120..128: the generator’s, else the measured ones',
      parseRange,
    )
    .option('--duration <range>', 'seconds, such as 60.. for at least a minute', parseRange)
    .option('--generator <name...>', 'any of these, such as ace-step-1.5')
    .addOption(new Option('--flag <flag...>', 'at least one of these').choices(songFlags))
    .addOption(new Option('--without-flag <flag...>', 'none of these').choices(songFlags));
}

/** The filter that a command's options mean. */
export function songFilterOf(options: unknown): SongFilter {
  const given = filterOptionsSchema.parse(options);
  return {
    ...(given.text !== undefined && { text: given.text }),
    ...(given.folder !== undefined && { folder: resolve(given.folder) }),
    ...(given.batch !== undefined && { batch: given.batch }),
    ...(given.verdict !== undefined && { verdicts: given.verdict }),
    ...(given.stars !== undefined && { stars: given.stars }),
    ...(given.genre !== undefined && { genres: given.genre }),
    ...(given.key !== undefined && { musicalKeys: given.key }),
    ...(given.tempo !== undefined && { tempoBpm: given.tempo }),
    ...(given.duration !== undefined && { durationSeconds: given.duration }),
    ...(given.generator !== undefined && { generators: given.generator }),
    ...(given.flag !== undefined && { flags: given.flag }),
    ...(given.withoutFlag !== undefined && { withoutFlags: given.withoutFlag }),
  };
}

function parseBatch(text: string): number | 'latest' {
  if (text === 'latest') return text;
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be the id of a batch, or “latest”.');
}

/** `4`, `3..5`, `3..` or `..5`. */
export function parseRange(text: string): NumberRange {
  const [, lower = '', dots, upper = ''] = /^([\d.]*?)(?:(\.\.)([\d.]*))?$/.exec(text.trim()) ?? [];
  const [min, max] = [lower, upper].map((end) => (end === '' ? undefined : Number(end)));
  if (dots === undefined && min !== undefined && Number.isFinite(min)) return { min, max: min };
  const ends = [min, max].filter((end) => end !== undefined);
  const isOrdered = min === undefined || max === undefined || min <= max;
  if (dots === undefined || ends.length === 0 || !ends.every(Number.isFinite) || !isOrdered) {
    throw new InvalidArgumentError('It must be a number or a range such as 3..5, 3.. or ..5.');
  }
  return { ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
}
