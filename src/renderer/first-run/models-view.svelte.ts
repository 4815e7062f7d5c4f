/** Which part of the models dialog is open: whoever opens it says which. */
import type { AppState } from '../state/app-state.svelte.ts';

export type ModelsPart = 'download' | 'import';

class ModelsView {
  part = $state<ModelsPart>('download');
}

export const modelsView = new ModelsView();

export function openModels(app: AppState, part: ModelsPart): void {
  modelsView.part = part;
  app.dialog = 'models';
}
