/** Makes PyTorch checkpoints for tests without Python: pickles from small parts, in a zip file with their storages. */
import { makeZip, type ZipEntryToWrite } from './zip-writer.ts';

/** Opcodes that leave one value on the stack. */
export type PicklePart = Buffer;

const mark = Buffer.of(0x28);

export const py = {
  none: Buffer.of(0x4e),
  true: Buffer.of(0x88),
  false: Buffer.of(0x89),

  int(value: number): PicklePart {
    if (value >= 0 && value < 256) return Buffer.of(0x4b, value);
    const operand = Buffer.alloc(8);
    if (Math.abs(value) < 2 ** 31) {
      operand.writeInt32LE(value);
      return Buffer.concat([Buffer.of(0x4a), operand.subarray(0, 4)]);
    }
    operand.writeBigInt64LE(BigInt(value));
    return Buffer.concat([Buffer.of(0x8a, 8), operand]);
  },

  float(value: number): PicklePart {
    const operand = Buffer.alloc(8);
    operand.writeDoubleBE(value);
    return Buffer.concat([Buffer.of(0x47), operand]);
  },

  text(value: string): PicklePart {
    const bytes = Buffer.from(value);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return Buffer.concat([Buffer.of(0x58), length, bytes]);
  },

  tuple: (...items: PicklePart[]): PicklePart => Buffer.concat([mark, ...items, Buffer.of(0x74)]),

  list: (...items: PicklePart[]): PicklePart =>
    Buffer.concat([Buffer.of(0x5d), mark, ...items, Buffer.of(0x65)]),

  dict: (entries: Iterable<readonly [PicklePart | string, PicklePart]>): PicklePart =>
    Buffer.concat([Buffer.of(0x7d), ...setItems(entries)]),

  global: (module: string, name: string): PicklePart => Buffer.from(`c${module}\n${name}\n`),

  call: (callee: PicklePart, ...args: PicklePart[]): PicklePart =>
    Buffer.concat([callee, py.tuple(...args), Buffer.of(0x52)]),

  orderedDict: (entries: Iterable<readonly [PicklePart | string, PicklePart]>): PicklePart =>
    Buffer.concat([py.call(py.global('collections', 'OrderedDict')), ...setItems(entries)]),

  /** BUILD: sets the state of what `target` leaves on the stack. */
  withState: (target: PicklePart, state: PicklePart): PicklePart =>
    Buffer.concat([target, state, Buffer.of(0x62)]),

  storage: (key: string, storageClass: string, elements: number): PicklePart =>
    Buffer.concat([
      py.tuple(
        py.text('storage'),
        py.global('torch', storageClass),
        py.text(key),
        py.text('cpu'),
        py.int(elements),
      ),
      Buffer.of(0x51),
    ]),

  tensor(storage: PicklePart, shape: readonly number[], strides: readonly number[], offset = 0): PicklePart {
    return py.call(
      py.global('torch._utils', '_rebuild_tensor_v2'),
      storage,
      py.int(offset),
      py.tuple(...shape.map((size) => py.int(size))),
      py.tuple(...strides.map((stride) => py.int(stride))),
      py.false,
      py.orderedDict([]),
    );
  },

  /** A whole pickle around one value. */
  dump: (value: PicklePart, protocol = 2): Buffer =>
    Buffer.concat([Buffer.of(0x80, protocol), value, Buffer.of(0x2e)]),
};

function setItems(entries: Iterable<readonly [PicklePart | string, PicklePart]>): Buffer[] {
  const parts = [...entries].flatMap(([key, value]) => [typeof key === 'string' ? py.text(key) : key, value]);
  return [mark, ...parts, Buffer.of(0x75)];
}

export interface TorchFile {
  readonly pickle: Buffer;
  /** Bytes of each storage by key. */
  readonly storages?: Readonly<Record<string, Uint8Array>>;
  readonly deflated?: boolean;
  readonly zip64?: boolean;
  readonly byteOrder?: string | null;
  readonly extraEntries?: readonly ZipEntryToWrite[];
}

/** The bytes of a checkpoint in the form that `torch.save` writes. */
export function makeTorchFile(file: TorchFile): Buffer {
  const {
    pickle,
    storages = {},
    deflated = false,
    zip64 = false,
    byteOrder = 'little',
    extraEntries = [],
  } = file;
  const entries: ZipEntryToWrite[] = [
    { name: 'model/data.pkl', data: pickle, deflated },
    ...(byteOrder === null ? [] : [{ name: 'model/byteorder', data: Buffer.from(byteOrder), deflated }]),
    ...Object.entries(storages).map(([key, data]) => ({
      name: `model/data/${key}`,
      data,
      deflated,
      padding: 13,
    })),
    { name: 'model/version', data: Buffer.from('3\n'), deflated },
    ...extraEntries,
  ];
  return makeZip(entries, { zip64 });
}

/** The bytes of numbers as float32. */
export function float32Bytes(...values: number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}
