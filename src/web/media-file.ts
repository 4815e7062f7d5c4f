/** A file of a song as a stream of bytes that holds no descriptor while nobody reads. */
import { open, stat } from 'node:fs/promises';
import { BangerError } from '../shared/errors.ts';
import { isMissingFile } from '../shared/system-errors.ts';
import type { ByteRange } from './byte-range.ts';

/** How much is read for each pull; enough for several seconds of music. */
const CHUNK_BYTES = 256 * 1024;

export interface MediaFile {
  path: string;
  sizeBytes: number;
  mtimeMs: number;
}

/** @throws BangerError `file-missing` or `file-unreadable` */
export async function findMediaFile(path: string): Promise<MediaFile> {
  try {
    const stats = await stat(path);
    if (!stats.isFile()) throw unreadable(path);
    return { path, sizeBytes: stats.size, mtimeMs: stats.mtimeMs };
  } catch (thrown) {
    throw asFileError(path, thrown);
  }
}

/** Names the contents as they are: another size or time is another name. */
export function entityTag({ sizeBytes, mtimeMs }: MediaFile): string {
  return `"${sizeBytes.toString(16)}-${mtimeMs.toString(16)}"`;
}

/**
 * The bytes of a range. The file is opened, read and closed for each chunk: a reader that seeks or leaves never
 * leaves a descriptor behind. It fails when the file is not the same any more, so that bytes of two files are never
 * mixed.
 */
export function streamRange(file: MediaFile, { start, end }: ByteRange): ReadableStream<Uint8Array> {
  let position = start;
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const chunk = await readChunk(file, position, Math.min(CHUNK_BYTES, end - position + 1));
        position += chunk.byteLength;
        controller.enqueue(chunk);
        if (position > end) controller.close();
      },
    },
    // Nothing is read ahead of whoever asks.
    { highWaterMark: 0 },
  );
}

async function readChunk(file: MediaFile, position: number, byteCount: number): Promise<Uint8Array> {
  const handle = await open(file.path, 'r').catch((thrown: unknown) => {
    throw asFileError(file.path, thrown);
  });
  try {
    const { size, mtimeMs } = await handle.stat();
    if (size !== file.sizeBytes || mtimeMs !== file.mtimeMs) throw changed(file.path);
    const chunk = new Uint8Array(byteCount);
    let filled = 0;
    while (filled < byteCount) {
      const { bytesRead } = await handle.read(chunk, filled, byteCount - filled, position + filled);
      if (bytesRead === 0) throw changed(file.path);
      filled += bytesRead;
    }
    return chunk;
  } finally {
    await handle.close();
  }
}

function asFileError(path: string, thrown: unknown): BangerError {
  if (thrown instanceof BangerError) return thrown;
  if (!isMissingFile(thrown)) return unreadable(path, thrown);
  return new BangerError('file-missing', 'The file is not there any more.', { file: path, cause: thrown });
}

function changed(path: string): BangerError {
  return new BangerError('file-changed', 'The file changed while it was played.', { file: path });
}

function unreadable(path: string, cause?: unknown): BangerError {
  return new BangerError('file-unreadable', 'The file cannot be read.', { file: path, cause });
}
