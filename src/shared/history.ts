/** The history of what a person changed, as it is shown. */
import { z } from 'zod';
import { errorRecordSchema } from './errors.ts';

export const historyItemSchema = z.object({
  id: z.int(),
  doneAtMs: z.number(),
  /** One phrase for the person, such as `Keep 12 songs`. */
  label: z.string(),
  /** False for what is only told: undo passes it over. */
  isUndoable: z.boolean(),
  /** Whether it was undone and can be done again. */
  isUndone: z.boolean(),
});
export type HistoryItem = z.infer<typeof historyItemSchema>;

/**
 * What became of a file that a change had moved.
 *
 * - `moved`: it was moved now
 * - `in-place`: it stood there already, such as after an earlier attempt
 * - `gone`: it is in neither place any more
 * - `failed`: it was left where it is
 */
export const moveOutcomeSchema = z.object({
  from: z.string(),
  to: z.string(),
  outcome: z.enum(['moved', 'in-place', 'gone', 'failed']),
  error: errorRecordSchema.nullable(),
});
export type MoveOutcome = z.infer<typeof moveOutcomeSchema>;

/** What undo or redo did. */
export const historyStepSchema = z.object({
  item: historyItemSchema,
  /** Songs whose judgement was restored. */
  songCount: z.int(),
  /** Every file that the change had moved. */
  files: z.array(moveOutcomeSchema),
});
export type HistoryStep = z.infer<typeof historyStepSchema>;
