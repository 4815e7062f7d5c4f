/** Commands about the library: lists of songs, single songs, rankings, batches, saved filters, comparisons, backup. */
import { z } from 'zod';
import { batchSchema } from './batches.ts';
import { comparisonSchema, comparisonToRecordSchema } from './comparison.ts';
import type { CommandDeclarations } from './contract.ts';
import { backupSchema, libraryStatsSchema, verificationSchema } from './library-care.ts';
import { songPlaysSchema } from './plays.ts';
import { referenceDistributionSchema } from './reference-distribution.ts';
import { revisionsSchema, revisionTopicSchema } from './revisions.ts';
import { savedFilterNameSchema, savedFilterSchema } from './saved-filter.ts';
import { similarSongSchema, songDetailsSchema } from './song-details.ts';
import {
  defaultSongSort,
  maximumWindow,
  rankingKeySchema,
  rankingSchema,
  songFilterSchema,
  songIdSchema,
  songPageSchema,
  songQuerySchema,
  songRowSchema,
  songSortSchema,
} from './song-query.ts';

const nothing = z.strictObject({});
const song = z.strictObject({ songId: songIdSchema });
const list = z.strictObject({ filter: songFilterSchema.default({}), ranking: rankingKeySchema.optional() });
const savedFilterId = z.strictObject({ id: z.int().positive() });

