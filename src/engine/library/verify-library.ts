/** Compares a library with the disk and with itself, and repairs what can be repaired without losing anything. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { BangerError } from '../../shared/errors.ts';
import type { Finding, Verification } from '../../shared/library-care.ts';
import type { FileToCheck } from './library-care.ts';
import type { Library } from './library.ts';

export interface VerifyOptions {
  /** Whether to repair; otherwise nothing is written. */
  repairs?: boolean;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: { filesDone: number; filesTotal: number }) => void) | undefined;
}

type FindingKind = Finding['kind'];

/** How many paths or rows a finding names. */
const maximumExamples = 10;
const filesAtOnce = 64;

/**
 * Checks the database, its references, its lists, and every file that it knows.
 *
 * A file below a watched folder that is not there is `unreachable`, never gone: its drive is not connected.
 *
 * @throws BangerError `cancelled`, or `library-…` where a repair cannot be written
 */
export async function verifyLibrary(library: Library, options: VerifyOptions = {}): Promise<Verification> {
  const { repairs = false } = options;
  const damage = library.care.findDamage();
  if (damage.length > 0) {
    // Nothing that a damaged database says can be trusted, and nothing is written to it.
    return { filesChecked: 0, findings: [finding('damaged', damage, false)] };
  }
  const findings = checkItself(library, repairs);
  const { filesChecked, byKind } = await checkFiles(library, options);
  for (const kind of ['vanished', 'returned', 'changed', 'unreachable'] as const) {
    const paths = byKind.get(kind) ?? [];
    if (paths.length === 0) continue;
    const isRepaired = repairs && repairFiles(library, kind, paths);
    findings.push(finding(kind, paths, isRepaired, kind === 'vanished' || kind === 'returned'));
  }
  return { filesChecked, findings };
}

/** References, lists and batches. */
function checkItself(library: Library, repairs: boolean): Finding[] {
  const { care } = library;
  const findings: Finding[] = [];
  const dangling = care.findDangling().map(({ table, rowId }) => `${table} ${rowId ?? ''}`.trim());
  if (dangling.length > 0) {
    if (repairs) care.repairDangling();
    const left = repairs ? care.findDangling().length : dangling.length;
    findings.push(finding('dangling', dangling, repairs && left === 0, true));
  }
  const outdated = care.countOutdated();
  if (outdated > 0) {
    if (repairs) care.rebuildLists();
    findings.push({ ...finding('list-outdated', [], repairs, true), count: outdated });
  }
  const ungrouped = care.countUngrouped();
  if (ungrouped > 0) {
    if (repairs) care.regroup();
    findings.push({ ...finding('ungrouped', [], repairs, true), count: ungrouped });
  }
  return findings;
}

function finding(
  kind: FindingKind,
  examples: readonly string[],
  isRepaired: boolean,
  isRepairable = false,
): Finding {
  return {
    kind,
    count: examples.length,
    examples: examples.slice(0, maximumExamples),
    isRepairable,
    isRepaired,
  };
}

async function checkFiles(
  library: Library,
  { signal, onProgress }: VerifyOptions,
): Promise<{ filesChecked: number; byKind: Map<FindingKind, string[]> }> {
  const filesTotal = library.stats().files;
  const absentRoots = await findAbsentRoots(library);
  const byKind = new Map<FindingKind, string[]>();
  let filesDone = 0;
  for (const files of library.care.files(filesAtOnce)) {
    if (signal?.aborted === true) throw new BangerError('cancelled', 'The check was cancelled.');
    const kinds = await Promise.all(files.map((file) => checkFile(file, absentRoots)));
    for (const [index, kind] of kinds.entries()) {
      const file = files[index];
      if (kind === null || file === undefined) continue;
      const paths = byKind.get(kind) ?? [];
      paths.push(file.path);
      byKind.set(kind, paths);
    }
    filesDone += files.length;
    onProgress?.({ filesDone, filesTotal });
  }
  return { filesChecked: filesDone, byKind };
}

/** Watched folders that are not there now. */
async function findAbsentRoots(library: Library): Promise<string[]> {
  const roots = library.watchedFolders.all().map((folder) => folder.path);
  const isThere = await Promise.all(roots.map(async (root) => (await statOrNull(root)) !== null));
  return roots.filter((_, index) => !isThere[index]);
}

async function checkFile(file: FileToCheck, absentRoots: readonly string[]): Promise<FindingKind | null> {
  const status = await statOrNull(file.path);
  if (status === 'unreadable') return 'unreachable';
  if (status === null) {
    if (absentRoots.some((root) => file.path.startsWith(root + path.sep))) return 'unreachable';
    return file.isMissing ? null : 'vanished';
  }
  const isSame = status.size === BigInt(file.sizeBytes) && status.mtimeNs === BigInt(file.mtimeNs);
  if (!isSame) return 'changed';
  return file.isMissing ? 'returned' : null;
}

async function statOrNull(file: string) {
  try {
    return await stat(file, { bigint: true });
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
    return code === 'ENOENT' || code === 'ENOTDIR' ? null : 'unreadable';
  }
}

function repairFiles(library: Library, kind: FindingKind, paths: readonly string[]): boolean {
  if (kind === 'vanished') library.files.markMissing(paths);
  else if (kind === 'returned') library.files.markSeen(paths);
  else return false;
  return true;
}
