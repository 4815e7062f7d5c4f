/** M3U8: a path on a line of its own, preceded by length and title; what nearly every player reads. */
import type { ExportEntry } from '../../../shared/export-entry.ts';
import { entryLabel, onOneLine } from './entry-label.ts';
import type { PlaylistPlace } from './playlist-location.ts';
import { fileAddress, locationAsPath } from './playlist-location.ts';

/** The playlist in UTF-8 without a byte order mark, which players would take for a part of the first line. */
export function formatM3u8(entries: readonly ExportEntry[], place: PlaylistPlace): string {
  const songs = entries.flatMap((entry) => [
    `#EXTINF:${wholeSeconds(entry.durationSeconds)},${onOneLine(entryLabel(entry))}`,
    locationAsPath(entry.path, place) ?? fileAddress(entry.path, place.rules),
  ]);
  return ['#EXTM3U', '# Written by Banger Scorer', ...songs, ''].join('\n');
}

/** Players expect whole seconds, and -1 for a length that is not known. */
export function wholeSeconds(durationSeconds: number | null): number {
  return durationSeconds === null || !Number.isFinite(durationSeconds) ? -1 : Math.round(durationSeconds);
}
