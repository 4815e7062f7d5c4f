/** Copies, links and moves single files so that each stands in its new place whole or not at all, over no other. */
import { systemErrorCode } from '../../shared/system-errors.ts';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import {
  chmod,
  copyFile,
  link,
  lstat,
  open,
  realpath,
  rename,
  rm,
  stat,
  unlink,
  utimes,
} from 'node:fs/promises';
import { dirname } from 'node:path';
import { BangerError } from '../../shared/errors.ts';
import { fileExists, throwIfCancelled, unlessMissing } from './file-errors.ts';
import { newPartialPath } from './partial-files.ts';

const blockBytes = 1024 * 1024;

/** File systems keep times as coarsely as this. */
const timeToleranceMs = 2000;

export interface PlaceOptions {
  signal?: AbortSignal | undefined;
  /** Called with the bytes that were copied since the last call. */
  onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * Copies a file with its time and permissions. The copy is on the drive when this resolves.
 *
 * @throws BangerError `file-exists` (the file there is left alone), `file-changed` when the source was written to
 *   meanwhile, `cancelled`; or the file system's own error
 */
export async function copyTo(source: string, target: string, options: PlaceOptions = {}): Promise<void> {
  const partial = newPartialPath(dirname(target));
  try {
    await copyContent(source, partial, options);
    await putInPlace(partial, target);
  } finally {
    await rm(partial, { force: true });
  }
}

/**
 * Gives a file a second name. Where the file system cannot, as between two volumes, it is copied.
 *
 * @returns which of the two was done
 * @throws as `copyTo` does
 */
export async function linkTo(
  source: string,
  target: string,
  options: PlaceOptions = {},
): Promise<'linked' | 'copied'> {
  try {
    // A link to a symbolic link would break when either of them moves.
    await link(await realpath(source), target);
    return 'linked';
  } catch (thrown) {
    const code = systemErrorCode(thrown);
    if (code === 'EEXIST') throw fileExists(target, { cause: thrown });
    if (code === 'ENOENT') throw thrown;
    await copyTo(source, target, options);
    return 'copied';
  }
}

/**
 * Moves a file. Between two volumes it is copied, compared with its source byte for byte, and only then removed
 * there.
 *
 * @throws as `copyTo` does; the source stays then
 */
export async function moveTo(source: string, target: string, options: PlaceOptions = {}): Promise<void> {
  const found = await lstat(source);
  if ((await exists(target)) && (await isSameFile(source, target))) {
    // An earlier attempt was stopped after the file had arrived.
    await removeSourceOfCopy(source, target, options);
    return;
  }
  if (found.isSymbolicLink()) throw linkCannotMove(source);
  if (found.dev === (await stat(dirname(target))).dev) {
    try {
      await putInPlace(source, target);
      return;
    } catch (thrown) {
      // One device may still be two mounts.
      if (systemErrorCode(thrown) !== 'EXDEV') throw thrown;
    }
  }
  await copyTo(source, target, options);
  await removeSourceOfCopy(source, target, options);
}

/** Removes a file that was copied, after comparing both byte for byte. @throws BangerError `file-changed` */
async function removeSourceOfCopy(
  source: string,
  target: string,
  { signal }: PlaceOptions = {},
): Promise<void> {
  if (!(await hasSameBytes(source, target, signal))) {
    throw new BangerError('file-changed', 'The copy is not equal to the file; both were left as they are.', {
      file: source,
      nextStep: 'Check the drives, and try again.',
    });
  }
  await unlink(source);
}

/**
 * Whether `target` is what an earlier run made of `source`: the same file, or one of the same size, time and, as
 * far as samples from its beginning, middle and end tell, content.
 */
export async function isSameFile(source: string, target: string): Promise<boolean> {
  const [a, b] = await Promise.all([stat(source, { bigint: true }), stat(target, { bigint: true })]);
  if (!a.isFile() || !b.isFile()) return false;
  if (a.dev === b.dev && a.ino === b.ino) return true;
  const timeApartMs = Math.abs(Number(a.mtimeMs - b.mtimeMs));
  if (a.size !== b.size || timeApartMs > timeToleranceMs) return false;
  const size = Number(a.size);
  const sampleBytes = 64 * 1024;
  const starts = [0, Math.floor((size - sampleBytes) / 2), size - sampleBytes];
  return withFiles(source, target, async (left, right) => {
    for (const start of starts.map((position) => Math.max(0, position))) {
      if (!(await readBlock(left, start, sampleBytes)).equals(await readBlock(right, start, sampleBytes))) {
        return false;
      }
    }
    return true;
  });
}

/** Whether something stands at a path, be it a link that leads nowhere. */
export async function exists(path: string): Promise<boolean> {
  return (await unlessMissing(lstat(path))) !== null;
}

/** Forces a folder's list of names to the drive, where the system can do that. */
export async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } catch (thrown) {
    // Windows opens no folders, and some network drives cannot do it: the names arrive there a little later.
    if (systemErrorCode(thrown) === undefined) throw thrown;
  } finally {
    await handle?.close();
  }
}

