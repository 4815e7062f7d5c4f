/** How exported files would be called: the first names that a pattern makes. */
import { asBangerError } from '../../shared/errors.ts';
import { splitFilePath } from '../../shared/file-path.ts';
import { legalBaseName, legalExtension, maximumNameBytes } from '../../shared/legal-file-name.ts';
import { parseNamePattern } from '../../shared/name-pattern.ts';
import type { SongRow } from '../../shared/song-query.ts';

export interface NameExamples {
  names: string[];
  /** What is wrong with the pattern, one sentence; null when nothing is. */
  problem: string | null;
}

/**
 * The names of songs under a pattern, as the export makes them before it numbers equal ones.
 *
 * @param albums albums by song id, since rows do not carry them
 */
export function nameExamples(
  pattern: string,
  rows: readonly SongRow[],
  albums: ReadonlyMap<number, string | null> = new Map(),
): NameExamples {
  try {
    const nameOf = parseNamePattern(pattern);
    const names = rows.map((row, index) => {
      const path = row.path ?? row.title;
      const { extension } = splitFilePath(path);
      const wanted = nameOf({ ...row, rank: index + 1, path, album: albums.get(row.id) ?? null });
      const bare =
        extension !== '' && wanted.endsWith(extension) ? wanted.slice(0, -extension.length) : wanted;
      const suffix = legalExtension(extension);
      return legalBaseName(bare, maximumNameBytes - suffix.length) + suffix;
    });
    return { names, problem: null };
  } catch (thrown) {
    const { message, nextStep } = asBangerError(thrown);
    return { names: [], problem: nextStep === undefined ? message : `${message} ${nextStep}` };
  }
}
