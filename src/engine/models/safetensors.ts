/** Reads safetensors files: a length, a JSON header, then the tensors' raw bytes without gaps. */
import { z } from 'zod';

import { bytesPerElement, type Checkpoint, type CheckpointTensor, type TensorType } from './checkpoint.ts';
import { corruptCheckpoint, refusedCheckpoint } from './checkpoint-errors.ts';
import type { CheckpointFile } from './checkpoint-file.ts';
import { parseJsonObject } from './strict-json.ts';

const lengthBytes = 8;

/** Room for more than 100,000 tensors; the format allows 100 MB, which parsed would take gigabytes. */
const maxHeaderBytes = 16 * 2 ** 20;

const naturalNumber = z.number().int().nonnegative();

const tensorHeaderSchema = z.object({
  dtype: z.string(),
  shape: z.array(naturalNumber).max(64),
  data_offsets: z.tuple([naturalNumber, naturalNumber]),
});

/** A tensor as the header states it; offsets count from the end of the header. */
export interface SafetensorsEntry {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * The checkpoint in an open safetensors file; closing it closes the file.
 * Rejects with `checkpoint-corrupt` or `checkpoint-refused`.
 */
export async function openSafetensors(path: string, file: CheckpointFile): Promise<Checkpoint> {
  const { entries, dataStart } = await readHeader(file);
  return {
    path,
    format: 'safetensors',
    files: [file.path],
    tensors: new Map(entries.map((entry) => [entry.name, tensorOf(entry, file, dataStart)])),
    close: () => file.close(),
  };
}

function tensorOf(entry: SafetensorsEntry, file: CheckpointFile, dataStart: number): CheckpointTensor {
  const offset = dataStart + entry.begin;
  const byteLength = entry.end - entry.begin;
  return {
    name: entry.name,
    type: entry.type,
    shape: entry.shape,
    byteLength,
    mapped: { file: file.path, offset, byteLength },
    readBytes: (signal) => file.read(offset, byteLength, signal),
  };
}

async function readHeader(file: CheckpointFile): Promise<{ entries: SafetensorsEntry[]; dataStart: number }> {
  const header = await readSafetensorsHeader(file);
  const dataStart = lengthBytes + header.byteLength;
  return { entries: parseSafetensorsHeader(file.path, header, file.sizeBytes - dataStart), dataStart };
}

/** The JSON text that the file begins with. Rejects with `checkpoint-corrupt` or `checkpoint-refused`. */
export async function readSafetensorsHeader(file: CheckpointFile): Promise<Uint8Array<ArrayBuffer>> {
  const length = new DataView((await file.read(0, lengthBytes)).buffer).getBigUint64(0, true);
  if (length > BigInt(file.sizeBytes - lengthBytes)) {
    throw corruptCheckpoint(file.path, `its header claims ${length} bytes, more than the file has`);
  }
  if (length > BigInt(maxHeaderBytes)) {
    throw refusedCheckpoint(file.path, `its header claims ${length} bytes, which no model needs`);
  }
  return file.read(lengthBytes, Number(length));
}

/**
 * The tensors that a header states, in the order of their bytes.
 * As the reference implementation does, demands that they fill the file's `dataBytes` without gap or overlap.
 */
export function parseSafetensorsHeader(
  file: string,
  header: Uint8Array,
  dataBytes: number,
): SafetensorsEntry[] {
  const members = parseJsonObject(file, 'its header', header);
  const entries = Object.entries(members)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, stated]) => parseEntry(file, name, stated))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const entry of entries) {
    if (entry.begin !== end) {
      throw corruptCheckpoint(file, `the bytes of "${entry.name}" overlap with others or leave a gap`);
    }
    end = entry.end;
  }
  if (end !== dataBytes) {
    throw corruptCheckpoint(file, `its tensors need ${end} bytes, but the file has ${dataBytes}`);
  }
  return entries;
}

function parseEntry(file: string, name: string, stated: unknown): SafetensorsEntry {
  const parsed = tensorHeaderSchema.safeParse(stated);
  if (!parsed.success) {
    throw corruptCheckpoint(file, `its header describes the tensor "${name}" wrongly`, parsed.error);
  }
  const { dtype, shape, data_offsets: offsets } = parsed.data;
  const [begin, end] = offsets;
  if (!isTensorType(dtype)) {
    throw refusedCheckpoint(file, `the tensor "${name}" has the unknown element type "${dtype}"`);
  }
  if (tensorByteLength(dtype, shape) !== end - begin) {
    throw corruptCheckpoint(file, `the shape of the tensor "${name}" does not fit its ${end - begin} bytes`);
  }
  return { name, type: dtype, shape, begin, end };
}

function isTensorType(name: string): name is TensorType {
  return Object.hasOwn(bytesPerElement, name);
}

/** Bytes that a tensor of this type and shape takes, null where that is past every safe number. */
export function tensorByteLength(type: TensorType, shape: readonly number[]): number | null {
  let byteLength: number = bytesPerElement[type];
  for (const dimension of shape) {
    byteLength *= dimension;
    if (!Number.isSafeInteger(byteLength)) return null;
  }
  return byteLength;
}
