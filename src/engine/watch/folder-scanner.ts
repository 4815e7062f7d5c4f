/** Compares what a watcher believes of a folder with the disk: whole folders, or single paths that changed. */
import type { BigIntStats } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { isPassedOver } from '../../shared/file-names.ts';
import type { FileNode, FolderNode, FolderView } from './folder-view.ts';
import { pathOf } from './folder-view.ts';
import type { IgnoreRules } from './ignore-rules.ts';
import type { CollectedChange } from './folder-reports.ts';
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
  onFolderFound: (path: string) => void;
  /** Told when a folder is no more where it was. */
  onFolderLost: () => void;
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

  /** Looks at paths that are said to have changed or gone; folders that appeared are left to `scanPending`. */
  async scanPaths(changes: readonly CollectedChange[]): Promise<void> {
    const look = this.#view.beginLook();
    const unseen = new Map<FolderNode, Set<string>>();
    await forEachLimited(changes, questionsAtOnce, async ({ path, isRemoval }) => {
      const place = await this.#placeOf(path);
      if (place === null) return;
      await this.#see(place.folder, { name: place.name, kind: 'unknown' });
      const nodes = nodesAt(place.folder, place.name);
      // Where names differ in case only, a renamed file is still found under its old name.
      if (!isRemoval && nodes.every(({ seenInLook }) => seenInLook >= look)) return;
      unseen.set(place.folder, (unseen.get(place.folder) ?? new Set()).add(place.name));
    });
    for (const [folder, names] of unseen) {
      await this.#confirmGone(
        folder,
        [...names].flatMap((name) => nodesAt(folder, name)),
      );
    }
  }

  /** The deepest folder on the way to a path that is known, and what in it leads there. */
  async #placeOf(path: string): Promise<{ folder: FolderNode; name: string } | null> {
    const names = relative(this.#view.root.path, path).split(sep);
    const last = names.pop() ?? '';
    if (last === '' || last === '..' || names[0] === '..') {
      await this.#options.root.check();
      return null;
    }
    let folder = this.#view.root;
    for (const name of names) {
      const child = folder.folders.get(name);
      if (child === undefined) return { folder, name };
      folder = child;
    }
    return { folder, name: last };
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
    await this.#confirmGone(folder, unseen);
  }

  async #noteUnlisted(folder: FolderNode, error: FolderUnlistedError): Promise<void> {
    if (folder === this.#view.root) throw this.#options.root.lost(error.code);
    if (isAbsentCode(error.code) && folder.parent !== null) await this.#confirmGone(folder.parent, [folder]);
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
    const replaced = [
      parent.files.get(name),
      known !== undefined && known.linkTarget !== linkTarget ? known : undefined,
    ].filter((node) => node !== undefined);
    await this.#takeOut(replaced);
    const folder = this.#view.seeFolder(parent, name, linkTarget);
    if (folder === null) return;
    this.#foldersToScan.push(folder);
    if (folder !== known) this.#options.onFolderFound(folder.path);
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

  /** Takes out those that are truly no more: not in the folder that held them, although the watched one is there. */
  async #confirmGone(folder: FolderNode, nodes: readonly (FileNode | FolderNode)[]): Promise<void> {
    const gone: (FileNode | FolderNode)[] = [];
    const found: (FileNode | FolderNode)[] = [];
    await forEachLimited(nodes, questionsAtOnce, async (node) => {
      const answer = await lookAt(node.kind === 'file' ? pathOf(node) : node.path);
      if (answer.kind === node.kind) found.push(node);
      else if (answer.kind !== 'unreadable') gone.push(node);
    });
    if (found.length > 0) {
      const listed = await listedNames(
        folder.path,
        found.map(({ name }) => name),
      );
      gone.push(...found.filter(({ name }) => !listed.has(name)));
    }
    if (gone.length === 0) return;
    await this.#options.root.check();
    await this.#takeOut(gone);
  }

  async #takeOut(nodes: readonly (FileNode | FolderNode | undefined)[]): Promise<void> {
    if (nodes.some((node) => node?.kind === 'folder')) this.#options.onFolderLost();
    const paths = nodes.flatMap((node) => (node === undefined ? [] : this.#view.remove(node)));
    if (paths.length > 0) await this.#options.onGone(paths);
  }
}

function nodesAt(folder: FolderNode, name: string): (FileNode | FolderNode)[] {
  return [folder.files.get(name), folder.folders.get(name)].filter((node) => node !== undefined);
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
