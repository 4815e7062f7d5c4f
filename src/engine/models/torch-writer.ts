/** Writes state dicts as PyTorch reads them: a zip file with a pickle that describes the tensors, and their bytes. */
import { crc32 } from 'node:zlib';
import { writeAtomically } from './atomic-file.ts';
import { bytesPerElement } from './checkpoint.ts';
import type { TensorToWrite } from './safetensors-writer.ts';

/** The storage class of each element type that heads need. */
const storageClasses = { F32: 'FloatStorage', I64: 'LongStorage' } as const;

/** The folder inside the archive, as `torch.save` names it for a file that has no name. */
const archiveFolder = 'archive';

/** PyTorch lays the bytes of every storage at a multiple of this, so that they can be mapped. */
const alignmentBytes = 64;

/**
 * Writes a state dict that `torch.load(path, weights_only=True)` loads, whole or not at all. Meant for heads: all
 * tensors are held in memory.
 *
 * @param tensors of type F32 or I64
 * @param notes texts that lie beside the pickle under their names, as `torch.jit`'s extra files do; PyTorch leaves
 *   them unread
 * @throws BangerError `disk-full`, `file-unwritable`
 */
export async function writeTorchStateDict(
  path: string,
  tensors: readonly TensorToWrite[],
  notes: Readonly<Record<string, string>> = {},
): Promise<void> {
  const encoder = new TextEncoder();
  const entries: ArchiveEntry[] = [
    { name: 'data.pkl', bytes: pickleStateDict(tensors) },
    { name: 'byteorder', bytes: encoder.encode('little') },
  ];
  for (const [index, tensor] of tensors.entries()) {
    entries.push({ name: `data/${index}`, bytes: await tensor.readBytes() });
  }
  entries.push({ name: 'version', bytes: encoder.encode('3\n') });
  for (const [name, text] of Object.entries(notes)) {
    entries.push({ name: `extra/${name}`, bytes: encoder.encode(text) });
  }
  const archive = packEntries(entries);
  await writeAtomically(path, (file) => file.writeFile(archive));
}

/** The name of a note's entry inside the archive's folder; see `writeTorchStateDict`. */
export function torchNoteEntry(name: string): string {
  return `extra/${name}`;
}

interface ArchiveEntry {
  name: string;
  bytes: Uint8Array;
}

/** Opcodes of Python's pickle, by their names in `pickletools`. */
const op = {
  proto: 0x80,
  mark: 0x28,
  emptyDict: 0x7d,
  setItems: 0x75,
  unicode: 0x58,
  int: 0x4a,
  tuple: 0x74,
  global: 0x63,
  reduce: 0x52,
  persistentId: 0x51,
  false: 0x89,
  stop: 0x2e,
} as const;

/** `OrderedDict` of names to tensors, each with a storage of its own. */
function pickleStateDict(tensors: readonly TensorToWrite[]): Uint8Array {
  const items = tensors.flatMap((tensor, index) => [text(tensor.name), pickleTensor(tensor, index)]);
  return Buffer.concat([
    Buffer.of(op.proto, 2),
    emptyOrderedDict,
    Buffer.of(op.mark),
    ...items,
    Buffer.of(op.setItems, op.stop),
  ]);
}

function pickleTensor({ name, type, shape }: TensorToWrite, index: number): Buffer {
  if (type !== 'F32' && type !== 'I64') throw new RangeError(`"${name}" is neither float32 nor int64.`);
  const count = shape.reduce((product, size) => product * size, 1);
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const storage = Buffer.concat([
    tuple(
      text('storage'),
      global('torch', storageClasses[type]),
      text(String(index)),
      text('cpu'),
      int(count),
    ),
    Buffer.of(op.persistentId),
  ]);
  return call(
    global('torch._utils', '_rebuild_tensor_v2'),
    storage,
    int(0),
    tuple(...shape.map(int)),
    tuple(...strides.map(int)),
    Buffer.of(op.false),
    emptyOrderedDict,
  );
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([Buffer.of(op.unicode), length, bytes]);
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return Buffer.concat([Buffer.of(op.int), bytes]);
}

function global(module: string, name: string): Buffer {
  return Buffer.concat([Buffer.of(op.global), Buffer.from(`${module}\n${name}\n`)]);
}

function tuple(...items: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.of(op.mark), ...items, Buffer.of(op.tuple)]);
}

function call(callee: Buffer, ...items: readonly Buffer[]): Buffer {
  return Buffer.concat([callee, tuple(...items), Buffer.of(op.reduce)]);
}

const emptyOrderedDict = call(global('collections', 'OrderedDict'));

/** A zip file of stored entries. Heads stay far below the sizes that need zip64. */
function packEntries(entries: readonly ArchiveEntry[]): Buffer {
  const locals: Uint8Array[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes } of entries) {
    const nameBytes = Buffer.from(`${archiveFolder}/${name}`);
    // What every header of the entry says: version, flags, method, time, date, checksum, sizes, length of the name.
    const common = Buffer.alloc(24);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x21, 8);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(bytes.byteLength, 14);
    common.writeUInt32LE(bytes.byteLength, 18);
    common.writeUInt16LE(nameBytes.length, 22);

    const padding = paddingField(offset + 30 + nameBytes.length);
    const local = Buffer.concat([signature(0x0403_4b50), common, uint16(padding.length), nameBytes, padding]);
    const tail = Buffer.alloc(16);
    tail.writeUInt32LE(offset, 12);
    directory.push(Buffer.concat([signature(0x0201_4b50), uint16(20), common, tail, nameBytes]));
    locals.push(local, bytes);
    offset += local.length + bytes.byteLength;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, central, signature(0x0605_4b50), end]);
}

/** An extra field that moves the data behind it to the next aligned place: its own header takes four bytes. */
function paddingField(dataOffset: number): Buffer {
  const size = (alignmentBytes - ((dataOffset + 4) % alignmentBytes)) % alignmentBytes;
  return Buffer.concat([Buffer.from('FB'), uint16(size), Buffer.alloc(size, 'Z')]);
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

/** Bytes of a tensor's values in the form that both writers take. */
export function tensorToWrite(
  name: string,
  shape: readonly number[],
  values: Float32Array | BigInt64Array,
): TensorToWrite {
  const type = values instanceof Float32Array ? 'F32' : 'I64';
  if (values.byteLength !== shape.reduce((product, size) => product * size, bytesPerElement[type])) {
    throw new RangeError(`"${name}" has ${values.length} values, which do not fit its shape.`);
  }
  return {
    name,
    type,
    shape,
    readBytes: () => new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  };
}
