/** The export dialog's answers of last time, kept by the browser. */
import { exportFormSchema, type ExportForm } from './export-form.ts';

const key = 'banger-export';

/** What was chosen last, with defaults for the rest; nothing is wrong with there being nothing. */
export function recallExportForm(storage: Pick<Storage, 'getItem'>): ExportForm {
  try {
    const read = exportFormSchema.safeParse(JSON.parse(storage.getItem(key) ?? '{}'));
    if (read.success) return read.data;
  } catch {
    // A browser that keeps nothing, or something else's text: the usual form is as good.
  }
  return exportFormSchema.parse({});
}

export function keepExportForm(storage: Pick<Storage, 'setItem'>, form: ExportForm): void {
  try {
    storage.setItem(key, JSON.stringify(form));
  } catch {
    // A browser may refuse to keep anything; the export itself is done.
  }
}
