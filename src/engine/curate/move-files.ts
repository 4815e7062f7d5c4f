/** Moves files as an entry of the history says, forth and back, and keeps the library's paths true meanwhile. */
import { systemErrorCode } from '../../shared/system-errors.ts';
import { mkdir, rmdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { asBangerError, BangerError } from '../../shared/errors.ts';
import type { MoveOutcome } from '../../shared/history.ts';
import type { Library } from '../library/library.ts';
import { asFileError, cancelledError, unlessMissing } from './file-errors.ts';
import type { FileMove, MovesEntry } from './history-entry.ts';
import type { PlaceOptions } from './place-file.ts';
import { exists, isSameFile, moveTo, syncFolder } from './place-file.ts';

/** `forth` does what the entry says, `back` undoes it. */
export type Direction = 'forth' | 'back';

export interface MovedFiles {
  /** The moves, with the paths that the files really have now. */
  moves: FileMove[];
  /** None for files whose turn did not come. */
  outcomes: MoveOutcome[];
  /** Set when the signal ended it before its end. */
  cancelled: BangerError | null;
}

/**
 * Moves the files of an entry forth or back. Files that belong to one song keep one base name between them: where
 * another file has taken it, all of them get the same number. Doing it again is harmless, and goes on where a
 * killed process stopped. A file's own failure is its outcome.
 */
export async function moveFiles(
  library: Library,
  entry: MovesEntry,
  direction: Direction,
  options: PlaceOptions = {},
): Promise<MovedFiles> {
  const result: MovedFiles = { moves: [], outcomes: [], cancelled: null };
  for (const group of groupBySong(entry.moves)) {
    if (result.cancelled === null && options.signal?.aborted === true) result.cancelled = cancelledError();
    if (result.cancelled === null) await moveGroup(library, entry.purpose, group, direction, options, result);
    else result.moves.push(...group);
  }
  const folders = new Set(result.outcomes.flatMap(({ from, to }) => [dirname(from), dirname(to)]));
  for (const folder of folders) await syncFolder(folder);
  if (direction === 'back' && entry.purpose === 'rejects') await removeEmptyFolders(entry.moves);
  return result;
}

async function moveGroup(
  library: Library,
  purpose: MovesEntry['purpose'],
  group: readonly FileMove[],
  direction: Direction,
  options: PlaceOptions,
  result: MovedFiles,
): Promise<void> {
  const ends = group.map((move) => ({ move, ...endsOf(move, direction) }));
  const isForeign = ends.some(({ move, source }) => isAnotherSongAt(library, move, source));
  const number = isForeign ? 1 : await freeNumber(ends);
  for (const { move, source, target } of ends) {
    const outcome = isForeign
      ? gone(source, target)
      : await moveOne(
          library,
          move,
          { source, target: withNumber(target, number), plainTarget: target },
          options,
        );
    const isThere = outcome.outcome === 'moved' || outcome.outcome === 'in-place';
    const kept = isThere ? turned(move, direction, outcome.to) : move;
    if (isThere && move.role === 'song') recordMove(library, purpose, kept, direction);
    result.moves.push(kept);
    result.outcomes.push(outcome);
    if (outcome.error?.code === 'cancelled') result.cancelled = BangerError.fromRecord(outcome.error);
  }
}

/** Whether the library knows another song under a path: one that took the place of a song's file meanwhile. */
function isAnotherSongAt(library: Library, { role, songId }: FileMove, path: string): boolean {
  const known = role === 'song' ? library.files.byPath(path) : null;
  return known !== null && known.file.missingSinceMs === null && known.file.songId !== songId;
}

function gone(from: string, to: string): MoveOutcome {
  return { from, to, outcome: 'gone', error: null };
}

interface MoveEnds {
  source: string;
  /** Where the file is to go. */
  target: string;
  /** Where an earlier attempt has put it, if it is gone from its source. */
  plainTarget: string;
}

async function moveOne(
  library: Library,
  move: FileMove,
  { source, target, plainTarget }: MoveEnds,
  options: PlaceOptions,
): Promise<MoveOutcome> {
  try {
    if (!(await exists(source))) {
      const isThere = (await exists(plainTarget)) && !isAnotherSongAt(library, move, plainTarget);
      return isThere ? { ...gone(source, plainTarget), outcome: 'in-place' } : gone(source, plainTarget);
    }
    await makeFolder(dirname(target));
    await moveTo(source, target, options);
    return { from: source, to: target, outcome: 'moved', error: null };
  } catch (thrown) {
    const error = asBangerError(asFileError(thrown, source));
    return { from: source, to: target, outcome: 'failed', error: error.toRecord() };
  }
}

/** Makes a folder that was removed meanwhile; not the ones above it, which may be a drive that is not connected. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (thrown) {
    if (systemErrorCode(thrown) !== 'EEXIST') throw thrown;
  }
}

/** Takes away the folders that rejected songs had been put aside into, unless something else lies in them. */
async function removeEmptyFolders(moves: readonly FileMove[]): Promise<void> {
  for (const folder of new Set(moves.map(({ to }) => dirname(to)))) {
    try {
      await rmdir(folder);
    } catch (thrown) {
      // Not empty, not ours, or not there: it stays as it is.
      if (systemErrorCode(thrown) === undefined) throw thrown;
    }
  }
}

function recordMove(
  library: Library,
  purpose: MovesEntry['purpose'],
  { songId, from, to }: FileMove,
  direction: Direction,
): void {
  library.transaction(() => {
    library.files.changePath(direction === 'forth' ? from : to, direction === 'forth' ? to : from);
    if (purpose !== 'export') return;
    if (direction === 'back') library.exportedFiles.remove(to);
    else if (library.songs.byId(songId) !== null) {
      library.exportedFiles.put({ path: to, songId, isOriginal: true });
    }
  });
}

/** The smallest number, from 1 for none, at which no file of a group would meet another file. */
async function freeNumber(ends: readonly { source: string; target: string }[]): Promise<number> {
  for (let number = 1; ; number += 1) {
    const isTaken = await Promise.all(
      ends.map(({ source, target }) => isTakenByAnother(source, withNumber(target, number))),
    );
    if (!isTaken.includes(true)) return number;
  }
}

async function isTakenByAnother(source: string, target: string): Promise<boolean> {
  const areBothThere = (await exists(source)) && (await exists(target));
  return areBothThere && !((await unlessMissing(isSameFile(source, target))) ?? false);
}

/** `song.wav`, `song (2).wav`, `song (3).wav`, … */
function withNumber(path: string, number: number): string {
  if (number === 1) return path;
  const extension = extname(path);
  return join(dirname(path), `${basename(path, extension)} (${number})${extension}`);
}

function endsOf({ from, to }: FileMove, direction: Direction): { source: string; target: string } {
  return direction === 'forth' ? { source: from, target: to } : { source: to, target: from };
}

function turned(move: FileMove, direction: Direction, target: string): FileMove {
  return direction === 'forth' ? { ...move, to: target } : { ...move, from: target };
}

function groupBySong(moves: readonly FileMove[]): FileMove[][] {
  return [...Map.groupBy(moves, ({ songId }) => songId).values()];
}
