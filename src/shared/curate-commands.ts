/** Commands and events of curating: judgements and their history, selection, playlists, file export, rejected songs. */
import { z } from 'zod';
import type { CommandDeclarations, EventDeclarations } from './contract.ts';
import { exportEntrySchema, pathStyleSchema, playlistFormatSchema } from './export-entry.ts';
import { exportModeSchema, fileExportProgressSchema, fileExportReportSchema } from './file-export.ts';
import { historyItemSchema, historyStepSchema } from './history.ts';
import { judgementChangeSchema, judgementSchema } from './judgement.ts';
import {
  rejectDestinationSchema,
  rejectPlanSchema,
  rejectReportSchema,
  rejectRequestSchema,
} from './reject-plan.ts';
import { rankingKeySchema, songIdSchema } from './song-query.ts';
import { selectedSongsSchema, songSelectionSchema } from './song-selection.ts';

const songIds = z.array(songIdSchema).min(1).max(100_000);

/** A name that the caller gives to a long call, by which it knows the call's events. */
const callName = z.string().max(100).optional();

/** Songs of an export, in its order; whoever shows a choice first exports exactly what was shown. */
const exportedSongs = z.strictObject({
  songIds,
  /** Whose scores are told; left out, that of lists. */
  ranking: rankingKeySchema.optional(),
});

export const curateCommands = {
  /**
   * The songs that a person names: by the path of any file of theirs, or by id. In the order of the names, each
   * once.
   */
  'find-songs': {
    request: z.strictObject({ names: z.array(z.string()).min(1).max(100_000) }),
    response: z.array(songIdSchema),
  },

  /** One change of any number of songs, and one step of the history. */
  'judge-songs': {
    request: z.strictObject({ songIds, change: judgementChangeSchema }),
    response: z.object({
      /** Null when every song was like this before. */
      historyId: z.int().nullable(),
      changedCount: z.int(),
    }),
  },
  'get-judgement': {
    request: z.strictObject({ songId: songIdSchema }),
    response: judgementSchema,
  },
  /** Takes the newest change back; null when there is none. */
  'undo-change': { request: z.strictObject({}), response: historyStepSchema.nullable() },
  /** Does again what was undone last; null when there is nothing. */
  'redo-change': { request: z.strictObject({}), response: historyStepSchema.nullable() },
  /** The newest changes first. */
  'list-history': {
    request: z.strictObject({
      limit: z.int().positive().max(1000).default(50),
      /** Only changes before the one with this id. */
      beforeId: z.int().positive().optional(),
    }),
    response: z.object({
      items: z.array(historyItemSchema),
      nextToUndo: historyItemSchema.nullable(),
      nextToRedo: historyItemSchema.nullable(),
    }),
  },

  'select-songs': { request: songSelectionSchema, response: selectedSongsSchema },

  /** Writes a playlist; an earlier playlist of ours is replaced, another file only where that is said. */
  'export-playlist': {
    request: exportedSongs.extend({
      file: z.string().min(1),
      format: playlistFormatSchema,
      pathStyle: pathStyleSchema.default('relative'),
      replacesOthers: z.boolean().default(false),
    }),
    response: z.object({
      file: z.string(),
      songCount: z.int(),
      /** Songs that no playlist can name, since their path is no text. */
      skipped: z.array(exportEntrySchema),
      /** Songs of which no file is there. */
      missing: z.array(songIdSchema),
    }),
  },
  /** Copies, links or moves songs with their sidecars; the same call again goes on where a stopped one ended. */
  'export-files': {
    request: exportedSongs.extend({
      folder: z.string().min(1),
      mode: exportModeSchema,
      /** See the help of `banger top`. */
      pattern: z.string().max(1000),
      callName,
    }),
    response: fileExportReportSchema.extend({ missing: z.array(songIdSchema) }),
  },

  /** Every file that would go into the trash, and every one that would not and why; nothing is touched. */
  'plan-rejects': { request: rejectRequestSchema, response: rejectPlanSchema },
  /** Does what a plan said, unless the files have changed since. */
  'trash-rejects': {
    request: rejectRequestSchema.extend({
      token: z.string(),
      destination: rejectDestinationSchema.default('trash'),
      callName,
    }),
    response: rejectReportSchema,
  },
} satisfies CommandDeclarations;

export const curateEvents = {
  'file-export-progressed': fileExportProgressSchema.extend({ callName }),
  'trash-progressed': z.object({ doneFiles: z.int(), totalFiles: z.int(), callName }),
} satisfies EventDeclarations;
