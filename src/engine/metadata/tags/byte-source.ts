/** Reads parts of an open file, and makes changes in a copy of it, without ever holding all of it. */
import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { type Splice, unsafeTags } from './tag-format.ts';

/** No tag is larger; covers and DJ data are a few MB. */
const maxPartBytes = 64 * 1024 * 1024;
const copyBytes = 1024 * 1024;

export class ByteSource {
  readonly #file: FileHandle;
  readonly sizeBytes: number;

  private constructor(file: FileHandle, sizeBytes: number) {
    this.#file = file;
    this.sizeBytes = sizeBytes;
  }

  /** The caller stays the owner of the file and closes it. */
  static async of(file: FileHandle): Promise<ByteSource> {
    const { size } = await file.stat();
    return new ByteSource(file, size);
  }

  /** Exactly so many bytes. @throws BangerError `tags-unsupported` where the file is shorter or the part absurd */
  async read(at: number, length: number): Promise<Buffer> {
    if (length < 0 || length > maxPartBytes) throw unsafeTags('its tags claim an absurd size');
    if (at < 0 || at + length > this.sizeBytes) throw unsafeTags('the file ends before its headers say');
    const buffer = Buffer.allocUnsafe(length);
    let done = 0;
    while (done < length) {
      const { bytesRead } = await this.#file.read(buffer, done, length - done, at + done);
      if (bytesRead === 0) throw unsafeTags('the file became shorter while it was read');
      done += bytesRead;
    }
    return buffer;
  }

  /** Up to so many bytes, fewer at the end of the file. */
  readUpTo(at: number, length: number): Promise<Buffer> {
    return this.read(at, Math.max(0, Math.min(length, this.sizeBytes - at)));
  }

  /** SHA-256 of a part of any length, in hexadecimal digits. */
  async sha256(at: number, length: number): Promise<string> {
    const hash = createHash('sha256');
    await this.#hashInto(hash, at, length);
    return hash.digest('hex');
  }

  /**
   * Makes the changes in a copy of the file, whose length the caller sets afterwards. What has not moved is left as
   * it stands. Splices stand in order and do not overlap.
   */
  async changeCopy(copy: FileHandle, splices: readonly Splice[], signal?: AbortSignal): Promise<void> {
    let from = 0;
    let to = 0;
    for (const { at, removeBytes, insert } of [...splices, endOf(this.sizeBytes)]) {
      if (at < from || at > this.sizeBytes) throw new RangeError('Splices overlap or lie outside the file.');
      const hasMoved = from !== to;
      if (hasMoved) await this.#copyPart(copy, { from, to, length: at - from }, signal);
      to += at - from;
      await writeAll(copy, insert, to);
      to += insert.length;
      from = at + removeBytes;
    }
  }

  async #copyPart(
    copy: FileHandle,
    { from, to, length }: { from: number; to: number; length: number },
    signal: AbortSignal | undefined,
  ): Promise<void> {
    for (let done = 0; done < length;) {
      signal?.throwIfAborted();
      const bytes = await this.read(from + done, Math.min(copyBytes, length - done));
      await writeAll(copy, bytes, to + done);
      done += bytes.length;
    }
  }

  async #hashInto(hash: Hash, at: number, length: number): Promise<void> {
    for (let done = 0; done < length;) {
      const bytes = await this.read(at + done, Math.min(copyBytes, length - done));
      hash.update(bytes);
      done += bytes.length;
    }
  }
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function endOf(sizeBytes: number): Splice {
  return { at: sizeBytes, removeBytes: 0, insert: Buffer.alloc(0) };
}

async function writeAll(file: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}
