/** The history of what a person changed, as it is shown. */
import { z } from 'zod';

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
