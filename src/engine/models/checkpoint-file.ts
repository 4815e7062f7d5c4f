/** One weight file, open for reads at any place, every read checked against the file's size. */
import { open, realpath, stat, type FileHandle } from 'node:fs/promises';

import {
  corruptCheckpoint,
  refusedCheckpoint,
  throwIfCancelled,
  unreadableCheckpoint,
} from './checkpoint-errors.ts';

const mebibyte = 2 ** 20;

/** How much is read between two looks at the signal. */
const readStepBytes = 16 * mebibyte;

/** How much `stream` hands over at once. */
const streamStepBytes = mebibyte;

/** No tensor of a model that scores songs comes near this; a header that claims more is not believed. */
const maxReadBytes = 4096 * mebibyte;

export class CheckpointFile {
  /** The real path: links are resolved, since the model runtime refuses those that lead out of a folder. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly #handle: FileHandle;

  private constructor(path: string, sizeBytes: number, handle: FileHandle) {
    this.path = path;
    this.sizeBytes = sizeBytes;
    this.#handle = handle;
  }

  /** Opens a regular file. Rejects with `model-missing`, or `file-unreadable` for folders, pipes and devices too. */
  static async open(path: string): Promise<CheckpointFile> {
    try {
      const real = await realpath(path);
      // Asked before opening, because opening a pipe waits for a writer that may never come.
      if (!(await stat(real)).isFile()) throw new Error('it is not a regular file');
      const handle = await open(real, 'r');
      try {
        return new CheckpointFile(real, (await handle.stat()).size, handle);
      } catch (error) {
        await handle.close();
        throw error;
      }
    } catch (error) {
      throw unreadableCheckpoint(path, error);
    }
  }

  /**
   * Reads exactly `byteLength` bytes into a buffer of their own.
   * Rejects with `checkpoint-corrupt` where the range passes the end of the file.
   */
  async read(offset: number, byteLength: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    if (!isRangeWithin(offset, byteLength, this.sizeBytes)) {
      throw corruptCheckpoint(this.path, `it ends before byte ${offset + byteLength}`);
    }
    const bytes = allocateBytes(this.path, byteLength);
    for (let done = 0; done < byteLength;) {
      throwIfCancelled(signal);
      const wanted = Math.min(readStepBytes, byteLength - done);
      const got = await this.#readSome(bytes, done, wanted, offset + done);
      if (got === 0) throw corruptCheckpoint(this.path, 'it became shorter while it was read');
      done += got;
    }
    return bytes;
  }

  /** The same bytes as `read` gives, in steps, for work that keeps none of them. */
  async *stream(
    offset: number,
    byteLength: number,
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for (let done = 0; done < byteLength; done += streamStepBytes) {
      yield await this.read(offset + done, Math.min(streamStepBytes, byteLength - done), signal);
    }
  }

  async #readSome(into: Uint8Array, at: number, byteLength: number, position: number): Promise<number> {
    try {
      return (await this.#handle.read(into, at, byteLength, position)).bytesRead;
    } catch (error) {
      throw unreadableCheckpoint(this.path, error);
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** Whether `[offset, offset + byteLength)` are whole numbers within `[0, totalBytes)`. */
export function isRangeWithin(offset: number, byteLength: number, totalBytes: number): boolean {
  return (
    Number.isSafeInteger(offset) &&
    Number.isSafeInteger(byteLength) &&
    offset >= 0 &&
    byteLength >= 0 &&
    byteLength <= totalBytes - offset
  );
}

/** A zeroed buffer of its own; throws `checkpoint-refused` when `file` asks for more than any real tensor has. */
export function allocateBytes(file: string, byteLength: number): Uint8Array<ArrayBuffer> {
  if (byteLength > maxReadBytes) {
    throw refusedCheckpoint(file, `one of its tensors claims ${(byteLength / 2 ** 30).toFixed(1)} GiB`);
  }
  try {
    return new Uint8Array(byteLength);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw refusedCheckpoint(
      file,
      `there is no memory for a tensor of ${(byteLength / 2 ** 30).toFixed(1)} GiB`,
    );
  }
}
