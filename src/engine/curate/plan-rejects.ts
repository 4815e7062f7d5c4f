/** Plans what becomes of rejected songs: names every file that would go, and every one that stays and why. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { rejectedFolderName } from '../../shared/file-names.ts';
import type { FileRecord } from '../../shared/library.ts';
import type { LeftAlone, PlannedReject, RejectPlan, RejectRequest } from '../../shared/reject-plan.ts';
import { defaultSongSort } from '../../shared/song-query.ts';
import type { Library } from '../library/library.ts';
import { isExportedCopy, ownFileOf } from './export-entries.ts';
import { throwIfCancelled, unlessMissing } from './file-errors.ts';
import { SidecarFinder } from './sidecars.ts';

/** Everything that a plan is made of while it is made. */
interface Draft {
  library: Library;
  sidecars: SidecarFinder;
  named: ReadonlySet<string>;
  files: PlannedReject[];
  leftAlone: LeftAlone[];
  /** Sizes and times, so that the token changes with them. */
  stamps: string[];
}

/**
 * The files of rejected songs. Of each song the one file that stands for it is taken, with its sidecars; exported
 * files and other copies only when they are named. Nothing is touched.
 *
 * @throws BangerError `cancelled`
 */
export async function planRejects(
  library: Library,
  { filter, files }: RejectRequest,
  signal?: AbortSignal,
): Promise<RejectPlan> {
  const draft: Draft = {
    ...{ library, sidecars: new SidecarFinder(), named: new Set(files) },
    ...{ files: [], leftAlone: [], stamps: [] },
  };
  for (const songId of rejectedSongs(library, filter)) {
    throwIfCancelled(signal);
    await planSong(draft, songId);
  }
  const songFiles = draft.files.filter(({ role }) => role === 'song');
  return {
    token: createHash('sha256').update(draft.stamps.join('\n')).digest('hex'),
    files: draft.files,
    songCount: new Set(songFiles.map(({ songId }) => songId)).size,
    totalBytes: draft.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    leftAlone: draft.leftAlone,
  };
}

function rejectedSongs(library: Library, filter: RejectRequest['filter']): number[] {
  const rejected = { ...filter, verdicts: ['reject' as const] };
  const limit = library.lists.count(rejected);
  const sort = { ...defaultSongSort, column: 'path' as const, direction: 'ascending' as const };
  return library.lists.songIds(
    { filter: rejected, sort, offset: 0, limit },
    library.lists.resolveRanking(undefined),
  );
}

async function planSong(draft: Draft, songId: number): Promise<void> {
  const own = ownFileOf(draft.library, songId);
  for (const file of draft.library.files.ofSong(songId)) {
    if (file.missingSinceMs !== null) continue;
    const reason = await reasonToLeave(draft, file, own);
    if (reason === null) await planFile(draft, songId, file);
    else if (reason !== 'gone') draft.leftAlone.push({ songId, path: file.path, reason });
  }
}

async function reasonToLeave(
  { library, named }: Draft,
  file: FileRecord,
  own: FileRecord | null,
): Promise<LeftAlone['reason'] | 'gone' | null> {
  const found = await unlessMissing(stat(file.path, { bigint: true }));
  if (found === null) return 'gone';
  if (Number(found.size) !== file.sizeBytes || found.mtimeNs !== file.mtimeNs) return 'changed';
  if (named.has(file.path)) return null;
  if (basename(dirname(file.path)) === rejectedFolderName) return 'set-aside';
  if (isExportedCopy(library, file.path)) return 'exported';
  return file.path === own?.path ? null : 'copy';
}

async function planFile(draft: Draft, songId: number, file: FileRecord): Promise<void> {
  add(draft, { songId, path: file.path, role: 'song', sizeBytes: file.sizeBytes }, file.mtimeNs);
  for (const sidecar of await draft.sidecars.find(file.path)) {
    const found = await unlessMissing(stat(sidecar.path, { bigint: true }));
    if (found?.isFile() !== true) continue;
    if (sidecar.isShared) draft.leftAlone.push({ songId, path: sidecar.path, reason: 'shared' });
    else {
      const planned = { songId, path: sidecar.path, role: 'sidecar', sizeBytes: Number(found.size) } as const;
      add(draft, planned, found.mtimeNs);
    }
  }
}

function add(draft: Draft, planned: PlannedReject, mtimeNs: bigint): void {
  draft.files.push(planned);
  draft.stamps.push(JSON.stringify([planned.path, planned.sizeBytes, String(mtimeNs)]));
}
