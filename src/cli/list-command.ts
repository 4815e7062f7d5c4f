/** `banger list`: shows the songs of the library that fulfil a filter, in any order. */
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import type { Ranking, SongFilter, SongPage, SongSort } from '../shared/song-query.ts';
import { maximumWindow, songFilterSchema, songSortColumns } from '../shared/song-query.ts';
import { exitCodes } from './exit-codes.ts';
import { chooseRanking, readSavedFilter } from './library-choices.ts';
import { parseCount } from './parse-options.ts';
import { printNote } from './print-error.ts';
import { printableLine } from './printable-text.ts';
import { addSongFilterOptions, parseRange, songFilterOf } from './song-filter-options.ts';
import { songListFormats, writeSongList } from './song-list-formats.ts';
import type { CallLibrary } from './with-library.ts';
import { withLibrary } from './with-library.ts';

const { missing, scoredBy } = songFilterSchema.shape;

const listOptionsSchema = z.object({
  score: z.object({ min: z.number().optional(), max: z.number().optional() }).optional(),
  addedSince: z.number().optional(),
  addedUntil: z.number().optional(),
  missing,
  scoredBy,
  note: z.boolean().optional(),
  saved: z.string().optional(),
  encoder: z.string().optional(),
  head: z.string().optional(),
  sort: z.enum(songSortColumns),
  reverse: z.boolean().default(false),
  limit: z.union([z.int(), z.literal('all')]),
  offset: z.int(),
  format: z.enum(songListFormats),
  library: z.string().optional(),
  quiet: z.boolean().default(false),
});
type ListOptions = z.output<typeof listOptionsSchema>;

/** Columns that are read from the top down; the others begin with the smallest. */
const descendingColumns: readonly string[] = ['score', 'stars', 'verdict', 'added', 'batch', 'loudness'];

export function addListCommand(program: Command): void {
  const command = program.command('list').description('Show songs of the library, best first.');
  addSongFilterOptions(command)
    .option('--score <range>', 'such as 7.. for at least 7', parseRange)
    .option(
      '--added-since <date>',
      'came into the library at this date or later, such as 2026-01-31',
      parseDate,
    )
    .option('--added-until <date>', 'came into the library at this date or before', parseDate)
    .option('--note', 'songs with a note')
    .option('--no-note', 'songs without a note')
    .addOption(
      new Option('--missing <which>', 'songs of which no file is there any more').choices(choicesOf(missing)),
    )
    .addOption(new Option('--scored-by <what>', 'songs that have such scores').choices(choicesOf(scoredBy)))
    .option('--saved <name>', 'start from a saved filter; other options come on top')
    .option('--encoder <id>', 'rank by the scores of this encoder (default: the one used last, MERT first)')
    .option('--head <id>', 'rank by the scores of this head')
    .addOption(new Option('--sort <column>', 'order').choices(songSortColumns).default('score'))
    .option('--reverse', 'the other way round')
    .option('--limit <count>', 'how many songs, or “all”', parseLimit, 100)
    .option('--offset <count>', 'how many to leave out from the top', parseOffset, 0)
    .addOption(
      new Option('--format <format>', 'form of the output').choices(songListFormats).default('table'),
    )
    .option('--library <file>', 'library to look into (default: your own)')
    .option('-q, --quiet', 'no notes, songs and errors only')
    .addHelpText(
      'after',
      `
Examples:
  banger list --batch latest --limit 20
  banger list --text "neon rain" --verdict undecided --sort added
  banger list --folder ~/Music/generated --tempo 120..128 --format csv > fast.csv

Exit codes: 0 songs were found, 1 none were, 2 wrong usage.`,
    )
    .action(listSongs);
}

async function listSongs(given: unknown): Promise<void> {
  const options = listOptionsSchema.parse(given);
  await withLibrary(options.library, async (call) => {
    const ranking = await chooseRanking(call, options);
    const filter = { ...(await readSavedFilter(call, options.saved)), ...filterOf(given, options) };
    const page = await collectPage(call, filter, ranking, options);
    if (!options.quiet) for (const note of notesOn(page)) printNote(note);
    await writeSongList(page, options.format);
    return page.rows.length > 0 ? exitCodes.success : exitCodes.failure;
  });
}

function filterOf(
  given: unknown,
  { score, missing: which, scoredBy: by, note, ...dates }: ListOptions,
): SongFilter {
  const { addedSince: min, addedUntil: max } = dates;
  return {
    ...songFilterOf(given),
    ...(score !== undefined && { score }),
    ...(which !== undefined && { missing: which }),
    ...(by !== undefined && { scoredBy: by }),
    ...(note !== undefined && { hasNote: note }),
    ...((min !== undefined || max !== undefined) && { addedAtMs: { min, max } }),
  };
}

/** As many windows as the limit takes. */
async function collectPage(
  call: CallLibrary,
  filter: SongFilter,
  ranking: Ranking | undefined,
  { limit, offset, sort, reverse }: ListOptions,
): Promise<SongPage> {
  const isDescending = descendingColumns.includes(sort) !== reverse;
  const order: SongSort = { column: sort, direction: isDescending ? 'descending' : 'ascending' };
  const wanted = limit === 'all' ? Infinity : limit;
  const query = {
    filter,
    sort: order,
    ...(ranking !== undefined && { ranking: { spaceId: ranking.spaceId, headId: ranking.headId } }),
  };
  const window = (from: number) =>
    call('list-songs', { ...query, offset: offset + from, limit: Math.min(maximumWindow, wanted - from) });
  const page = await window(0);
  const end = Math.min(wanted, page.total - offset);
  while (page.rows.length < end) {
    const { rows } = await window(page.rows.length);
    if (rows.length === 0) break;
    page.rows.push(...rows);
  }
  return page;
}

function notesOn({ rows, total, scoredTotal, ranking, reference }: SongPage): string[] {
  if (total === 0) return ['No song of the library fulfils this.'];
  const shown = rows.length < total ? `${rows.length} of ${total} songs` : `${total} songs`;
  const unscored = scoredTotal < total ? `, ${total - scoredTotal} without a score` : '';
  if (ranking === null) return [`${shown}; none has a score yet.`];
  const draft = ranking.isDraft ? ' Draft scores are a rough first order.' : '';
  return [
    `${shown}${unscored}. Scores by ${ranking.encoder}, ${ranking.head}, ${ranking.precision}.${draft}`,
    ...(reference === null ? [] : [`% says how many of ${printableLine(reference)} score no higher.`]),
  ];
}

function choicesOf(schema: z.ZodOptional<z.ZodEnum>): string[] {
  return schema.unwrap().options.map(String);
}

function parseLimit(text: string): number | 'all' {
  return text === 'all' ? text : parseCount(text);
}

function parseOffset(text: string): number {
  return text === '0' ? 0 : parseCount(text);
}

function parseDate(text: string): number {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  // A day alone begins at midnight here, not in Greenwich.
  const timeMs = Date.parse(isDay ? `${text}T00:00` : text);
  if (Number.isNaN(timeMs))
    throw new InvalidArgumentError('It must be a date such as 2026-01-31 or 2026-01-31T22:00.');
  return timeMs;
}
