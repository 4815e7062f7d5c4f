/** Writes a playlist to a file, whole or not at all, and over nothing but an earlier playlist of ours. */
import { dirname } from 'node:path';
import type { ExportEntry, PathStyle, PlaylistFormat } from '../../shared/export-entry.ts';
import { formatPlaylist, ownBeginnings } from './playlists/format-playlist.ts';
import { nativePathRules } from './playlists/playlist-location.ts';
import { replaceOwnFile } from './replace-file.ts';

export interface PlaylistRequest {
  entries: readonly ExportEntry[];
  /** Absolute path; its folder is made where there is none. */
  file: string;
  format: PlaylistFormat;
  pathStyle: PathStyle;
  /** Whether a file that is not a playlist of ours may be replaced as well. */
  replacesOthers: boolean;
}

export interface WrittenPlaylist {
  file: string;
  songCount: number;
  /** Songs that no playlist can name, since their path is no text. */
  skipped: ExportEntry[];
}

/**
 * @throws BangerError `file-exists` where somebody else's file stands, which is left as it is; `file-unwritable`,
 *   `disk-full`
 */
export async function writePlaylist(request: PlaylistRequest): Promise<WrittenPlaylist> {
  const { entries, file, format, pathStyle, replacesOthers } = request;
  const place = { folder: dirname(file), style: pathStyle, rules: nativePathRules };
  const { text, skipped } = formatPlaylist(entries, format, place);
  await replaceOwnFile({ file, text, ownBeginning: ownBeginnings[format], replacesOthers });
  return { file, songCount: entries.length - skipped.length, skipped };
}
