/** Which part of the models dialog is open, and which models it is about: whoever opens it says so. */
import type { AppState } from '../state/app-state.svelte.ts';
import { mertIds } from './mert.ts';

export type ModelsPart = 'download' | 'import';

class ModelsView {
  part = $state<ModelsPart>('download');
  /** What is offered for download. */
  ids = $state.raw<readonly string[]>(mertIds);
}

export const modelsView = new ModelsView();

export function openModels(app: AppState, part: ModelsPart, ids: readonly string[] = mertIds): void {
  modelsView.part = part;
  modelsView.ids = ids;
  app.dialog = 'models';
}
