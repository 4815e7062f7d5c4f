/** How a playlist names its songs: relative to its own folder or absolute, as a path or as an address. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PathStyle } from '../../../shared/export-entry.ts';

/** Whose rules paths follow. */
export type PathRules = 'posix' | 'windows';

export interface PlaylistPlace {
  /** Absolute path of the playlist's own folder. */
  folder: string;
  style: PathStyle;
  rules: PathRules;
}

/** The rules of the system that this runs on. */
export const nativePathRules: PathRules = process.platform === 'win32' ? 'windows' : 'posix';

/**
 * A song's location as a path. A relative one that a player could take for a comment or an address begins with
 * `./`; on Windows it is written with forward slashes, which every system's players understand. A song on another
 * drive has no relative path, so it gets its absolute one.
 *
 * @returns null where no path on one line can say it, such as one with a line break or a space at its end
 */
export function locationAsPath(songPath: string, place: PlaylistPlace): string | null {
  if (/[\r\n\0]/.test(songPath) || songPath !== songPath.trim()) return null;
  const relative = relativePath(songPath, place);
  if (relative === null) return songPath;
  return /^[#\s]|^[a-z][\w+.-]*:/i.test(relative) ? `./${relative}` : relative;
}

/** A song's location as a path for programs, which take any character: relative or absolute, nothing added. */
export function locationAsText(songPath: string, place: PlaylistPlace): string {
  return relativePath(songPath, place) ?? songPath;
}

/** A song's location as an address: `file:///…`, or a relative one; everything unusual in it is percent-encoded. */
export function locationAsAddress(songPath: string, place: PlaylistPlace): string {
  const relative = relativePath(songPath, place);
  if (relative === null) return fileAddress(songPath, place.rules);
  return relative.split('/').map(encodeURIComponent).join('/');
}

/** `file:///…` for an absolute path. */
export function fileAddress(songPath: string, rules: PathRules): string {
  return pathToFileURL(songPath, { windows: rules === 'windows' }).href;
}

/** Whether a path can be written as text at all; half a surrogate pair cannot. */
export function isWritablePath(songPath: string): boolean {
  return songPath.isWellFormed() && !songPath.includes('\0');
}

/** Relative to the playlist with forward slashes; null where an absolute path is asked for or the only way. */
function relativePath(songPath: string, { folder, style, rules }: PlaylistPlace): string | null {
  if (style === 'absolute') return null;
  const paths = rules === 'windows' ? path.win32 : path.posix;
  const found = paths.relative(folder, songPath);
  if (paths.isAbsolute(found)) return null;
  return rules === 'windows' ? found.replaceAll('\\', '/') : found;
}
