/** Brings one file of the Hub into the cache: resumed where it broke off, checked against its hash, moved in whole. */
import { createHash, type Hash } from 'node:crypto';
import { constants, mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { BangerError } from '../../shared/errors.ts';
import { unlessMissing, writeError } from './file-system-errors.ts';
import type { RepositoryFolders } from './hub-cache.ts';
import {
  fileAddress,
  parseSize,
  readBody,
  requestFromHub,
  StallWatch,
  subjectOf,
  type RemoteFile,
} from './hub-client.ts';
import { brokenOffFailure } from './hub-errors.ts';
import type { HubSettings } from './hub-settings.ts';
import { withLockFile } from './lock-file.ts';
import { RetryableFailure, throwIfCancelled, withRetries, type RetryPolicy } from './retry.ts';

const HASH_CHUNK_BYTES = 2 ** 20;

export interface BlobContext {
  settings: HubSettings;
  folders: RepositoryFolders;
  policy: RetryPolicy;
  signal?: AbortSignal | undefined;
  /** Told how many bytes of this file are here, and whether they arrived just now. */
  onBytes: (receivedBytes: number, arrivedNow: boolean) => void;
}

/** Where a blob ends up. */
export function blobFile(folders: RepositoryFolders, file: RemoteFile): string {
  return path.join(folders.blobs, file.digest);
}

/** Where it grows until it is whole, under the name that all Hugging Face tools use. */
export function partialFile(folders: RepositoryFolders, file: RemoteFile): string {
  return `${blobFile(folders, file)}.incomplete`;
}

/**
 * Downloads a blob unless it is there already.
 *
 * One process downloads while others wait for it. Bytes are written at their own offset, never appended, and what a
 * blob's bytes are is fixed by its name, so even two writers at once would write the same.
 *
 * @returns the blob's path
 * @throws BangerError any `download-…` code, `network-unreachable`, `disk-full`, `cancelled`; after all but
 * `download-corrupt` the partial file is kept for the next attempt
 */
export async function downloadBlob(file: RemoteFile, context: BlobContext): Promise<string> {
  const { folders, signal } = context;
  const target = blobFile(folders, file);
  const partial = partialFile(folders, file);
  // A name of our own beside those of other tools, which lock differently and leave their files behind.
  const lock = path.join(folders.locks, `${file.digest}.banger.lock`);
  const showOthersProgress = async (): Promise<void> => {
    const entry = await unlessMissing(stat(partial));
    if (entry !== undefined) context.onBytes(Math.min(entry.size, file.sizeBytes), true);
  };
  try {
    await mkdir(folders.blobs, { recursive: true });
    return await withLockFile(lock, { signal, onWait: showOthersProgress }, async () => {
      if (!(await hasSize(target, file.sizeBytes))) {
        await fillPartial(file, partial, context);
        await rename(partial, target);
      }
      context.onBytes(file.sizeBytes, false);
      return target;
    });
  } catch (error) {
    throwIfCancelled(signal);
    throw writeError(error, partial, file.sizeBytes);
  }
}

/** Whether a regular file of exactly this size lies here. */
export async function hasSize(file: string, sizeBytes: number): Promise<boolean> {
  const entry = await unlessMissing(stat(file));
  return entry?.isFile() === true && entry.size === sizeBytes;
}

async function fillPartial(file: RemoteFile, partial: string, context: BlobContext): Promise<void> {
  const handle = await open(partial, constants.O_RDWR | constants.O_CREAT, 0o644);
  try {
    const transfer = new BlobTransfer(file, handle, context);
    const foundBytes = await transfer.adoptExisting();
    await transfer.receiveAll();
    if (!transfer.isIntact() && foundBytes > 0) {
      // The damage may be in what an earlier run, or another tool, left here.
      await transfer.restart();
      await transfer.receiveAll();
    }
    if (transfer.isIntact()) {
      await handle.sync();
      return;
    }
  } finally {
    await handle.close();
  }
  await rm(partial, { force: true });
  throw new BangerError(
    'download-corrupt',
    `${file.path} arrived damaged and was deleted: its hash is wrong.`,
    {
      file: partial,
      nextStep: 'Start again; if it happens twice, something on the network changes downloads.',
      details: `expected ${file.digest}, ${file.sizeBytes} bytes`,
    },
  );
}

/** A download in progress: how much is in the file, and the hash of exactly that. */
class BlobTransfer {
  readonly #file: RemoteFile;
  readonly #handle: FileHandle;
  readonly #context: BlobContext;
  #hash: Hash;
  #receivedBytes = 0;
  #digest: string | null = null;
  #isTooLong = false;
  /** The storage's own tag of the content, null until it has been seen. */
  #storageEtag: string | null = null;

  constructor(file: RemoteFile, handle: FileHandle, context: BlobContext) {
    this.#file = file;
    this.#handle = handle;
    this.#context = context;
    this.#hash = startHash(file);
  }

  /** Takes over what an earlier attempt left in the file, and returns how many bytes that were. */
  async adoptExisting(): Promise<number> {
    const { size } = await this.#handle.stat();
    if (size > this.#file.sizeBytes) {
      await this.restart();
      return 0;
    }
    const buffer = Buffer.allocUnsafe(Math.min(HASH_CHUNK_BYTES, Math.max(1, size)));
    while (this.#receivedBytes < size) {
      throwIfCancelled(this.#context.signal);
      const length = Math.min(buffer.length, size - this.#receivedBytes);
      const { bytesRead } = await this.#handle.read(buffer, 0, length, this.#receivedBytes);
      if (bytesRead === 0) break;
      this.#hash.update(buffer.subarray(0, bytesRead));
      this.#receivedBytes += bytesRead;
    }
    this.#context.onBytes(this.#receivedBytes, false);
    return this.#receivedBytes;
  }

  /** Throws away what is in the file. */
  async restart(): Promise<void> {
    await this.#handle.truncate(0);
    this.#hash = startHash(this.#file);
    this.#digest = null;
    this.#isTooLong = false;
    this.#receivedBytes = 0;
    this.#context.onBytes(0, false);
  }

  /** Whether all bytes are there and are the right ones. */
  isIntact(): boolean {
    this.#digest ??= this.#hash.digest('hex');
    const isWhole = this.#receivedBytes === this.#file.sizeBytes && !this.#isTooLong;
    return isWhole && this.#digest === this.#file.digest;
  }

  /** Requests what is missing until nothing is. */
  async receiveAll(): Promise<void> {
    const { policy, signal } = this.#context;
    await withRetries(
      policy,
      signal,
      () => this.#receivedBytes,
      async () => {
        if (this.#receivedBytes < this.#file.sizeBytes) await this.#receiveRest();
      },
    );
  }

  async #receiveRest(): Promise<void> {
    const { settings, policy, signal } = this.#context;
    const { repository, path: filePath } = this.#file;
    const subject = subjectOf({ settings, repository, file: filePath });
    const watch = new StallWatch(subject, policy.stallTimeoutMs, signal);
    try {
      const { response } = await requestFromHub(fileAddress(settings.endpoint, this.#file), {
        settings,
        repository,
        file: filePath,
        headers: this.#rangeHeaders(),
        signal: watch.signal,
        followsToStorage: true,
      });
      await this.#alignWith(response);
      await this.#writeChunks(readBody(response, watch, subject));
    } finally {
      watch.dispose();
    }
    if (this.#receivedBytes < this.#file.sizeBytes) throw brokenOffFailure(subject);
  }

  #rangeHeaders(): Record<string, string> {
    if (this.#receivedBytes === 0) return {};
    const condition = this.#storageEtag === null ? {} : { 'if-range': this.#storageEtag };
    return { range: `bytes=${this.#receivedBytes}-`, ...condition };
  }

  /** Makes the file's end and the answer's beginning the same place. */
  async #alignWith(response: Response): Promise<void> {
    const etag = response.headers.get('etag');
    this.#storageEtag = etag?.startsWith('"') === true ? etag : null;
    if (response.status !== 206) {
      // The server ignored the range, or its content changed: this is the whole file.
      if (this.#receivedBytes > 0) await this.restart();
      return;
    }
    const range = /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15}|\*)$/.exec(
      response.headers.get('content-range') ?? '',
    );
    const start = parseSize(range?.[1] ?? null);
    const total = parseSize(range?.[2] ?? null);
    if (start === this.#receivedBytes && (total ?? this.#file.sizeBytes) === this.#file.sizeBytes) return;
    await this.restart();
    throw new RetryableFailure(
      new BangerError(
        'download-failed',
        `The Hub’s storage sent another part of ${this.#file.path} than asked for.`,
        {
          nextStep: 'Try again later.',
          details: `asked for the rest of ${this.#file.sizeBytes} bytes, got ${response.headers.get('content-range') ?? ''}`,
        },
      ),
    );
  }

  async #writeChunks(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const chunk of chunks) {
      const room = this.#file.sizeBytes - this.#receivedBytes;
      await this.#write(chunk.subarray(0, room));
      if (chunk.byteLength <= room) continue;
      // More than was announced can't be right; this says so without filling the disk.
      this.#isTooLong = true;
      return;
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    let written = 0;
    while (written < bytes.byteLength) {
      const position = this.#receivedBytes + written;
      const result = await this.#handle.write(bytes, written, bytes.byteLength - written, position);
      written += result.bytesWritten;
    }
    this.#hash.update(bytes);
    this.#receivedBytes += bytes.byteLength;
    this.#context.onBytes(this.#receivedBytes, true);
  }
}

/** Git's SHA-1 covers a header with the size; SHA-256 covers the content alone. */
function startHash(file: RemoteFile): Hash {
  if (file.digest.length === 64) return createHash('sha256');
  return createHash('sha1').update(`blob ${file.sizeBytes}\0`);
}
