/** All paths below a folder as one range of texts, which an index on paths can answer. */
import path from 'node:path';

/**
 * From the first path that begins with the folder and a separator up to, but not including, the first that does not.
 *
 * @param folder absolute path
 */
export function pathRangeBelow(folder: string): { from: string; to: string } {
  const from = folder.endsWith(path.sep) ? folder : folder + path.sep;
  return { from, to: from.slice(0, -1) + String.fromCharCode(path.sep.charCodeAt(0) + 1) };
}
