/** Lets the list show the scores of the models that were just chosen. */
import type { AppState } from '../state/app-state.svelte.ts';

/**
 * Whoever chooses a head wants to see its scores: the list goes to them, and follows the engine's own choice where that
 * is the same.
 */
export async function showScoresOf(
  app: AppState,
  { encoder, head }: { encoder: string; head: string },
): Promise<void> {
  const { rankings, default: usual } = await app.client.call('list-rankings', {});
  // Of rankings of the same names, such as a deleted head's, the one used last comes first.
  const chosen = rankings.find((ranking) => ranking.encoder === encoder && ranking.head === head);
  const isUsual =
    chosen === undefined || (chosen.spaceId === usual?.spaceId && chosen.headId === usual.headId);
  await app.list.pinRanking(isUsual ? null : { spaceId: chosen.spaceId, headId: chosen.headId });
}
