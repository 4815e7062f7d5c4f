/** Finds the entries of a zip file and reads ranges of them; a stored entry is a plain range of the file. */
import { pipeline } from 'node:stream/promises';
import { createInflateRaw, crc32 } from 'node:zlib';

import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl';

import { BangerError } from '../../shared/errors.ts';
import { corruptCheckpoint, refusedCheckpoint } from './checkpoint-errors.ts';
import { allocateBytes, isRangeWithin, type CheckpointFile } from './checkpoint-file.ts';

const maxEntries = 50_000;
const maxNameBytes = 1024;

/** Below this size an entry may be packed as tightly as it likes; above, only as weights can be. */
const looselyLimitedBytes = 16 * 2 ** 20;
const maxInflation = 100;

export interface ZipEntry {
  readonly name: string;
  readonly method: 'stored' | 'deflated';
  /** Where the entry's data begins in the file, behind its local header. */
  readonly dataOffset: number;
  readonly compressedBytes: number;
  readonly sizeBytes: number;
  readonly crc32: number;
}

/**
 * The archive's files by name; folders are left out.
 * Rejects with `checkpoint-corrupt` for a broken archive and `checkpoint-refused` for one that is encrypted, packed in
 * an unknown way, inflates absurdly, or lets entries share bytes.
 */
export async function readZipEntries(file: CheckpointFile): Promise<ReadonlyMap<string, ZipEntry>> {
  const zip = await openZip(file);
  try {
    return await collectEntries(file, zip);
  } catch (error) {
    throw error instanceof BangerError
      ? error
      : corruptCheckpoint(file.path, 'its zip directory is broken', error);
  } finally {
    zip.close();
  }
}

async function openZip(file: CheckpointFile): Promise<ZipFile> {
  try {
    return await fromRandomAccessReaderPromise(new FileReader(file), file.sizeBytes, { autoClose: false });
  } catch (error) {
    throw corruptCheckpoint(file.path, 'its zip directory is missing or broken', error);
  }
}

async function collectEntries(file: CheckpointFile, zip: ZipFile): Promise<Map<string, ZipEntry>> {
  if (zip.entryCount > maxEntries) throw refusedCheckpoint(file.path, `it claims ${zip.entryCount} entries`);
  const entries = new Map<string, ZipEntry>();
  const spans: { begin: number; end: number }[] = [];
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith('/')) continue;
    if (entry.fileNameLength > maxNameBytes || entries.has(entry.fileName)) {
      throw refusedCheckpoint(
        file.path,
        `its entry "${entry.fileName.slice(0, 100)}" is stated twice or named absurdly`,
      );
    }
    const method = methodOf(file, entry);
    const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
    spans.push({ begin: entry.relativeOffsetOfLocalHeader, end: fileDataStart + entry.compressedSize });
    entries.set(entry.fileName, {
      name: entry.fileName,
      method,
      dataOffset: fileDataStart,
      compressedBytes: entry.compressedSize,
      sizeBytes: entry.uncompressedSize,
      crc32: entry.crc32,
    });
  }
  refuseOverlaps(file, spans);
  return entries;
}

function methodOf(file: CheckpointFile, entry: Entry): ZipEntry['method'] {
  if (entry.isEncrypted()) throw refusedCheckpoint(file.path, 'it is encrypted');
  if (entry.compressionMethod === 0) return 'stored';
  if (entry.compressionMethod !== 8) {
    throw refusedCheckpoint(file.path, `its entry "${entry.fileName}" is packed with an unsupported method`);
  }
  const bound = Math.max(looselyLimitedBytes, entry.compressedSize * maxInflation);
  if (entry.uncompressedSize > bound) {
    throw refusedCheckpoint(
      file.path,
      `its entry "${entry.fileName}" would inflate to ${entry.uncompressedSize} bytes`,
    );
  }
  return 'deflated';
}

/** Entries that share bytes are how a small zip file inflates to a huge one. */
function refuseOverlaps(file: CheckpointFile, spans: { begin: number; end: number }[]): void {
  let end = 0;
  for (const span of spans.sort((a, b) => a.begin - b.begin)) {
    if (span.begin < end) throw refusedCheckpoint(file.path, 'entries of its zip archive overlap');
    end = span.end;
  }
}

/**
 * Reads `byteLength` bytes of an entry's (inflated) content, from `offset`, into a buffer of their own.
 * A deflated entry is inflated in small steps and checked against its size and CRC; memory stays at the range asked for.
 */
export async function readZipRange(
  file: CheckpointFile,
  entry: ZipEntry,
  offset: number,
  byteLength: number,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!isRangeWithin(offset, byteLength, entry.sizeBytes)) {
    throw corruptCheckpoint(file.path, `its entry "${entry.name}" ends before byte ${offset + byteLength}`);
  }
  if (entry.method === 'stored') return file.read(entry.dataOffset + offset, byteLength, signal);
  const range = allocateBytes(file.path, byteLength);
  await inflate(file, entry, signal, (chunk, position) => {
    const from = Math.max(0, offset - position);
    const to = Math.min(chunk.byteLength, offset + byteLength - position);
    if (from < to) range.set(chunk.subarray(from, to), position + from - offset);
  });
  return range;
}

/** Hands over a deflated entry's content in small pieces, each with its position, and checks size and CRC. */
async function inflate(
  file: CheckpointFile,
  entry: ZipEntry,
  signal: AbortSignal | undefined,
  take: (chunk: Uint8Array, position: number) => void,
): Promise<void> {
  const broken = (cause?: unknown) =>
    corruptCheckpoint(
      file.path,
      `its entry "${entry.name}" does not inflate to what the archive states`,
      cause,
    );
  try {
    await pipeline(
      file.stream(entry.dataOffset, entry.compressedBytes, signal),
      createInflateRaw(),
      async (chunks: AsyncIterable<Uint8Array>) => {
        let position = 0;
        let checksum = 0;
        for await (const chunk of chunks) {
          if (chunk.byteLength > entry.sizeBytes - position) throw broken();
          take(chunk, position);
          position += chunk.byteLength;
          checksum = crc32(chunk, checksum);
        }
        if (position !== entry.sizeBytes || checksum !== entry.crc32) throw broken();
      },
    );
  } catch (error) {
    throw error instanceof BangerError ? error : broken(error);
  }
}

/** Lets the zip library read through the checked file, so that a wild offset is an error and never an exception. */
class FileReader extends RandomAccessReader {
  readonly #file: CheckpointFile;

  constructor(file: CheckpointFile) {
    super();
    this.#file = file;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    this.#file.read(position, length).then(
      (bytes) => {
        buffer.set(bytes, offset);
        callback(null, length);
      },
      (error: unknown) => {
        callback(error as Error);
      },
    );
  }

  /** The file belongs to the checkpoint, which outlives the reading of the directory. */
  override close(callback: (error: Error | null) => void): void {
    callback(null);
  }
}
