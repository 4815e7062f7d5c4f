/** Compares what a watcher believes of a folder with the disk: whole folders, or single paths that changed. */
import type { BigIntStats } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { isPassedOver } from '../../shared/file-names.ts';
import type { FileNode, FolderNode, FolderView } from './folder-view.ts';
import { pathOf } from './folder-view.ts';
import type { IgnoreRules } from './ignore-rules.ts';
import type { ListedEntry } from './read-disk.ts';
import {
  FolderUnlistedError,
  forEachLimited,
  isAbsentCode,
  listFolder,
  listedNames,
  lookAt,
} from './read-disk.ts';
import { RenameMemory } from './rename-memory.ts';
import type { WatchedRoot } from './watched-root.ts';
import type { WatchClock } from './watch-clock.ts';

export interface FolderScannerOptions {
  view: FolderView;
  root: WatchedRoot;
  isIgnored: IgnoreRules;
  clock: WatchClock;
  /** How old a file's own time must be to prove on first sight that nobody is writing it. */
  restedAfterMs: number;
  /** Called between the parts of a scan, so that a long one holds up nothing else. */
  onPause: () => Promise<void>;
  /** Told about songs that are no more, never because the whole folder is out of reach. */
  onGone: (paths: string[]) => Promise<void>;
}

/** Questions to the disk at a time: more than the four that Node asks in parallel, so that none of them idles. */
const questionsAtOnce = 16;

/** A scan may be interrupted by looks at single paths while it pauses, and by nothing else. */
export class FolderScanner {
  readonly #options: FolderScannerOptions;
  readonly #view: FolderView;
  readonly #renames = new RenameMemory();
  readonly #foldersToScan: FolderNode[] = [];
  #linksToFollow = new Map<string, { parent: FolderNode; name: string }>();

  constructor(options: FolderScannerOptions) {
    this.#options = options;
    this.#view = options.view;
  }

  /** Looks through the whole folder. */
  async scanAll(): Promise<void> {
    this.#foldersToScan.push(this.#view.root);
    await this.scanPending();
  }

  /** Whether folders were come across that still have to be looked through. */
  get hasPending(): boolean {
    return this.#foldersToScan.length > 0 || this.#linksToFollow.size > 0;
  }

  /** Forgets what a scan that failed had left to do. */
  dropPending(): void {
    this.#foldersToScan.length = 0;
    this.#linksToFollow.clear();
  }

  /** Looks through the folders that were come across, and those below them. */
  async scanPending(): Promise<void> {
    while (this.hasPending) {
      const folder = this.#foldersToScan.pop();
      if (folder === undefined) await this.#followLinks();
      else if (this.#view.holds(folder)) await this.#scanFolder(folder);
    }
  }

  /** Looks at one path that is said to have changed; a folder that appeared is left to `scanPending`. */
  async scanPath(path: string): Promise<void> {
    const names = relative(this.#view.root.path, path).split(sep);
    if (names[0] === '' || names[0] === '..') {
      await this.#options.root.check();
      return;
    }
    let folder = this.#view.root;
    for (const [index, name] of names.entries()) {
      const child = folder.folders.get(name);
      if (index === names.length - 1 || child === undefined) {
        await this.#seeChanged(folder, name);
        return;
      }
      folder = child;
    }
  }

  async #seeChanged(folder: FolderNode, name: string): Promise<void> {
    this.#view.beginLook();
    await this.#see(folder, { name, kind: 'unknown' });
    const known = [folder.files.get(name), folder.folders.get(name)];
    await this.#confirmGone(known.filter((node) => node !== undefined));
  }

  async #scanFolder(folder: FolderNode): Promise<void> {
    const look = this.#view.beginLook();
    const skipped = { unreadable: 0, unreadableName: 0 };
    try {
      for await (const { entries, unreadableNames } of listFolder(folder.path)) {
        skipped.unreadableName += unreadableNames;
        await forEachLimited(entries, questionsAtOnce, async (entry) => {
          if (!(await this.#see(folder, entry))) skipped.unreadable += 1;
        });
        await this.#options.onPause();
      }
    } catch (error) {
      if (!(error instanceof FolderUnlistedError)) throw error;
      await this.#noteUnlisted(folder, error);
      return;
    }
    this.#view.setSkipped(folder, skipped);
    const unseen = [...folder.files.values(), ...folder.folders.values()].filter(
      (node) => node.seenInLook < look,
    );
    await this.#confirmGone(unseen);
  }

  async #noteUnlisted(folder: FolderNode, error: FolderUnlistedError): Promise<void> {
    if (folder === this.#view.root) throw this.#options.root.lost(error.code);
    if (isAbsentCode(error.code)) await this.#confirmGone([folder]);
    // What a folder held that may no longer be listed is unknown, not gone.
    else this.#view.setSkipped(folder, { unreadable: 1, unreadableName: 0 });
  }

  /** Takes note of one entry. Gives false where it cannot be looked at. */
  async #see(folder: FolderNode, entry: ListedEntry): Promise<boolean> {
    const path = join(folder.path, entry.name);
    const relativePath = relative(this.#view.root.path, path).replaceAll(sep, '/');
    const isIgnored = (isFolder: boolean) => this.#options.isIgnored(relativePath, isFolder);
    if (isPassedOver(entry.name)) {
      if (entry.kind === 'file' || entry.kind === 'unknown') await this.#rememberTemporary(path);
      return true;
    }
    if (entry.kind === 'other' || (entry.kind === 'file' && isIgnored(false))) return true;
    if (entry.kind === 'folder') {
      if (!isIgnored(true)) await this.#enter(folder, entry.name, null);
      return true;
    }
    const answer = await lookAt(path);
    if (answer.kind === 'file' && !isIgnored(false)) await this.#seeFile(folder, entry.name, answer.stats);
    if (answer.kind === 'folder' && !isIgnored(true)) await this.#seeFolder(folder, entry);
    return answer.kind !== 'unreadable';
  }

  async #seeFile(folder: FolderNode, name: string, stats: BigIntStats): Promise<void> {
    const { clock, restedAfterMs } = this.#options;
    await this.#takeOut([folder.folders.get(name)]);
    const ageMs = clock.wallMs() - Number(stats.mtimeNs / 1_000_000n);
    this.#view.seeFile(
      folder,
      name,
      {
        sizeBytes: Number(stats.size),
        mtimeNs: stats.mtimeNs,
        inode: stats.ino,
        restedMs: ageMs >= restedAfterMs ? ageMs : 0,
        wasRenamedIntoPlace: this.#renames.recall(stats),
      },
      clock.monotonicMs(),
    );
  }

