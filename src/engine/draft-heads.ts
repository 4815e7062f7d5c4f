/** Heads over the built-in draft: whoever trained one, its scores are drafts and are marked as such. */
import type { ResolvedHead } from './models/model-store.ts';
import type { PrepareModelOptions } from './models/prepared-encoder.ts';
import { prepareHead, type PreparedHead } from './models/prepared-head.ts';

/** The id of the draft encoder, and of the head that comes with it. */
export const draftId = 'draft';

/** Said of every head that is trained on the draft. */
export const draftNote =
  'The draft measures sound (level, loudness, beat), not music: a head on it can learn little of taste.';

/** `prepareHead`, with the mark of the draft on a head that was trained on it. @throws see `prepareHead` */
export async function prepareMarkedHead(
  resolved: ResolvedHead,
  options: PrepareModelOptions,
): Promise<PreparedHead> {
  const head = await prepareHead(resolved, options);
  if (head.encoderId !== draftId) return head;
  return { ...head, description: { ...head.description, isDraft: true } };
}
