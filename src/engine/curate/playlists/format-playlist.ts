/** Writes a list of songs in any of the playlist forms. */
import type { ExportEntry, PlaylistFormat } from '../../../shared/export-entry.ts';
import { csvHeader, formatCsv } from './csv.ts';
import { formatJson } from './json.ts';
import { formatM3u8 } from './m3u8.ts';
import type { PlaylistPlace } from './playlist-location.ts';
import { isWritablePath } from './playlist-location.ts';
import { formatPls } from './pls.ts';
import { formatXspf } from './xspf.ts';

export interface FormattedPlaylist {
  text: string;
  /** Songs whose path is no text, so that no playlist can name them. */
  skipped: ExportEntry[];
}

const formatters: Record<PlaylistFormat, (entries: readonly ExportEntry[], place: PlaylistPlace) => string> =
  { m3u8: formatM3u8, xspf: formatXspf, pls: formatPls, csv: formatCsv, json: formatJson };

/** A playlist of these songs in this order. Pure: it looks at no file. */
export function formatPlaylist(
  entries: readonly ExportEntry[],
  format: PlaylistFormat,
  place: PlaylistPlace,
): FormattedPlaylist {
  const writable = entries.filter(({ path }) => isWritablePath(path));
  return {
    text: formatters[format](writable, place),
    skipped: entries.filter(({ path }) => !isWritablePath(path)),
  };
}

/** How each of our playlists begins; what begins otherwise was written by somebody else and is not replaced. */
export const ownBeginnings: Readonly<Record<PlaylistFormat, string>> = {
  m3u8: '#EXTM3U\n# Written by Banger Scorer\n',
  xspf: '<?xml version="1.0" encoding="UTF-8"?>\n<!-- Written by Banger Scorer -->\n',
  pls: '[playlist]\nX-Generator=Banger Scorer\n',
  csv: `${csvHeader}\n`,
  json: '{\n  "writtenBy": "Banger Scorer",\n',
};
