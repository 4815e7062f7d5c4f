/** Writes safetensors files of any size with one tensor in memory at a time. */
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

import { writeAtomically } from './atomic-file.ts';
import { bytesPerElement, type CheckpointTensor } from './checkpoint.ts';
import { throwIfCancelled } from './checkpoint-errors.ts';
import { tensorByteLength } from './safetensors.ts';

/** How much is written between two looks at the signal. */
const writeStepBytes = 16 * 2 ** 20;

/** The header's length is kept a multiple of this, so that every value lies aligned in the file. */
const alignmentBytes = 8;

/** What a tensor needs to be written; every tensor of a checkpoint has it. */
export type TensorToWrite = Pick<CheckpointTensor, 'name' | 'type' | 'shape'> & {
  /** The values in C order, little-endian; asked for once, when their turn comes. */
  readBytes(signal?: AbortSignal): Promise<Uint8Array> | Uint8Array;
};

export interface WriteProgress {
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

export interface WriteSafetensorsOptions {
  /** Notes for the header, such as `{ format: 'pt' }`. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: WriteProgress) => void) | undefined;
}

export interface WrittenFile {
  /** Of the whole file, in lower-case hexadecimal. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

/**
 * Writes a safetensors file, whole or not at all; tensors are ordered as the reference implementation does.
 * Rejects with `disk-full`, `file-unwritable`, `cancelled`, or what a tensor's `readBytes` rejects with.
 */
export function writeSafetensors(
  path: string,
  tensors: Iterable<TensorToWrite>,
  options: WriteSafetensorsOptions = {},
): Promise<WrittenFile> {
  return writeAtomically(path, (file) => streamSafetensors(file, tensors, options));
}

/** Writes safetensors bytes into an open, empty file. */
export async function streamSafetensors(
  file: FileHandle,
  tensors: Iterable<TensorToWrite>,
  { metadata, signal, onProgress }: WriteSafetensorsOptions = {},
): Promise<WrittenFile> {
  // Widest elements first, which keeps all of them aligned without gaps.
  const ordered = [...tensors].sort(
    (a, b) => bytesPerElement[b.type] - bytesPerElement[a.type] || (a.name < b.name ? -1 : 1),
  );
  const header = encodeHeader(ordered, metadata);
  const bytesTotal = header.byteLength + ordered.reduce((sum, tensor) => sum + statedBytes(tensor), 0);
  const hash = createHash('sha256');
  let bytesDone = 0;
  const write = async (bytes: Uint8Array) => {
    for (let start = 0; start < bytes.byteLength;) {
      throwIfCancelled(signal);
      const { bytesWritten } = await file.write(
        bytes,
        start,
        Math.min(writeStepBytes, bytes.byteLength - start),
      );
      hash.update(bytes.subarray(start, start + bytesWritten));
      start += bytesWritten;
      bytesDone += bytesWritten;
      onProgress?.({ bytesDone, bytesTotal });
    }
  };
  await write(header);
  for (const tensor of ordered) {
    throwIfCancelled(signal);
    const bytes = await tensor.readBytes(signal);
    if (bytes.byteLength !== statedBytes(tensor)) {
      throw new RangeError(
        `"${tensor.name}" has ${bytes.byteLength} bytes, its shape needs ${statedBytes(tensor)}.`,
      );
    }
    await write(bytes);
  }
  return { sha256: hash.digest('hex'), sizeBytes: bytesTotal };
}

function encodeHeader(
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>> | undefined,
): Uint8Array {
  const members: [string, unknown][] = metadata === undefined ? [] : [['__metadata__', metadata]];
  let begin = 0;
  for (const tensor of tensors) {
    const end = begin + statedBytes(tensor);
    members.push([tensor.name, { dtype: tensor.type, shape: tensor.shape, data_offsets: [begin, end] }]);
    begin = end;
  }
  const names = new Set(members.map(([name]) => name));
  if (names.size !== members.length) throw new RangeError('Two tensors to write have the same name.');
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(members)));
  const padded = Math.ceil(json.byteLength / alignmentBytes) * alignmentBytes;
  const header = new Uint8Array(8 + padded).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(padded), true);
  header.set(json, 8);
  return header;
}

function statedBytes(tensor: TensorToWrite): number {
  const byteLength = tensorByteLength(tensor.type, tensor.shape);
  if (byteLength === null) throw new RangeError(`The shape of "${tensor.name}" is absurd.`);
  return byteLength;
}
