/** What a watcher believes lies in one folder: a tree of folders and files, and which files still have to settle. */
import { join } from 'node:path';
import { isSidecarName } from '../../shared/file-names.ts';
import type { FileStamp } from '../../shared/library.ts';
import type { SkippedCounts } from '../../shared/watch.ts';
import { SettleQueue } from './settle-queue.ts';

/**
 * - `settling`: waits until it has stood still
 * - `told`: stood still, and the listener knows
 * - `not-audio`: stood still and is neither audio nor a sidecar
 * - `unanswered`: nobody could say whether it is audio
 */
export type FilePhase = 'settling' | 'told' | 'not-audio' | 'unanswered';

export interface FileNode {
  readonly kind: 'file';
  readonly name: string;
  readonly folder: FolderNode;
  readonly isSidecar: boolean;
  phase: FilePhase;
  sizeBytes: number;
  mtimeNs: bigint;
  /** Tells a file that was put in another's place from one that was written to. */
  inode: bigint;
  /** Since when, by the monotonic clock, size and time are known not to have changed. */
  stillSinceMs: number;
  /** The latest moment at which the file was seen, counted in looks. */
  seenInLook: number;
}

export interface FolderNode {
  readonly kind: 'folder';
  readonly name: string;
  /** Null for the watched folder itself, and for one that was taken out of the view. */
  parent: FolderNode | null;
  readonly path: string;
  readonly files: Map<string, FileNode>;
  readonly folders: Map<string, FolderNode>;
  /** Where a link leads whose folder this is, null for a folder in its own place. */
  readonly linkTarget: string | null;
  seenInLook: number;
  /** How many entries could not be named or looked at when the folder was last listed. */
  skipped: Pick<SkippedCounts, 'unreadable' | 'unreadableName'>;
}

/** What was seen of a file just now. */
export interface Sighting {
  sizeBytes: number;
  mtimeNs: bigint;
  inode: bigint;
  /** For how long the file has stood still, as far as its own time can be trusted; 0 where it cannot. */
  restedMs: number;
  /** Whether it was complete under a temporary name and only then given this one. */
  wasRenamedIntoPlace: boolean;
}

