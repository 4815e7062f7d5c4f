/** Which encoder and head are used together when a person picks one of them. */
import type { ModelListing, ModelsInUse } from '../../shared/model-commands.ts';

/** Whether songs can be scored with a model now. */
export function isHere({ state }: ModelListing): boolean {
  return state === 'built-in' || state === 'installed';
}

/**
 * The pair that using a model means: for an encoder the head that was trained on it, for a head its encoder. Null
 * where the other half is not here.
 */
export function pairFor(
  model: ModelListing,
  models: readonly ModelListing[],
  inUse: ModelsInUse | null,
): { encoder: string; head: string } | null {
  const here = models.filter(isHere);
  if (model.kind === 'head') {
    const encoder = here.find(
      ({ kind, id }) => kind === 'encoder' && id === (model.encoderId ?? inUse?.encoder),
    );
    return encoder === undefined ? null : { encoder: encoder.id, head: model.id };
  }
  const heads = here.filter(({ kind, encoderId }) => kind === 'head' && encoderId === model.id);
  const head = heads.find(({ id }) => id === inUse?.head) ?? heads[0];
  return head === undefined ? null : { encoder: model.id, head: head.id };
}