  async #seeFolder(parent: FolderNode, { name, kind }: ListedEntry): Promise<void> {
    const path = join(parent.path, name);
    const isLink =
      kind === 'link' ||
      (await lstat(path).then(
        (found) => found.isSymbolicLink(),
        () => false,
      ));
    if (!isLink) {
      await this.#enter(parent, name, null);
      return;
    }
    const known = parent.folders.get(name);
    if (known?.linkTarget != null) this.#view.seeFolder(parent, name, known.linkTarget);
    // Links come last, so that a folder is seen in its own place rather than through a link.
    this.#linksToFollow.set(path, { parent, name });
  }

  async #enter(parent: FolderNode, name: string, linkTarget: string | null): Promise<void> {
    const known = parent.folders.get(name);
    await this.#takeOut([
      parent.files.get(name),
      known !== undefined && known.linkTarget !== linkTarget ? known : undefined,
    ]);
    const folder = this.#view.seeFolder(parent, name, linkTarget);
    if (folder !== null) this.#foldersToScan.push(folder);
  }

  /** Follows each link to a folder that is not seen anyway: in its own place, from above, or through another link. */
  async #followLinks(): Promise<void> {
    const links = [...this.#linksToFollow].sort(([a], [b]) => (a < b ? -1 : 1));
    this.#linksToFollow = new Map();
    for (const [path, { parent, name }] of links) {
      if (!this.#view.holds(parent)) continue;
      const target = await realpath(path).catch(() => null);
      if (target === null || this.#isSeenAnyway(target, path))
        await this.#takeOut([parent.folders.get(name)]);
      else await this.#enter(parent, name, target);
    }
  }

  #isSeenAnyway(target: string, linkPath: string): boolean {
    const { realPath } = this.#options.root;
    if (isInside(target, realPath) || isInside(realPath, target)) return true;
    return this.#view
      .linkedFolders()
      .some((other) => other.path !== linkPath && isInside(target, other.linkTarget ?? ''));
  }

  async #rememberTemporary(path: string): Promise<void> {
    const answer = await lookAt(path);
    if (answer.kind === 'file') this.#renames.remember(answer.stats);
  }

  /** Takes out those that are truly no more: not where they were, although the watched folder itself still is. */
  async #confirmGone(nodes: readonly (FileNode | FolderNode)[]): Promise<void> {
    const gone: (FileNode | FolderNode)[] = [];
    await forEachLimited(nodes, questionsAtOnce, async (node) => {
      if (await isGone(node)) gone.push(node);
    });
    if (gone.length === 0) return;
    await this.#options.root.check();
    await this.#takeOut(gone);
  }

  async #takeOut(nodes: readonly (FileNode | FolderNode | undefined)[]): Promise<void> {
    const paths = nodes.flatMap((node) => (node === undefined ? [] : this.#view.remove(node)));
    if (paths.length > 0) await this.#options.onGone(paths);
  }
}

async function isGone(node: FileNode | FolderNode): Promise<boolean> {
  const parent = node.kind === 'file' ? node.folder : node.parent;
  if (parent === null) return false;
  const answer = await lookAt(node.kind === 'file' ? pathOf(node) : node.path);
  if (answer.kind === 'unreadable') return false;
  if (answer.kind !== node.kind) return true;
  // Where names differ in case only, `stat` finds the renamed file under its old name too.
  return !(await listedNames(parent.path, [node.name])).has(node.name);
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
