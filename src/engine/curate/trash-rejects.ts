/** Puts rejected songs into the system's trash, or aside into a folder; nothing is ever deleted. */
import { basename, dirname, join } from 'node:path';
import type { ErrorRecord } from '../../shared/errors.ts';
import { BangerError, hasErrorCode } from '../../shared/errors.ts';
import type {
  PlannedReject,
  RejectDestination,
  RejectedFileReport,
  RejectReport,
  RejectRequest,
} from '../../shared/reject-plan.ts';
import type { Library } from '../library/library.ts';
import { throwIfCancelled } from './file-errors.ts';
import type { MovesEntry, TrashEntry } from './history-entry.ts';
import { moveFiles } from './move-files.ts';
import { exists } from './place-file.ts';
import { rejectedFolderName } from '../../shared/file-names.ts';
import { planRejects } from './plan-rejects.ts';
import { canRestoreFromTrash } from './restore-from-trash.ts';

/** Puts files into the trash; those that are gone afterwards are taken to be there, whether or not it rejects. */
export type MoveToTrash = (paths: readonly string[]) => Promise<void>;

export interface RejectOptions {
  moveToTrash: MoveToTrash;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: { doneFiles: number; totalFiles: number }) => void) | undefined;
  now?: (() => number) | undefined;
}

/** Files for each call of the trash, since some systems start a program for each. */
const filesPerCall = 50;

/**
 * Does what a plan says, if the files are still as they were planned.
 *
 * @param request the one that the plan was made for
 * @param token the plan's
 * @returns what became of each file
 * @throws BangerError `plan-outdated` before anything is touched; `cancelled`, after which the rest stays
 */
export async function trashRejects(
  library: Library,
  request: RejectRequest,
  token: string,
  destination: RejectDestination,
  options: RejectOptions,
): Promise<RejectReport> {
  const plan = await planRejects(library, request, options.signal);
  if (plan.token !== token) {
    throw new BangerError(
      'plan-outdated',
      'The files have changed since they were listed; nothing was touched.',
      {
        nextStep: 'Look at the new list, then confirm it again.',
      },
    );
  }
  if (plan.files.length === 0) return { files: [], historyId: null, isUndoable: false };
  const songs =
    plan.songCount === 1 ? '1 rejected song' : `${plan.songCount.toLocaleString('en')} rejected songs`;
  if (destination === 'trash') return trash(library, plan.files, `Put ${songs} into the trash`, options);
  return setAside(library, plan.files, `Put ${songs} aside`, options);
}

async function trash(
  library: Library,
  files: readonly PlannedReject[],
  label: string,
  { moveToTrash, signal, onProgress, now = Date.now }: RejectOptions,
): Promise<RejectReport> {
  const entryOf = (trashed: readonly PlannedReject[]): TrashEntry => ({
    kind: 'trash',
    files: trashed.map(({ songId, path, sizeBytes }) => ({ songId, path, sizeBytes, trashedAtMs: now() })),
  });
  // Written first, so that what a killed process has put into the trash can still be brought back.
  const entry = { label, isUndoable: canRestoreFromTrash, entry: entryOf(files) };
  const historyId = library.history.add(entry);
  const reports: RejectedFileReport[] = [];
  const trashedFiles = () => reports.filter(({ outcome }) => outcome === 'trashed');
  try {
    for (let start = 0; start < files.length; start += filesPerCall) {
      throwIfCancelled(signal);
      reports.push(...(await trashSome(files.slice(start, start + filesPerCall), moveToTrash)));
      library.files.markMissing(trashedFiles().map(({ path }) => path));
      onProgress?.({ doneFiles: reports.length, totalFiles: files.length });
    }
  } finally {
    const trashed = trashedFiles();
    if (trashed.length > 0) library.history.update(historyId, { label, entry: entryOf(trashed) });
    else library.history.remove(historyId);
  }
  const isDone = trashedFiles().length > 0;
  return { files: reports, historyId: isDone ? historyId : null, isUndoable: isDone && canRestoreFromTrash };
}

async function trashSome(
  files: readonly PlannedReject[],
  moveToTrash: MoveToTrash,
): Promise<RejectedFileReport[]> {
  let failure: unknown = null;
  try {
    await moveToTrash(files.map(({ path }) => path));
  } catch (thrown) {
    failure = thrown;
  }
  const reports: RejectedFileReport[] = [];
  for (const file of files) {
    const isThere = await exists(file.path);
    const error = isThere ? trashUnavailable(file.path, failure) : null;
    reports.push({ ...file, outcome: isThere ? 'failed' : 'trashed', target: null, error });
  }
  return reports;
}

function trashUnavailable(file: string, cause: unknown): ErrorRecord {
  if (hasErrorCode(cause, 'trash-unavailable')) return { ...cause.toRecord(), file };
  const error = new BangerError(
    'trash-unavailable',
    'This file could not be put into the trash; it was left.',
    {
      ...{ file, cause, details: String(cause) },
      nextStep: `Its drive may have no trash: put the file aside into a folder “${rejectedFolderName}” instead.`,
    },
  );
  return error.toRecord();
}

async function setAside(
  library: Library,
  files: readonly PlannedReject[],
  label: string,
  { signal, onProgress }: RejectOptions,
): Promise<RejectReport> {
  const entry: MovesEntry = {
    ...{ kind: 'moves', purpose: 'rejects', folder: null, isFinished: false },
    moves: files.map(({ songId, path, role }) => {
      return { songId, role, from: path, to: join(dirname(path), rejectedFolderName, basename(path)) };
    }),
  };
  const historyId = library.history.add({ label, isUndoable: true, entry });
  const { moves, outcomes, cancelled } = await moveFiles(library, entry, 'forth', { signal });
  onProgress?.({ doneFiles: files.length, totalFiles: files.length });
  const arrived = outcomes.filter(({ outcome }) => outcome === 'moved' || outcome === 'in-place');
  const moved = new Map(arrived.map(({ from, to }) => [from, to]));
  const failures = new Map(outcomes.map(({ from, error }) => [from, error]));
  if (moved.size > 0)
    library.history.update(historyId, { label, entry: { ...entry, moves, isFinished: true } });
  else library.history.remove(historyId);
  if (cancelled !== null) throw cancelled;
  const reports = files.map((file): RejectedFileReport => {
    const target = moved.get(file.path) ?? null;
    const outcome = target === null ? 'failed' : 'moved';
    return { ...file, outcome, target, error: failures.get(file.path) ?? null };
  });
  return { files: reports, historyId: moved.size > 0 ? historyId : null, isUndoable: moved.size > 0 };
}
