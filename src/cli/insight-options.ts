/** The options by which commands choose what scores are analysed, and against what. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { BangerError } from '../shared/errors.ts';
import type { InsightRequest, NamedSongs } from '../shared/insight-commands.ts';
import { chooseRanking, readSavedFilter } from './library-choices.ts';
import { parseRange, addSongFilterOptions, songFilterOf } from './song-filter-options.ts';
import type { CallLibrary } from './with-library.ts';

const optionsSchema = z.object({
  score: z.object({ min: z.number().optional(), max: z.number().optional() }).optional(),
  missing: z.enum(['hidden', 'shown', 'only']).optional(),
  saved: z.string().optional(),
  encoder: z.string().optional(),
  head: z.string().optional(),
  thresholds: z.array(z.number()).optional(),
  compare: z.array(z.string()).optional(),
  reference: z.string().optional(),
});

/** Adds the options: the songs, whose scores count, and what they are set against. */
export function addInsightOptions(command: Command): Command {
  return addSongFilterOptions(command)
    .option('--score <range>', 'songs with such scores, such as 7.. for at least 7', parseRange)
    .addOption(
      new Option('--missing <which>', 'songs of which no file is there any more').choices([
        'hidden',
        'shown',
        'only',
      ]),
    )
    .option('--saved <name>', 'start from a saved filter; other options come on top')
    .option('--encoder <id>', 'scores of this encoder (default: the one used last, MERT first)')
    .option('--head <id>', 'scores of this head')
    .option('--thresholds <scores>', 'for hit rates, such as 6,7.5,9 (default: 5,6,7,8,9)', parseThresholds)
    .option(
      '--compare <group...>',
      'two groups, such as batch:12 batch:13, folder:old folder:new or saved:name; the second against the first',
    )
    .option('--reference <group>', 'songs to compare with (default: the loaded reference, else all others)');
}

/** What the options ask for, as the commands about insight take it. @throws BangerError `usage` */
export async function insightRequestOf(call: CallLibrary, given: unknown): Promise<InsightRequest> {
  const options = optionsSchema.parse(given);
  const { score, missing, thresholds, reference, compare } = options;
  const ranking = await chooseRanking(call, options);
  return {
    filter: {
      ...(await readSavedFilter(call, options.saved)),
      ...songFilterOf(given),
      ...(score !== undefined && { score }),
      ...(missing !== undefined && { missing }),
    },
    ...(ranking !== undefined && { ranking: { spaceId: ranking.spaceId, headId: ranking.headId } }),
    ...(thresholds !== undefined && { thresholds }),
    ...(compare !== undefined && { comparison: await readComparison(call, compare) }),
    ...(reference !== undefined && { referenceSongs: await readGroup(call, reference) }),
  };
}

async function readComparison(
  call: CallLibrary,
  groups: readonly string[],
): Promise<{ first: NamedSongs; second: NamedSongs }> {
  const [first, second, ...more] = groups;
  if (first === undefined || second === undefined || more.length > 0) {
    throw new BangerError('usage', 'A comparison takes two groups.', {
      nextStep: 'Name both after one --compare, such as --compare batch:12 batch:13.',
    });
  }
  return { first: await readGroup(call, first), second: await readGroup(call, second) };
}

/** The songs that `batch:12`, `batch:latest`, `folder:path`, `genre:name` or `saved:name` stands for. */
async function readGroup(call: CallLibrary, text: string): Promise<NamedSongs> {
  const [, kind, value = ''] = /^(batch|folder|genre|saved):(.+)$/s.exec(text) ?? [];
  switch (kind) {
    case 'batch':
      if (value === 'latest') return { name: 'the latest batch', filter: { batch: value } };
      if (!/^[1-9]\d{0,14}$/.test(value)) break;
      return { name: `batch ${value}`, filter: { batch: Number(value) } };
    case 'folder':
      return { name: value.slice(-200), filter: { folder: resolve(value) } };
    case 'genre':
      return { name: value.slice(0, 200), filter: { genres: [value] } };
    case 'saved':
      return { name: value.slice(0, 200), filter: await readSavedFilter(call, value) };
    case undefined:
      break;
  }
  throw new BangerError('usage', `“${text}” is no group of songs.`, {
    nextStep: 'Write batch:12, batch:latest, folder:path, genre:name or saved:name.',
  });
}

function parseThresholds(text: string): number[] {
  const thresholds = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (thresholds.length <= 20 && thresholds.every((value) => value >= 0 && value <= 10)) return thresholds;
  throw new InvalidArgumentError('They must be scores from 0 to 10 with commas between them.');
}