export const libraryCommands = {
  /** A window of a list, with totals. */
  'list-songs': { request: songQuerySchema, response: songPageSchema },
  /**
   * The whole order of a list as ids, for a window that keeps its order while songs arrive: 100,000 songs are 400 kB.
   * With a grouping the songs of a group stand together, the group with the best place first.
   */
  'list-song-ids': {
    request: z.strictObject({
      filter: songFilterSchema.default({}),
      sort: songSortSchema.default(defaultSongSort),
      ranking: rankingKeySchema.optional(),
      groupBy: z.enum(['folder', 'prompt']).optional(),
      /** How many rows to give along with the ids, from the top. */
      rowCount: z.int().min(0).max(maximumWindow).default(0),
    }),
    response: z.object({
      songIds: z.instanceof(Int32Array),
      /** In the order of the list, without gaps; empty without a grouping. Null is the group without a value. */
      groups: z.array(z.object({ name: z.string().nullable(), count: z.int().positive() })),
      rows: z.array(songRowSchema),
      scoredTotal: z.int(),
      ranking: rankingSchema.nullable(),
      reference: z.string().nullable(),
      revision: z.int(),
    }),
  },
  /** Rows of known songs, in the order asked for, ranked within the filter; songs that are gone are left out. */
  'get-song-rows': {
    request: list.extend({ songIds: z.array(songIdSchema).max(1000) }),
    response: z.array(songRowSchema),
  },
  'count-songs': { request: list, response: z.strictObject({ count: z.int() }) },
  /** How the scores within a filter spread over 0..10. */
  'get-histogram': {
    request: list.extend({ bins: z.int().min(1).max(1000).default(50) }),
    response: z.strictObject({
      /** Songs in each of equal parts of 0..10; the last one holds 10 too. */
      counts: z.array(z.int()),
      total: z.int(),
      scoredTotal: z.int(),
    }),
  },
  /** The values that occur, for choosing from. */
  'list-filter-values': {
    request: nothing,
    response: z.strictObject({
      genres: z.array(z.string()),
      musicalKeys: z.array(z.string()),
      generators: z.array(z.string()),
    }),
  },
  /** Everything that is known about one song. */
  'get-song': { request: song, response: songDetailsSchema },
  /** Lowest and highest sample of each of up to 800 equal spans, in pairs, -127..127; null until measured. */
  'get-peaks': {
    request: song,
    response: z.strictObject({ peaks: z.array(z.int().min(-128).max(127)).nullable() }),
  },
  /**
   * Small waveforms for rows: for each song the loudest sample of each of `spans` equal spans, 0..127; a song that
   * has not been measured yet has none. One after the other in `heights`, in the order of `songIds`.
   */
  'get-waveforms': {
    request: z.strictObject({
      songIds: z.array(songIdSchema).max(1000),
      spans: z.int().min(8).max(400).default(48),
    }),
    response: z.object({ songIds: z.array(songIdSchema), heights: z.instanceof(Uint8Array) }),
  },
  /** The songs that sound most alike to the ranking’s encoder, nearest first; none for a song without embedding. */
  'find-similar-songs': {
    request: song.extend({
      ranking: rankingKeySchema.optional(),
      limit: z.int().min(1).max(100).default(10),
      includesMissing: z.boolean().default(false),
    }),
    response: z.array(similarSongSchema),
  },
  /** All rankings that hold scores, the one used last first. */
  'list-rankings': {
    request: nothing,
    response: z.strictObject({ rankings: z.array(rankingSchema), default: rankingSchema.nullable() }),
  },

  /** The newest first. */
  'list-batches': { request: nothing, response: z.array(batchSchema) },
  /** Groups all songs anew. */
  'regroup-batches': { request: nothing, response: z.array(batchSchema) },

  /** In the person's order, each with how many songs it lets through. */
  'list-saved-filters': {
    request: z.strictObject({ ranking: rankingKeySchema.optional() }),
    response: z.array(savedFilterSchema),
  },
  /** Saves a filter under a name; one of that name is replaced and keeps its place. */
  'save-filter': {
    request: z.strictObject({ name: savedFilterNameSchema, filter: songFilterSchema }),
    response: savedFilterId,
  },
  'rename-saved-filter': {
    request: savedFilterId.extend({ name: savedFilterNameSchema }),
    response: nothing,
  },
  /** Puts saved filters in this order; those that are not named follow as they were. */
  'reorder-saved-filters': {
    request: z.strictObject({ ids: z.array(z.int().positive()) }),
    response: nothing,
  },
  'delete-saved-filter': { request: savedFilterId, response: nothing },

  /** Counts that a song was heard; see `secondsUntilPlayed`. */
  'record-play': { request: song, response: songPlaysSchema },
  'record-comparison': { request: comparisonToRecordSchema, response: comparisonSchema },
  /** The newest first; of one song, or of all. */
  'list-comparisons': {
    request: z.strictObject({
      songId: songIdSchema.optional(),
      limit: z.int().min(1).max(1000).default(100),
    }),
    response: z.array(comparisonSchema),
  },

  /** Counters that grow with every change, whoever made it; asking costs next to nothing. */
  'get-revisions': { request: nothing, response: revisionsSchema },
  /** The topics that have changed since. */
  'list-changes': {
    request: z.strictObject({ since: revisionsSchema }),
    response: z.strictObject({ topics: z.array(revisionTopicSchema), revisions: revisionsSchema }),
  },

  'get-reference-distribution': {
    request: nothing,
    response: z.strictObject({ reference: referenceDistributionSchema.nullable() }),
  },
  /** States what percentiles are measured against besides the list itself; null for nothing. */
  'set-reference-distribution': {
    request: z.strictObject({ reference: referenceDistributionSchema.nullable() }),
    response: nothing,
  },

  'get-library-stats': { request: nothing, response: libraryStatsSchema },
  /** Copies the library while it is in use; without a file, beside it. */
  'back-up-library': {
    request: z.strictObject({ file: z.string().min(1).optional() }),
    response: backupSchema,
  },
  /** Backups beside the library, the newest first. */
  'list-backups': { request: nothing, response: z.array(backupSchema) },
  /** Compares the library with the disk and with itself; repairs what is safe only when told. */
  'verify-library': {
    request: z.strictObject({ repairs: z.boolean().default(false) }),
    response: verificationSchema,
  },
} satisfies CommandDeclarations;
