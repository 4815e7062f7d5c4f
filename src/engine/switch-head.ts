/** Switches what songs are scored with to another head, and finds one that takes the place of a head that goes. */
import type { ModelListing } from '../shared/model-commands.ts';
import type { ModelChoice } from './choose-models.ts';
import type { Engine } from './engine.ts';
import { catalogue, draftId } from './models/catalogue.ts';
import type { ModelStore } from './models/model-store.ts';
import { rescoreAll, type RescoreOptions } from './scoring/rescore-library.ts';
import { SettingsStore } from './settings-store.ts';

export interface SwitchedHead {
  encoder: string;
  head: string;
  /** Songs that were scored anew from what the encoder had made of them before. */
  rescored: number;
}

/**
 * Scores songs with another head from now on: the app's next start uses it, and every song that its encoder has heard
 * is scored by it at once.
 *
 * @throws BangerError `model-missing`, `checkpoint-mismatch` for a head of another encoder, `cancelled`
 */
export async function useHead(
  engine: Engine,
  choice: ModelChoice,
  options: Pick<RescoreOptions, 'signal' | 'onProgress'> = {},
): Promise<SwitchedHead> {
  const models = await engine.chooseModels(choice, options);
  const { library, inference } = engine;
  const names = { encoder: models.encoder.description.name, head: models.head.description.name };
  const { space } = await engine.createScorer(models, library);
  const rescored = await rescoreAll(library, inference, space, models.head, {
    ...options,
    skipsScored: true,
  });
  new SettingsStore(library).change({
    models: { encoder: choice.encoder ?? names.encoder, head: choice.head ?? names.head },
  });
  return { ...names, rescored };
}

/**
 * Takes a head that was removed out of the app's settings.
 *
 * @returns what the app scores with from its next start on, null where it did not score with the head
 */
export async function forgetHead(
  engine: Engine,
  goneHead: string,
): Promise<{ encoder: string; head: string } | null> {
  const settings = new SettingsStore(engine.library);
  const { models } = settings.read();
  if (models?.head !== goneHead) return null;
  const replacement = await findReplacement(engine.models, models.encoder, goneHead);
  settings.change({ models: replacement });
  return replacement;
}

/**
 * What songs are scored with once a head is gone: its encoder with the head that belongs to it, else the reference
 * pair, at last the draft.
 *
 * @param encoder the encoder in use
 */
export async function findReplacement(
  store: ModelStore,
  encoder: string,
  goneHead: string,
): Promise<{ encoder: string; head: string }> {
  const models = await store.listModels();
  const own = models.find(
    (model) =>
      model.kind === 'head' && model.encoderId === encoder && model.id !== goneHead && isUsable(model),
  );
  const pairs = [
    ...(own === undefined ? [] : [{ encoder, head: own.id }]),
    ...catalogue.flatMap((entry) =>
      entry.kind === 'head' ? [{ encoder: entry.encoderId, head: entry.id }] : [],
    ),
  ];
  const isHere = (kind: ModelListing['kind'], id: string) =>
    models.some((model) => model.kind === kind && model.id === id && isUsable(model));
  return (
    pairs.find(
      (pair) => pair.head !== goneHead && isHere('encoder', pair.encoder) && isHere('head', pair.head),
    ) ?? { encoder: draftId, head: draftId }
  );
}

function isUsable({ state }: ModelListing): boolean {
  return state === 'built-in' || state === 'installed';
}
