/** How playlists call a song. */
import type { ExportEntry } from '../../../shared/export-entry.ts';

/** `Artist - Title`, or the title alone. */
export function entryLabel({ artist, title }: Pick<ExportEntry, 'artist' | 'title'>): string {
  return artist === null || artist.trim() === '' ? title : `${artist} - ${title}`;
}

/** Text without line breaks and other control characters, which would begin a new line or entry. */
export function onOneLine(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim();
}
