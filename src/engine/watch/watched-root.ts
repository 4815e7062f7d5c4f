/** Knows whether a watched folder is still the one that was opened, or has gone with its drive. */
import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, isAbsentCode } from './read-disk.ts';

/** The watched folder is out of reach, so nothing can be said of what it holds. */
export class RootLostError extends Error {
  override readonly name = 'RootLostError';
  /** One sentence for the person. */
  readonly reason: string;
  readonly nextStep: string;
  /** Whether another folder lies in its place, which can be opened at once. */
  readonly isReplaced: boolean;

  constructor(reason: string, nextStep: string, isReplaced = false) {
    super(reason);
    this.isReplaced = isReplaced;
    this.reason = reason;
    this.nextStep = nextStep;
  }
}

export class WatchedRoot {
  readonly path: string;
  /** The path with all links resolved. */
  readonly realPath: string;
  /** Whether another drive is mounted just here. */
  readonly isMountPoint: boolean;
  readonly #identity: string;

  private constructor(path: string, realPath: string, identity: string, isMountPoint: boolean) {
    this.path = path;
    this.realPath = realPath;
    this.#identity = identity;
    this.isMountPoint = isMountPoint;
  }

  /**
   * Opens a folder.
   *
   * @param before how the folder was last seen; where it then was a drive and now is not, the drive is missing
   * @throws RootLostError
   */
  static async open(path: string, before: WatchedRoot | null): Promise<WatchedRoot> {
    try {
      const realPath = await realpath(path);
      const found = await stat(path, { bigint: true });
      if (!found.isDirectory()) throw rootLost('ENOTDIR');
      const isMountPoint = found.dev !== (await stat(dirname(realPath), { bigint: true })).dev;
      if (before?.isMountPoint === true && !isMountPoint) throw rootLost('unmounted');
      return new WatchedRoot(path, realPath, `${found.dev}:${found.ino}`, isMountPoint);
    } catch (error) {
      throw error instanceof RootLostError ? error : rootLost(codeOf(error));
    }
  }

  /**
   * Makes sure that the folder is still the one that was opened.
   *
   * @throws RootLostError
   */
  async check(): Promise<void> {
    const now = await WatchedRoot.open(this.path, this);
    if (now.#identity !== this.#identity) throw rootLost('replaced');
  }

  /** The error that says the folder is out of reach, by the system's code. */
  lost(code: string): RootLostError {
    return rootLost(code);
  }
}

/** The folder is there and empty, although songs were seen in it. */
export function emptyRoot(): RootLostError {
  return new RootLostError(
    'This folder is empty, although it held songs before.',
    'Connect the drive that it lies on; if the songs were moved away on purpose, stop watching the folder.',
  );
}

function rootLost(code: string): RootLostError {
  if (code === 'EACCES' || code === 'EPERM') {
    return new RootLostError('You may not list this folder.', 'Change its permissions.');
  }
  if (code === 'replaced') {
    return new RootLostError(
      'This folder was replaced by another.',
      'It is being looked through again.',
      true,
    );
  }
  const reason =
    code === 'unmounted' || isAbsentCode(code)
      ? 'This folder is not there.'
      : `This folder cannot be reached (${code}).`;
  return new RootLostError(reason, 'Connect the drive that it lies on, or put the folder back.');
}
