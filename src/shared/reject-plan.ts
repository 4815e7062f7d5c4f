/** What becomes of rejected songs: a plan that names every file, and what was done. */
import { z } from 'zod';
import { errorRecordSchema } from './errors.ts';
import { songFilterSchema, songIdSchema } from './song-query.ts';

/** Which rejected songs, and which of their files. */
export const rejectRequestSchema = z.strictObject({
  /** Only rejected songs within this filter; its verdicts are not regarded. */
  filter: songFilterSchema.default({}),
  /** Also files that are left alone unless they are named: copies of a song, and what exports made. Absolute paths. */
  files: z.array(z.string()).max(100_000).default([]),
});
export type RejectRequest = z.output<typeof rejectRequestSchema>;

export const plannedRejectSchema = z.object({
  songId: songIdSchema,
  path: z.string(),
  role: z.enum(['song', 'sidecar']),
  sizeBytes: z.number(),
});
export type PlannedReject = z.infer<typeof plannedRejectSchema>;

/**
 * Why a file of a rejected song stays where it is.
 *
 * - `exported`: an export made it
 * - `copy`: another copy of the same song
 * - `shared`: a sidecar that another song may need
 * - `changed`: it is not the file that was scored any more
 * - `set-aside`: it lies in a `_rejected` folder already
 */
export const leftAloneReasons = ['exported', 'copy', 'shared', 'changed', 'set-aside'] as const;
export const leftAloneSchema = z.object({
  songId: songIdSchema,
  path: z.string(),
  reason: z.enum(leftAloneReasons),
});
export type LeftAlone = z.infer<typeof leftAloneSchema>;

export const rejectPlanSchema = z.object({
  /** Stands for exactly these files as they are now; to be handed back to do it. */
  token: z.string(),
  files: z.array(plannedRejectSchema),
  songCount: z.int(),
  totalBytes: z.number(),
  leftAlone: z.array(leftAloneSchema),
});
export type RejectPlan = z.infer<typeof rejectPlanSchema>;

/** `rejected-folder` is for volumes without a trash: a folder `_rejected` beside each file. */
export const rejectDestinationSchema = z.enum(['trash', 'rejected-folder']);
export type RejectDestination = z.infer<typeof rejectDestinationSchema>;

export const rejectedFileReportSchema = plannedRejectSchema.extend({
  outcome: z.enum(['trashed', 'moved', 'failed']),
  /** Where it is now; null in the trash. */
  target: z.string().nullable(),
  error: errorRecordSchema.nullable(),
});
export type RejectedFileReport = z.infer<typeof rejectedFileReportSchema>;

export const rejectReportSchema = z.object({
  files: z.array(rejectedFileReportSchema),
  /** The change in the history, null when nothing was done. */
  historyId: z.int().nullable(),
  /** Whether undo can bring the files back; elsewhere the system's own trash can. */
  isUndoable: z.boolean(),
});
export type RejectReport = z.infer<typeof rejectReportSchema>;
