/** Opens a path as an ordinary file, so that nothing that can block or has no bytes ever reaches ffmpeg. */
import { constants } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';

import { BangerError } from '../../shared/errors.ts';

/** The first bytes of a file and its whole size. */
export interface FileHead {
  head: Buffer;
  sizeBytes: number;
}

/**
 * Runs `use` on an open ordinary file and closes it afterwards. Folders, FIFOs, sockets and devices are refused
 * before they are opened.
 *
 * @throws BangerError `file-missing` or `file-unreadable`
 */
export async function withAudioFile<Result>(
  path: string,
  use: (handle: FileHandle, sizeBytes: number) => Promise<Result>,
): Promise<Result> {
  const handle = await openOrdinaryFile(path);
  try {
    // The path may have been replaced since it was looked at, so the open file is asked as well.
    const { size } = refuseUnlessOrdinary(path, await handle.stat());
    return await use(handle, size).catch((error: unknown) => {
      throw asFileError(path, error);
    });
  } finally {
    await handle.close();
  }
}

/** The first `byteCount` bytes of a file, fewer where the file is shorter. Errors as `withAudioFile`. */
export function readFileHead(path: string, byteCount: number): Promise<FileHead> {
  return withAudioFile(path, async (handle, sizeBytes) => ({
    head: await readAt(handle, 0, byteCount),
    sizeBytes,
  }));
}

/** Up to `byteCount` bytes from `position`, fewer only at the file's end. */
export async function readAt(handle: FileHandle, position: number, byteCount: number): Promise<Buffer> {
  const bytes = Buffer.alloc(byteCount);
  let filled = 0;
  while (filled < byteCount) {
    const { bytesRead } = await handle.read(bytes, filled, byteCount - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

async function openOrdinaryFile(path: string): Promise<FileHandle> {
  try {
    refuseUnlessOrdinary(path, await stat(path));
    // O_NONBLOCK: a FIFO that takes the file's place in this moment must not hang the engine.
    return await open(path, constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0));
  } catch (error) {
    throw asFileError(path, error);
  }
}

function refuseUnlessOrdinary<Stats extends { isFile(): boolean; isDirectory(): boolean }>(
  path: string,
  stats: Stats,
): Stats {
  if (stats.isFile()) return stats;
  throw new BangerError(
    'file-unreadable',
    stats.isDirectory() ? 'This is a folder, not a song.' : 'This is not an ordinary file.',
    { file: path, nextStep: 'Choose an audio file, or a folder that holds some.' },
  );
}

function asFileError(path: string, error: unknown): BangerError {
  if (error instanceof BangerError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const details = error instanceof Error ? error.message : String(error);
  if (['ENOENT', 'ENOTDIR', 'ERR_INVALID_ARG_VALUE'].includes(code)) {
    return new BangerError('file-missing', 'There is no such file.', {
      file: path,
      nextStep: 'Check the path; the file may have been moved or its drive removed.',
      details,
      cause: error,
    });
  }
  const refused = code === 'EACCES' || code === 'EPERM';
  return new BangerError(
    'file-unreadable',
    refused ? 'This file may not be read by you.' : `This file cannot be read (${code || 'unknown reason'}).`,
    {
      file: path,
      nextStep: refused ? 'Change its permissions, or copy it.' : 'Check the drive it lies on.',
      details,
      cause: error,
    },
  );
}
