/** The options of `banger top`: which songs, how many, and where they go. */
import { extname } from 'node:path';
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { defaultNamePattern } from '../engine/curate-songs.ts';
import { BangerError } from '../shared/errors.ts';
import type { PathStyle, PlaylistFormat } from '../shared/export-entry.ts';
import { playlistFormats, playlistFormatSchema } from '../shared/export-entry.ts';
import type { ExportMode } from '../shared/file-export.ts';
import type { Quota } from '../shared/song-selection.ts';
import { groupings, groupingSchema } from '../shared/song-selection.ts';
import { parseCount } from './parse-options.ts';

export const topOptionsSchema = z.object({
  count: z.int().optional(),
  percent: z.number().optional(),
  minScore: z.number().optional(),
  per: groupingSchema.optional(),
  diverse: z.number().optional(),
  withRejected: z.boolean().default(false),
  export: z.string().optional(),
  absolute: z.boolean().default(false),
  replace: z.boolean().default(false),
  copyTo: z.string().optional(),
  link: z.boolean().default(false),
  move: z.boolean().default(false),
  pattern: z.string().default(defaultNamePattern),
  saved: z.string().optional(),
  encoder: z.string().optional(),
  head: z.string().optional(),
  format: z.enum(['table', 'json']),
  library: z.string().optional(),
  quiet: z.boolean().default(false),
});
export type TopOptions = z.infer<typeof topOptionsSchema>;

/** Adds all options but the filters. */
export function addTopOptions(command: Command): Command {
  return command
    .option('-k, --count <count>', 'how many songs, of all or of each group (default: 20)', parseCount)
    .addOption(
      new Option('--percent <share>', 'the best so many percent instead, rounded up')
        .argParser((text) => parseNumber(text, 0, 100))
        .conflicts('count'),
    )
    .option('--min-score <score>', 'only songs of at least this score', (text) => parseNumber(text, 0, 10))
    .addOption(new Option('--per <group>', 'choose from each group by itself').choices(groupings))
    .option(
      '--diverse <share>',
      'leave out songs closer to a better one than this share of the usual distance between two songs; 0.05 leaves out variations of one song, 0.3 similar ones',
      (text) => parseNumber(text, 0, 2),
    )
    .option('--with-rejected', 'choose from rejected songs too')
    .option(
      '--export <file>',
      `write a playlist: ${playlistFormats.map((format) => `.${format}`).join(', ')}`,
    )
    .addOption(
      new Option('--relative', 'name songs from the playlist’s folder (the default)').conflicts('absolute'),
    )
    .option('--absolute', 'name songs from the root in the playlist')
    .option('--replace', 'let the playlist replace any file that has its name')
    .option('--copy-to <folder>', 'copy the songs with their sidecars into a folder')
    .addOption(
      new Option('--link', 'hard links instead of copies, where the volume is the same').conflicts('move'),
    )
    .option('--move', 'move the songs instead; “banger undo” moves them back')
    .option('--pattern <pattern>', 'how the copies are called', defaultNamePattern)
    .addOption(
      new Option('--format <format>', 'form of the output').choices(['table', 'json']).default('table'),
    )
    .option('--saved <name>', 'start from a saved filter; other options come on top')
    .option('--encoder <id>', 'rank by the scores of this encoder (default: the one used last, MERT first)')
    .option('--head <id>', 'rank by the scores of this head')
    .option('--library <file>', 'library to choose from (default: your own)')
    .option('-q, --quiet', 'no progress and no notes');
}

function parseNumber(text: string, minimum: number, maximum: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= minimum && value <= maximum) return value;
  throw new InvalidArgumentError(`It must be a number from ${minimum} to ${maximum}.`);
}

export function quotaOf({ count, percent, minScore }: TopOptions): Quota {
  if (percent !== undefined) return { kind: 'percent', percent };
  if (count !== undefined) return { kind: 'count', count };
  return minScore === undefined ? { kind: 'count', count: 20 } : { kind: 'all' };
}

/** Where the chosen songs go. */
export interface ExportTargets {
  playlist: { file: string; format: PlaylistFormat; pathStyle: PathStyle; replacesOthers: boolean } | null;
  files: { folder: string; mode: ExportMode; pattern: string } | null;
}

/** @throws BangerError `usage` for a playlist of unknown form, and for `--link` or `--move` without a folder */
export function exportTargetsOf(options: TopOptions): ExportTargets {
  const { copyTo: folder, link, move, pattern, export: file, absolute, replace } = options;
  if (folder === undefined && (link || move)) {
    throw new BangerError('usage', `${link ? '--link' : '--move'} needs a folder.`, {
      nextStep: 'Name it with --copy-to.',
    });
  }
  const mode = link ? 'link' : move ? 'move' : 'copy';
  return {
    playlist:
      file === undefined
        ? null
        : {
            file,
            format: formatOf(file),
            pathStyle: absolute ? 'absolute' : 'relative',
            replacesOthers: replace,
          },
    files: folder === undefined ? null : { folder, mode, pattern },
  };
}

function formatOf(file: string): PlaylistFormat {
  const extension = extname(file).slice(1).toLowerCase();
  const format = playlistFormatSchema.safeParse(extension === 'm3u' ? 'm3u8' : extension);
  if (format.success) return format.data;
  throw new BangerError('usage', 'The form of a playlist follows from the end of its name.', {
    file,
    nextStep: `End it with one of ${playlistFormats.map((known) => `.${known}`).join(', ')}.`,
  });
}
