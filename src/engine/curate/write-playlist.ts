/** Writes a playlist to a file, whole or not at all, and over nothing but an earlier playlist of ours. */
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ExportEntry, PathStyle, PlaylistFormat } from '../../shared/export-entry.ts';
import { BangerError } from '../../shared/errors.ts';
import { asFileError, unlessMissing } from './file-errors.ts';
import { newPartialPath, removeAbandonedPartials } from './partial-files.ts';
import { syncFolder } from './place-file.ts';
import { formatPlaylist, ownBeginnings } from './playlists/format-playlist.ts';
import { nativePathRules } from './playlists/playlist-location.ts';

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
  try {
    if (!replacesOthers) await requireOwnOrNothing(file, format);
    await replaceFile(file, text);
  } catch (thrown) {
    throw asFileError(thrown, file);
  }
  return { file, songCount: entries.length - skipped.length, skipped };
}

async function requireOwnOrNothing(file: string, format: PlaylistFormat): Promise<void> {
  const handle = await unlessMissing(open(file, 'r'));
  if (handle === null) return;
  try {
    const expected = Buffer.from(ownBeginnings[format]);
    const found = Buffer.alloc(expected.length);
    const { bytesRead } = await handle.read(found, 0, found.length, 0);
    if (found.subarray(0, bytesRead).equals(expected)) return;
  } finally {
    await handle.close();
  }
  throw new BangerError('file-exists', 'Another file stands here already; it was left as it is.', {
    file,
    nextStep: 'Choose another name, or say that it may be replaced.',
  });
}

async function replaceFile(file: string, text: string): Promise<void> {
  const folder = dirname(file);
  await mkdir(folder, { recursive: true });
  await removeAbandonedPartials(folder);
  const partial = newPartialPath(folder);
  try {
    const handle = await open(partial, 'wx');
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, file);
    await syncFolder(folder);
  } finally {
    await rm(partial, { force: true });
  }
}
