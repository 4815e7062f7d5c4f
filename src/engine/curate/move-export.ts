/** Exports by moving: one entry of the history for the whole export, written before the first file moves. */
import { basename } from 'node:path';
import { BangerError } from '../../shared/errors.ts';
import type { ExportedFileReport } from '../../shared/file-export.ts';
import type { MoveOutcome } from '../../shared/history.ts';
import type { Library } from '../library/library.ts';
import type { ExportRun } from './export-run.ts';
import { failedSong, reportOn, untouched } from './export-run.ts';
import { throwIfCancelled } from './file-errors.ts';
import type { FileMove, MovesEntry } from './history-entry.ts';
import { addEntry, readEntry } from './history-entry.ts';
import { moveFiles } from './move-files.ts';
import { exists } from './place-file.ts';
import type { PlannedFile, PlannedSong } from './plan-file-export.ts';

/** An entry of the history that grows while files move. */
interface Journal {
  historyId: number;
  entry: MovesEntry;
}

/**
 * Brings the library up to date with the songs that a stopped export had moved into this folder, and brings their
 * sidecars after them.
 *
 * @returns new paths of song files by their old ones
 */
export async function settleInterruptedMoves(
  library: Library,
  folder: string,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const journal = findUnfinished(library, folder);
  if (journal === null) return new Map();
  const arrived = new Map<number, FileMove>();
  for (const move of journal.entry.moves) {
    const hasMoved = move.role === 'song' && !(await exists(move.from)) && (await exists(move.to));
    if (hasMoved) arrived.set(move.songId, move);
  }
  const moves = journal.entry.moves.filter(({ songId }) => arrived.has(songId));
  const { cancelled } = await moveFiles(library, { ...journal.entry, moves }, 'forth', { signal });
  if (cancelled !== null) throw cancelled;
  return new Map([...arrived.values()].map(({ from, to }) => [from, to]));
}

/**
 * Moves what a plan says.
 *
 * @throws BangerError `cancelled`; what was moved until then stands in the history
 */
export async function exportMoves(
  library: Library,
  run: ExportRun,
): Promise<{ files: ExportedFileReport[]; historyId: number | null }> {
  const planned = run.songs.flatMap(movesOf);
  const journal = planned.length === 0 ? null : openJournal(library, run.folder, planned);
  const reports: ExportedFileReport[] = [];
  const actual = new Map<string, FileMove>();
  try {
    for (const song of run.songs) {
      throwIfCancelled(run.signal);
      reports.push(...(await moveSong(library, song, run, actual)));
    }
    if (journal !== null) closeJournal(library, journal, actual, true);
  } catch (thrown) {
    if (journal !== null) closeJournal(library, journal, actual, false);
    throw thrown;
  }
  return { files: reports, historyId: journal === null || actual.size === 0 ? null : journal.historyId };
}

async function moveSong(
  library: Library,
  song: PlannedSong,
  { folder, meter, signal }: ExportRun,
  actual: Map<string, FileMove>,
): Promise<ExportedFileReport[]> {
  if (song.error !== null) return [failedSong(song)];
  const moves = movesOf(song);
  const entry: MovesEntry = { kind: 'moves', purpose: 'export', folder, isFinished: false, moves };
  const moved = await moveFiles(library, entry, 'forth', { signal, onBytes: meter.addBytes });
  const outcomes = new Map(moved.outcomes.map((outcome) => [outcome.from, outcome]));
  for (const [index, outcome] of moved.outcomes.entries()) {
    const move = moved.moves[index];
    const hasArrived = outcome.outcome === 'moved' || outcome.outcome === 'in-place';
    if (move !== undefined && hasArrived) actual.set(move.from, move);
  }
  if (moved.cancelled !== null) throw moved.cancelled;
  return song.files.map((file) => {
    meter.finishFile(file);
    return reportMove(song.entry.songId, file, outcomes.get(file.source));
  });
}

function reportMove(songId: number, file: PlannedFile, outcome: MoveOutcome | undefined): ExportedFileReport {
  if (outcome === undefined) return untouched(songId, file);
  const target = { ...file, target: outcome.to };
  if (outcome.outcome === 'moved') return reportOn(songId, target, 'moved');
  if (outcome.outcome === 'in-place') return reportOn(songId, target, 'already-there');
  const error = outcome.error ?? goneMeanwhile(file.source).toRecord();
  return { ...reportOn(songId, file, 'failed'), error };
}

function goneMeanwhile(file: string): BangerError {
  return new BangerError('file-missing', 'The file was taken away while the export ran.', {
    file,
    nextStep: 'Find it, score it again, and run the same command again.',
  });
}

/** Also files whose copy is there already but whose source is not yet removed: a killed move stopped between the two. */
function movesOf({ entry, files }: PlannedSong): FileMove[] {
  return files
    .filter(({ source, target, state }) => state !== 'left' && source !== target)
    .map(({ role, source, target }) => ({ songId: entry.songId, role, from: source, to: target }));
}

/** The entry of an export into this folder that was stopped, if nothing else was done since. */
function findUnfinished(library: Library, folder: string): Journal | null {
  const stored = library.history.nextToUndo();
  if (stored === null) return null;
  const { item, entry } = readEntry(stored);
  const isUnfinished = entry.kind === 'moves' && entry.purpose === 'export' && !entry.isFinished;
  return isUnfinished && entry.folder === folder ? { historyId: item.id, entry } : null;
}

/** Goes on with the entry of a stopped export, so that one undo takes the whole of it back, or begins a new one. */
function openJournal(library: Library, folder: string, planned: readonly FileMove[]): Journal {
  return library.transaction(() => {
    const unfinished = findUnfinished(library, folder);
    const sources = new Set(planned.map(({ from }) => from));
    const earlier = unfinished?.entry.moves.filter(({ from }) => !sources.has(from)) ?? [];
    const entry: MovesEntry = {
      ...{ kind: 'moves', purpose: 'export', folder, isFinished: false },
      moves: [...earlier, ...planned],
    };
    if (unfinished === null) return { entry, historyId: addEntry(library, labelOf(entry), entry) };
    library.history.update(unfinished.historyId, { label: labelOf(entry), entry });
    return { entry, historyId: unfinished.historyId };
  });
}

/** Writes down where the files really went. An entry of which nothing happened is taken out again. */
function closeJournal(
  library: Library,
  { historyId, entry }: Journal,
  actual: ReadonlyMap<string, FileMove>,
  isFinished: boolean,
): void {
  const moves = entry.moves.map((move) => actual.get(move.from) ?? move);
  const closed: MovesEntry = { ...entry, moves, isFinished };
  if (isFinished && actual.size === 0) library.history.remove(historyId);
  else library.history.update(historyId, { label: labelOf(closed), entry: closed });
}

function labelOf({ moves, folder }: MovesEntry): string {
  const count = new Set(moves.map(({ songId }) => songId)).size;
  const songs = count === 1 ? '1 song' : `${count.toLocaleString('en')} songs`;
  return `Move ${songs} into ${basename(folder ?? '')}`;
}