/** A link that moves would lead elsewhere, and what it leads to belongs to another folder. */
function linkCannotMove(file: string): BangerError {
  return new BangerError('file-unwritable', 'This is a symbolic link, which is not moved.', {
    file,
    nextStep: 'Copy it instead, or move the file that it leads to.',
  });
}

/** Gives a file its new name unless that is taken; linking is the one way to do both at once. */
async function putInPlace(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (thrown) {
    if (systemErrorCode(thrown) === 'EEXIST') throw fileExists(to, { cause: thrown });
    // No links on this drive: look first, then rename.
    if (await exists(to)) throw fileExists(to, { cause: thrown });
    await rename(from, to);
    return;
  }
  await unlink(from);
}

async function copyContent(source: string, partial: string, options: PlaceOptions): Promise<void> {
  const before = await stat(source, { bigint: true });
  const isCloned = await clone(source, partial);
  const handle = await open(partial, isCloned ? 'r+' : 'wx');
  try {
    if (isCloned) options.onBytes?.(Number(before.size));
    else await copyBlocks(source, handle, options);
    await handle.sync();
    const { size } = await handle.stat({ bigint: true });
    const after = await stat(source, { bigint: true });
    if (size !== before.size || after.size !== before.size || after.mtimeNs !== before.mtimeNs) {
      throw new BangerError('file-changed', 'This file changed while it was being copied.', {
        file: source,
        nextStep: 'Try again once it is complete.',
      });
    }
  } finally {
    await handle.close();
  }
  await utimes(partial, Number(before.atimeMs) / 1000, Number(before.mtimeNs) / 1e9);
  await chmod(partial, Number(before.mode) & 0o777);
}

/** Copies by sharing the blocks on the drive, where the file system can: at once, and without using room. */
async function clone(source: string, partial: string): Promise<boolean> {
  try {
    await copyFile(source, partial, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
    // A write-protected source would give a copy that cannot be synced.
    await chmod(partial, 0o600);
    return true;
  } catch (thrown) {
    if (systemErrorCode(thrown) === undefined) throw thrown;
    await rm(partial, { force: true });
    return false;
  }
}

async function copyBlocks(source: string, target: FileHandle, options: PlaceOptions): Promise<void> {
  const reader = await open(source, 'r');
  try {
    const block = Buffer.allocUnsafe(blockBytes);
    for (;;) {
      throwIfCancelled(options.signal);
      const { bytesRead } = await reader.read(block, 0, blockBytes);
      if (bytesRead === 0) return;
      await writeWhole(target, block.subarray(0, bytesRead));
      options.onBytes?.(bytesRead);
    }
  } finally {
    await reader.close();
  }
}

async function writeWhole(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length;) done += (await file.write(bytes, done)).bytesWritten;
}

async function hasSameBytes(left: string, right: string, signal?: AbortSignal): Promise<boolean> {
  return withFiles(left, right, async (a, b) => {
    for (let position = 0; ; position += blockBytes) {
      throwIfCancelled(signal);
      const [one, other] = [
        await readBlock(a, position, blockBytes),
        await readBlock(b, position, blockBytes),
      ];
      if (!one.equals(other)) return false;
      if (one.length < blockBytes) return true;
    }
  });
}

async function withFiles<Value>(
  left: string,
  right: string,
  use: (left: FileHandle, right: FileHandle) => Promise<Value>,
): Promise<Value> {
  const a = await open(left, 'r');
  try {
    const b = await open(right, 'r');
    try {
      return await use(a, b);
    } finally {
      await b.close();
    }
  } finally {
    await a.close();
  }
}

/** Bytes from a position on; fewer than asked for only at the end of the file. */
async function readBlock(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const block = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(block, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return block.subarray(0, filled);
}
