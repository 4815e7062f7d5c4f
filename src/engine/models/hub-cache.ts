/**
 * The local cache that all Hugging Face tools share: `models--owner--name/{blobs,refs,snapshots}`, where a
 * snapshot's files are links to blobs named by their content's hash, or, where links are not allowed, files.
 */
import { systemErrorCode } from '../../shared/system-errors.ts';
import { randomUUID } from 'node:crypto';
import {
  copyFile,
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import type { HubSource } from './catalogue.ts';
import { unlessMissing } from './file-system-errors.ts';
import { measureFolder } from './folder-size.ts';

const COMMIT_PATTERN = /^[0-9a-f]{40}$/;

/** The revision that everybody pulls unless told otherwise. */
export const defaultRevision = 'main';

/** Where one repository lies in the cache. */
export interface RepositoryFolders {
  root: string;
  blobs: string;
  refs: string;
  snapshots: string;
  /** Lock files, shared by all repositories of the cache. */
  locks: string;
}

/** The folders of a repository (`owner/name`) inside the cache; none of them needs to exist. */
export function repositoryFolders(cacheFolder: string, repository: string): RepositoryFolders {
  const name = `models--${repository.replaceAll('/', '--')}`;
  const root = path.join(cacheFolder, name);
  return {
    root,
    blobs: path.join(root, 'blobs'),
    refs: path.join(root, 'refs'),
    snapshots: path.join(root, 'snapshots'),
    locks: path.join(cacheFolder, '.locks', name),
  };
}

/** What the cache holds of a model. */
export type CachedModel =
  | { state: 'missing' }
  /** Something of it is there: single files, or a download that broke off. */
  | { state: 'partial'; bytes: number }
  | { state: 'complete'; folder: string; commit: string; files: string[]; bytes: number };

/**
 * Looks for a model in the cache: the snapshot that `main` points to when it is complete, otherwise the complete
 * snapshot that was changed last (another tool may have pulled a single revision without a name).
 */
export async function findCachedModel(cacheFolder: string, source: HubSource): Promise<CachedModel> {
  const folders = repositoryFolders(cacheFolder, source.repository);
  const names = (await unlessMissing(readdir(folders.snapshots))) ?? [];
  const commits = names.filter((name) => COMMIT_PATTERN.test(name));
  const mainCommit = await readRef(folders, defaultRevision);
  const dated = await Promise.all(
    commits.map(async (commit) => {
      const entry = await unlessMissing(stat(path.join(folders.snapshots, commit)));
      return { commit, rank: commit === mainCommit ? Infinity : (entry?.mtimeMs ?? 0) };
    }),
  );
  dated.sort((a, b) => b.rank - a.rank);
  for (const { commit } of dated) {
    const found = await inspectSnapshot(path.join(folders.snapshots, commit), source);
    if (found !== null) return { state: 'complete', commit, ...found };
  }
  const { bytes } = await measureFolder(folders.root);
  return bytes === 0 ? { state: 'missing' } : { state: 'partial', bytes };
}

async function inspectSnapshot(
  folder: string,
  source: HubSource,
): Promise<{ folder: string; files: string[]; bytes: number } | null> {
  const sizeOf = async (file: string): Promise<number | null> => {
    const entry = await unlessMissing(stat(path.join(folder, file)));
    return entry?.isFile() === true ? entry.size : null;
  };
  const sizes = new Map<string, number>();
  for (const file of source.requiredFiles) {
    const size = await sizeOf(file);
    if (size === null) return null;
    sizes.set(file, size);
  }
  for (const file of source.weightsFiles) {
    const size = await sizeOf(file);
    if (size === null) continue;
    sizes.set(file, size);
    const bytes = [...sizes.values()].reduce((sum, value) => sum + value, 0);
    return { folder, files: [...sizes.keys()], bytes };
  }
  return null;
}

/** The commit that a branch pointed to at the last download, null when it is not known. */
export async function readRef(folders: RepositoryFolders, revision: string): Promise<string | null> {
  const text = await unlessMissing(readFile(path.join(folders.refs, revision), 'utf8'));
  const commit = text?.trim() ?? '';
  return COMMIT_PATTERN.test(commit) ? commit : null;
}

/** Notes which commit a branch points to; readers see the old or the new one, never half of it. */
export async function writeRef(folders: RepositoryFolders, revision: string, commit: string): Promise<void> {
  await mkdir(folders.refs, { recursive: true });
  const temporary = path.join(folders.refs, `.${revision}.${randomUUID()}`);
  try {
    await writeFile(temporary, commit);
    await rename(temporary, path.join(folders.refs, revision));
  } finally {
    await rm(temporary, { force: true });
  }
}

/**
 * Makes a blob appear in a snapshot: as a relative link, as a hard link where links are not allowed (Windows
 * without developer mode), as a copy where the volume has neither. The blob stays where it is.
 *
 * @param makeSymlink creates a symbolic link; replaced in tests to act as a system without them
 */
export async function placePointer(
  blobFile: string,
  pointerFile: string,
  makeSymlink: (target: string, file: string) => Promise<void> = symlink,
): Promise<void> {
  const folder = path.dirname(pointerFile);
  await mkdir(folder, { recursive: true });
  const temporary = path.join(folder, `.${path.basename(pointerFile)}.${randomUUID()}`);
  const isRefusal = (error: unknown): boolean =>
    ['EPERM', 'EACCES', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL', 'EMLINK'].includes(
      systemErrorCode(error) ?? '',
    );
  try {
    const ways = [
      () => makeSymlink(path.relative(folder, blobFile), temporary),
      () => link(blobFile, temporary),
      () => copyFile(blobFile, temporary),
    ];
    for (const [index, way] of ways.entries()) {
      try {
        await way();
        break;
      } catch (error) {
        if (index === ways.length - 1 || !isRefusal(error)) throw error;
      }
    }
    await rename(temporary, pointerFile);
  } finally {
    await rm(temporary, { force: true });
  }
}
