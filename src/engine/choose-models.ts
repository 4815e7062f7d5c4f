/** Decides which encoder and head a run uses, from what the person named and what is installed. */
import { BangerError, hasErrorCode } from '../shared/errors.ts';
import { catalogue, draftId } from './models/catalogue.ts';
import type { ModelStore, ResolvedEncoder, ResolvedHead } from './models/model-store.ts';
import type { PreparedEncoder, PrepareModelOptions } from './models/prepared-encoder.ts';
import { prepareEncoder } from './models/prepared-encoder.ts';
import type { PreparedHead } from './models/prepared-head.ts';
import { prepareHead, requireMatchingHead } from './models/prepared-head.ts';

/** What the person named; undefined where the choice is left to the product. */
export interface ModelChoice {
  encoder?: string | undefined;
  head?: string | undefined;
}

export interface ChosenModels {
  encoder: PreparedEncoder;
  head: PreparedHead;
  /** True where the draft was taken because MERT or its head is not installed. */
  isFallback: boolean;
}

const DEFAULT_ENCODER = 'mert-v1-330m';

/**
 * MERT with its head where both are installed and nothing else was named, otherwise the draft.
 *
 * @throws BangerError `model-missing`, `checkpoint-mismatch` for a head of another encoder, and what
 *   `prepareEncoder` and `prepareHead` throw
 */
export async function chooseModels(
  store: ModelStore,
  choice: ModelChoice,
  options: PrepareModelOptions,
): Promise<ChosenModels> {
  const resolved =
    choice.encoder === undefined && choice.head === undefined
      ? ((await resolveDefault(store)) ?? (await resolveNamed(store, { encoder: draftId })))
      : await resolveNamed(store, choice);
  const head = await prepareHead(resolved.head, options);
  const encoder = await prepareEncoder(resolved.encoder, options);
  requireMatchingHead(encoder.description, head);
  return { encoder, head, isFallback: choice.encoder === undefined && encoder.description.isDraft };
}

interface ResolvedModels {
  encoder: ResolvedEncoder;
  head: ResolvedHead;
}

/** The reference pair, null unless both are installed. */
async function resolveDefault(store: ModelStore): Promise<ResolvedModels | null> {
  try {
    return await resolveNamed(store, { encoder: DEFAULT_ENCODER });
  } catch (thrown) {
    if (hasErrorCode(thrown, 'model-missing')) return null;
    throw thrown;
  }
}

async function resolveNamed(store: ModelStore, choice: ModelChoice): Promise<ResolvedModels> {
  if (choice.encoder === undefined) {
    const head = await store.resolveHead(choice.head ?? draftId);
    return { head, encoder: await store.resolveEncoder(head.encoderId ?? DEFAULT_ENCODER) };
  }
  const encoder = await store.resolveEncoder(choice.encoder);
  return { encoder, head: await store.resolveHead(choice.head ?? (await findHeadFor(store, encoder.id))) };
}

/** The head that goes with an encoder: the catalogue's, else the only imported one that names it. */
async function findHeadFor(store: ModelStore, encoderId: string): Promise<string> {
  const catalogued = catalogue.find((entry) => entry.kind === 'head' && entry.encoderId === encoderId);
  if (catalogued !== undefined) return catalogued.id;
  const models = await store.listModels();
  const [imported, ...others] = models.filter(
    ({ kind, state, encoderId: madeFor }) =>
      kind === 'head' && state === 'installed' && madeFor === encoderId,
  );
  if (imported !== undefined && others.length === 0) return imported.id;
  if (imported !== undefined) {
    const ids = [imported, ...others].map(({ id }) => id).join(', ');
    throw new BangerError('model-missing', `Several heads were trained on the encoder “${encoderId}”.`, {
      nextStep: `Name one of them with --head: ${ids}.`,
    });
  }
  throw new BangerError('model-missing', `No head is known for the encoder “${encoderId}”.`, {
    nextStep: 'Name one with --head <id|file>.',
  });
}
