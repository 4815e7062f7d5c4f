/** PLS: numbered keys in the form of an INI file. */
import type { ExportEntry } from '../../../shared/export-entry.ts';
import { entryLabel, onOneLine } from './entry-label.ts';
import { wholeSeconds } from './m3u8.ts';
import type { PlaylistPlace } from './playlist-location.ts';
import { fileAddress, locationAsPath } from './playlist-location.ts';

/** The playlist in UTF-8. */
export function formatPls(entries: readonly ExportEntry[], place: PlaylistPlace): string {
  const songs = entries.flatMap((entry, index) => [
    `File${index + 1}=${locationAsPath(entry.path, place) ?? fileAddress(entry.path, place.rules)}`,
    `Title${index + 1}=${onOneLine(entryLabel(entry))}`,
    `Length${index + 1}=${wholeSeconds(entry.durationSeconds)}`,
  ]);
  const end = [`NumberOfEntries=${entries.length}`, 'Version=2', ''];
  return ['[playlist]', 'X-Generator=Banger Scorer', ...songs, ...end].join('\n');
}
