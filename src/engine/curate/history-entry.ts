/** What the history keeps of each kind of change, enough to undo and redo it after a restart. */
import { z } from 'zod';
import { BangerError } from '../../shared/errors.ts';
import { storedJudgementSchema } from '../../shared/judgement.ts';
import { songIdSchema } from '../../shared/song-query.ts';
import type { HistoryItem } from '../../shared/history.ts';
import type { Library } from '../library/library.ts';
import type { StoredEntry } from '../library/tables/history-table.ts';

/** A change of judgements; null stands for a song that nobody has touched. */
const judgementsEntrySchema = z.object({
  kind: z.literal('judgements'),
  changes: z.array(
    z.object({
      songId: songIdSchema,
      before: storedJudgementSchema.nullable(),
      after: storedJudgementSchema.nullable(),
    }),
  ),
});
export type JudgementsEntry = z.infer<typeof judgementsEntrySchema>;

/** One file that was moved, with where it was and where it went. */
const fileMoveSchema = z.object({
  songId: songIdSchema,
  from: z.string(),
  to: z.string(),
  /** A song's own file, or a sidecar that went with it. */
  role: z.enum(['song', 'sidecar']),
});
export type FileMove = z.infer<typeof fileMoveSchema>;

/**
 * Files that were moved into a folder. The entry is written before the first file moves, so that every file that a
 * killed process has moved can be moved back.
 */
const movesEntrySchema = z.object({
  kind: z.literal('moves'),
  /** Why they were moved: an export, or rejected songs that were put aside. */
  purpose: z.enum(['export', 'rejects']),
  /** The folder that they were moved into; null for several. */
  folder: z.string().nullable(),
  /** False while the move goes on, and when it was stopped. */
  isFinished: z.boolean(),
  moves: z.array(fileMoveSchema),
});
export type MovesEntry = z.infer<typeof movesEntrySchema>;

/** Files that went to the system's trash. */
const trashEntrySchema = z.object({
  kind: z.literal('trash'),
  files: z.array(
    z.object({ songId: songIdSchema, path: z.string(), sizeBytes: z.number(), trashedAtMs: z.number() }),
  ),
});
export type TrashEntry = z.infer<typeof trashEntrySchema>;

const historyEntrySchema = z.discriminatedUnion('kind', [
  judgementsEntrySchema,
  movesEntrySchema,
  trashEntrySchema,
]);
export type HistoryEntry = z.infer<typeof historyEntrySchema>;

/** An entry of the history that was understood. */
export interface ReadEntry {
  item: HistoryItem;
  entry: HistoryEntry;
}

/** @throws BangerError `library-newer` when a newer version of the product wrote the entry */
export function readEntry(stored: StoredEntry): ReadEntry {
  const parsed = historyEntrySchema.safeParse(stored.entry);
  if (parsed.success) return { item: stored.item, entry: parsed.data };
  throw new BangerError('library-newer', `This version cannot undo or redo “${stored.item.label}”.`, {
    nextStep: 'Update Banger Scorer.',
    details: z.prettifyError(parsed.error),
  });
}

/** Adds an entry as the newest change of the history. @returns its id */
export function addEntry(library: Library, label: string, entry: HistoryEntry): number {
  return library.history.add({ label, isUndoable: true, entry });
}
