/** What an export of files is asked to do, how far it is, and what it did. */
import { z } from 'zod';
import { errorRecordSchema } from './errors.ts';
import { songIdSchema } from './song-query.ts';

/** `link` gives each file a second name where both places lie on one volume, and copies it elsewhere. */
export const exportModes = ['copy', 'link', 'move'] as const;
export const exportModeSchema = z.enum(exportModes);
export type ExportMode = z.infer<typeof exportModeSchema>;

/**
 * What became of a file.
 *
 * - `copied`, `linked`, `moved`
 * - `already-there`: an earlier export had put it there
 * - `left`: a sidecar that was left alone, because another file has its name or another song needs it
 * - `failed`: with the reason
 */
export const fileOutcomes = ['copied', 'linked', 'moved', 'already-there', 'left', 'failed'] as const;
export const fileOutcomeSchema = z.enum(fileOutcomes);
export type FileOutcome = z.infer<typeof fileOutcomeSchema>;

export const exportedFileReportSchema = z.object({
  songId: songIdSchema,
  /** The song's own file, or a sidecar that belongs to it. */
  role: z.enum(['song', 'sidecar']),
  source: z.string(),
  target: z.string(),
  sizeBytes: z.number(),
  outcome: fileOutcomeSchema,
  error: errorRecordSchema.nullable(),
});
export type ExportedFileReport = z.infer<typeof exportedFileReportSchema>;

export const fileExportReportSchema = z.object({
  folder: z.string(),
  files: z.array(exportedFileReportSchema),
  /** Songs that are in the folder now, and those that are not. */
  songCount: z.int(),
  failedSongCount: z.int(),
  /** The change that undo would take back, null unless files were moved. */
  historyId: z.int().nullable(),
});
export type FileExportReport = z.infer<typeof fileExportReportSchema>;

export const fileExportProgressSchema = z.object({
  doneFiles: z.int(),
  totalFiles: z.int(),
  doneBytes: z.number(),
  totalBytes: z.number(),
  path: z.string(),
});
export type FileExportProgress = z.infer<typeof fileExportProgressSchema>;
