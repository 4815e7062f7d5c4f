/** The models of the model card: what is offered to whoever has only the draft. */
import type { ModelListing } from '../../shared/model-commands.ts';

export const mertEncoderId = 'mert-v1-330m';
export const bangerHeadId = 'banger';
export const mertIds: readonly string[] = [mertEncoderId, bangerHeadId];

/** How much a download of both would fetch, null where nobody knows. */
export function mertDownloadBytes(models: readonly ModelListing[]): number | null {
  const wanted = models.filter(({ id }) => mertIds.includes(id));
  if (wanted.length === 0) return null;
  let bytes = 0;
  for (const model of wanted) {
    if (model.state === 'installed') continue;
    if (model.downloadBytes === null) return null;
    bytes += model.downloadBytes;
  }
  return bytes;
}
