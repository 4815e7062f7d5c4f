/** JSON: the songs for other programs, with everything that is known about each. */
import type { ExportEntry } from '../../../shared/export-entry.ts';
import type { PlaylistPlace } from './playlist-location.ts';
import { locationAsText } from './playlist-location.ts';

/** An object with the songs in their order. */
export function formatJson(entries: readonly ExportEntry[], place: PlaylistPlace): string {
  const songs = entries.map((entry) => ({ ...entry, path: locationAsText(entry.path, place) }));
  return `${JSON.stringify({ writtenBy: 'Banger Scorer', songs }, null, 2)}\n`;
}