/** The view holds no clock and asks no disk: whoever looks tells it what was seen and when. */
export class FolderView {
  readonly root: FolderNode;
  readonly settling = new SettleQueue<FileNode>();
  readonly #settleMs: number;
  readonly #fileCounts: Record<FilePhase, number> = {
    settling: 0,
    told: 0,
    'not-audio': 0,
    unanswered: 0,
  };
  readonly #skipped: FolderNode['skipped'] = { unreadable: 0, unreadableName: 0 };
  #look = 0;

  constructor(path: string, settleMs: number) {
    this.#settleMs = settleMs;
    this.root = makeFolder(path, '', null, null);
  }

  /** Begins a look: whatever is seen from now on is later than whatever was seen before. */
  beginLook(): number {
    this.#look += 1;
    return this.#look;
  }

  /** Takes note of a file that is there, and lets it settle where it is new or has changed. */
  seeFile(folder: FolderNode, name: string, seen: Sighting, nowMs: number): void {
    if (!this.holds(folder)) return;
    const known = folder.files.get(name);
    if (known !== undefined) {
      known.seenInLook = this.#look;
      if (known.sizeBytes === seen.sizeBytes && known.mtimeNs === seen.mtimeNs) {
        this.#seeUnchanged(known, nowMs);
        return;
      }
    }
    const file = known ?? this.#addFile(folder, name);
    // A file that is being written can carry any time, so what it rested counts only where it is another file.
    const isWrittenTo = known !== undefined && known.inode === seen.inode;
    file.stillSinceMs = nowMs - (isWrittenTo ? 0 : seen.restedMs);
    file.sizeBytes = seen.sizeBytes;
    file.mtimeNs = seen.mtimeNs;
    file.inode = seen.inode;
    this.setPhase(file, 'settling');
    this.settling.schedule(file, seen.wasRenamedIntoPlace ? nowMs : file.stillSinceMs + this.#settleMs);
  }

  #seeUnchanged(file: FileNode, nowMs: number): void {
    const isForgotten = file.phase === 'settling' && !this.settling.has(file);
    if (file.phase === 'unanswered' || isForgotten) {
      this.setPhase(file, 'settling');
      this.settling.schedule(file, Math.max(nowMs, file.stillSinceMs + this.#settleMs));
    }
  }

  setPhase(file: FileNode, phase: FilePhase): void {
    if (!file.isSidecar) {
      this.#fileCounts[file.phase] -= 1;
      this.#fileCounts[phase] += 1;
    }
    file.phase = phase;
  }

  /** Takes note of a folder that is there; null where the folder above was taken out meanwhile. */
  seeFolder(parent: FolderNode, name: string, linkTarget: string | null): FolderNode | null {
    if (!this.holds(parent)) return null;
    let folder = parent.folders.get(name);
    if (folder === undefined) {
      folder = makeFolder(join(parent.path, name), name, parent, linkTarget);
      parent.folders.set(name, folder);
    }
    folder.seenInLook = this.#look;
    return folder;
  }

  setSkipped(folder: FolderNode, skipped: FolderNode['skipped']): void {
    if (!this.holds(folder)) return;
    this.#skipped.unreadable += skipped.unreadable - folder.skipped.unreadable;
    this.#skipped.unreadableName += skipped.unreadableName - folder.skipped.unreadableName;
    folder.skipped = skipped;
  }

  /** Takes out what is no more, once. Gives the paths of the songs among it. */
  remove(node: FileNode | FolderNode): string[] {
    if (node.kind === 'file') return this.#removeFile(node);
    if (node !== this.root && node.parent?.folders.get(node.name) !== node) return [];
    const paths = [
      ...[...node.files.values()].flatMap((file) => this.#removeFile(file)),
      ...[...node.folders.values()].flatMap((folder) => this.remove(folder)),
    ];
    this.setSkipped(node, { unreadable: 0, unreadableName: 0 });
    node.parent?.folders.delete(node.name);
    if (node !== this.root) node.parent = null;
    return paths;
  }

  #removeFile(file: FileNode): string[] {
    if (file.folder.files.get(file.name) !== file) return [];
    this.settling.remove(file);
    file.folder.files.delete(file.name);
    if (!file.isSidecar) this.#fileCounts[file.phase] -= 1;
    return isSong(file) ? [pathOf(file)] : [];
  }

  /** Whether a folder still is in the view. */
  holds(folder: FolderNode): boolean {
    let node = folder;
    while (node.parent !== null) node = node.parent;
    return node === this.root;
  }

  get fileCount(): number {
    return this.#fileCounts.settling + this.#fileCounts.told;
  }

  get skippedCounts(): SkippedCounts {
    return {
      notAudio: this.#fileCounts['not-audio'],
      unreadableName: this.#skipped.unreadableName,
      unreadable: this.#skipped.unreadable + this.#fileCounts.unanswered,
    };
  }

  /** The songs in the view, whether or not they are ready. */
  *songs(folder: FolderNode = this.root): Generator<FileNode> {
    for (const file of folder.files.values()) if (isSong(file)) yield file;
    for (const child of folder.folders.values()) yield* this.songs(child);
  }

  /** Folders in the view that links lead to. */
  *linkedFolders(folder: FolderNode = this.root): Generator<FolderNode> {
    for (const child of folder.folders.values()) {
      if (child.linkTarget !== null) yield child;
      yield* this.linkedFolders(child);
    }
  }

  #addFile(folder: FolderNode, name: string): FileNode {
    const file: FileNode = {
      kind: 'file',
      name,
      folder,
      isSidecar: isSidecarName(name),
      phase: 'settling',
      sizeBytes: 0,
      mtimeNs: 0n,
      inode: 0n,
      stillSinceMs: 0,
      seenInLook: this.#look,
    };
    if (!file.isSidecar) this.#fileCounts.settling += 1;
    folder.files.set(name, file);
    return file;
  }
}

export function pathOf(file: FileNode): string {
  return join(file.folder.path, file.name);
}

export function stampOf(file: FileNode): FileStamp {
  return { path: pathOf(file), sizeBytes: file.sizeBytes, mtimeNs: file.mtimeNs };
}

export function isSong(file: FileNode): boolean {
  return !file.isSidecar && (file.phase === 'settling' || file.phase === 'told');
}

function makeFolder(
  path: string,
  name: string,
  parent: FolderNode | null,
  linkTarget: string | null,
): FolderNode {
  return {
    kind: 'folder',
    name,
    parent,
    path,
    files: new Map(),
    folders: new Map(),
    linkTarget,
    seenInLook: 0,
    skipped: { unreadable: 0, unreadableName: 0 },
  };
}
