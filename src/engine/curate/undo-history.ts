/** Undoes and redoes what the history holds: judgements at once, moved files one by one. */
import { BangerError } from '../../shared/errors.ts';
import type { HistoryItem, HistoryStep, MoveOutcome } from '../../shared/history.ts';
import type { Library } from '../library/library.ts';
import type { MovesEntry, ReadEntry, TrashEntry } from './history-entry.ts';
import { readEntry } from './history-entry.ts';
import { restoreJudgements } from './judge-songs.ts';
import { moveFiles } from './move-files.ts';
import type { PlaceOptions } from './place-file.ts';
import { restoreFromTrash } from './restore-from-trash.ts';

type Way = 'undo' | 'redo';

/**
 * Undoes the newest change that is not undone yet.
 *
 * @returns null when there is nothing to undo
 * @throws BangerError the first failure when no file could be moved back, and the change stays done; `cancelled`,
 *   after which undoing again goes on; `library-newer`
 */
export function undoNewest(library: Library, options: PlaceOptions = {}): Promise<HistoryStep | null> {
  return step(library, 'undo', options);
}

/** Does again what was undone last. Returns and throws as `undoNewest` does. */
export function redoNext(library: Library, options: PlaceOptions = {}): Promise<HistoryStep | null> {
  return step(library, 'redo', options);
}

async function step(library: Library, way: Way, options: PlaceOptions): Promise<HistoryStep | null> {
  const start = library.transaction(() => beginStep(library, way));
  if (start === null || 'songCount' in start) return start;
  const { item, entry } = start;
  if (entry.kind === 'moves') return moveStep(library, item, entry, way, options);
  if (entry.kind === 'trash') return restoreStep(library, item, entry, options);
  throw new BangerError('internal', 'A change of judgements was not undone at once.');
}

/** Judgements are restored and marked in one transaction, so that two processes never undo the same change. */
function beginStep(library: Library, way: Way): HistoryStep | ReadEntry | null {
  const stored = way === 'undo' ? library.history.nextToUndo() : library.history.nextToRedo();
  if (stored === null) return null;
  const read = readEntry(stored);
  const { item, entry } = read;
  if (entry.kind !== 'judgements') return read;
  const songCount = restoreJudgements(library, entry, way === 'undo' ? 'before' : 'after');
  library.history.setUndone(item.id, way === 'undo');
  return { item: { ...item, isUndone: way === 'undo' }, songCount, files: [] };
}

/**
 * Files cannot be moved in a transaction; but moving them twice is harmless, so it is enough to mark the change
 * afterwards. Where they really went is written down first.
 */
async function moveStep(
  library: Library,
  item: HistoryItem,
  entry: MovesEntry,
  way: Way,
  options: PlaceOptions,
): Promise<HistoryStep> {
  const direction = way === 'undo' ? 'back' : 'forth';
  const { moves, outcomes, cancelled } = await moveFiles(library, entry, direction, options);
  const moved = { ...entry, moves, isFinished: true };
  library.history.update(item.id, { label: item.label, entry: moved });
  if (cancelled !== null) throw cancelled;
  requireSomeSuccess(outcomes);
  library.history.setUndone(item.id, way === 'undo');
  return { item: { ...item, isUndone: way === 'undo' }, songCount: 0, files: outcomes };
}

async function restoreStep(
  library: Library,
  item: HistoryItem,
  entry: TrashEntry,
  options: PlaceOptions,
): Promise<HistoryStep> {
  const outcomes = await restoreFromTrash(library, entry, options);
  requireSomeSuccess(outcomes);
  // What is to go to the trash is always shown and asked for first, so this is not done again by redo.
  library.history.setUndone(item.id, true);
  library.history.setUndoable(item.id, false);
  return { item: { ...item, isUndoable: false, isUndone: true }, songCount: 0, files: outcomes };
}

/** A drive that is not connected fails every file alike: the change then stays as it is. */
function requireSomeSuccess(outcomes: readonly MoveOutcome[]): void {
  const [firstError] = outcomes.flatMap(({ error }) => (error === null ? [] : [error]));
  const isAllFailed = outcomes.every(({ outcome }) => outcome === 'failed');
  if (firstError !== undefined && isAllFailed) throw BangerError.fromRecord(firstError);
}
