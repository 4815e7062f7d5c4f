/** PyTorch zip checkpoints: what is read from good ones, and that hostile ones are refused without running anything. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { readFloat32 } from '../../../src/engine/models/checkpoint.ts';
import { openCheckpoint } from '../../../src/engine/models/open-checkpoint.ts';
import { readCheckpoint } from '../../support/checkpoints.ts';
import { parityFolder } from '../../support/parity.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { float32Bytes, makeTorchFile, py, type TorchFile } from '../../support/torch-writer.ts';
import { makeZip } from '../../support/zip-writer.ts';

const inFolder = useFreshFolder();

function write(bytes: Uint8Array): string {
  const path = inFolder('model.pt');
  writeFileSync(path, bytes);
  return path;
}

/** The values of each float tensor of a checkpoint, as plain arrays. */
async function readValues(file: TorchFile): Promise<Record<string, number[]>> {
  const checkpoint = await openCheckpoint(write(makeTorchFile(file)));
  try {
    const values: [string, number[]][] = [];
    for (const [name, tensor] of checkpoint.tensors) values.push([name, [...(await readFloat32(tensor))]]);
    return Object.fromEntries(values);
  } finally {
    await checkpoint.close();
  }
}

const sixValues = { '0': float32Bytes(0, 1, 2, 3, 4, 5) };
const sixStorage = py.storage('0', 'FloatStorage', 6);
const oneTensor = py.dict([['w', py.tensor(sixStorage, [2, 3], [3, 1])]]);

describe('the reference checkpoints', () => {
  it('hold the same values as their safetensors form', async () => {
    const folder = join(parityFolder, 'encoders', 'tiny-330m-like');
    const safetensors = await readCheckpoint(join(folder, 'model.safetensors'));
    const torch = await readCheckpoint(join(folder, 'pytorch_model.bin'));
    const renamed = Object.entries(torch).map(([name, tensor]) => [
      name
        .replace('conv.weight_g', 'conv.parametrizations.weight.original0')
        .replace('conv.weight_v', 'conv.parametrizations.weight.original1'),
      tensor,
    ]);
    expect(Object.keys(torch)).toHaveLength(67);
    expect(Object.fromEntries(renamed)).toEqual(safetensors);
  });

  it.each([
    ['head/scorer_model.pt', 23, [512, 1024]],
    ['encoders/tiny-330m-like/head.pt', 23, [32, 64]],
    ['encoders/tiny-95m-like/head.pt', 23, [32, 48]],
    ['encoders/tiny-layernorm-bias/head.pt', 23, [32, 32]],
  ])('%s has a head whose tensors can all be mapped', async (file, count, shape) => {
    const checkpoint = await openCheckpoint(join(parityFolder, file));
    await checkpoint.close();
    expect(checkpoint.tensors.size).toBe(count);
    expect(checkpoint.tensors.get('net.0.weight')).toMatchObject({ type: 'F32', shape });
    expect(checkpoint.tensors.get('net.1.num_batches_tracked')).toMatchObject({ type: 'I64', shape: [] });
    expect([...checkpoint.tensors.values()].every(({ mapped }) => mapped !== null)).toBe(true);
  });

  it('refuses the malicious one by the name it wants to call, and runs nothing', async () => {
    const proof = '/tmp/banger-pwned';
    rmSync(proof, { force: true });
    const path = join(parityFolder, 'head', 'malicious.pt');
    await expect(openCheckpoint(path)).rejects.toMatchObject({
      code: 'checkpoint-refused',
      file: path,
      message: expect.stringContaining('"posix.system"') as string,
    });
    expect(existsSync(proof)).toBe(false);
  });
});

describe('tensors', () => {
  it('are mapped where they are stored and contiguous', async () => {
    const bytes = makeTorchFile({ pickle: py.dump(oneTensor), storages: sixValues });
    const path = write(bytes);
    const checkpoint = await openCheckpoint(path);
    const tensor = checkpoint.tensors.get('w');
    await checkpoint.close();
    const mapped = tensor?.mapped ?? expect.fail('not mapped');
    expect(mapped).toMatchObject({ file: path, byteLength: 24 });
    expect(bytes.subarray(mapped.offset, mapped.offset + 24)).toEqual(Buffer.from(sixValues['0']));
  });

  it.each([
    ['deflated', { deflated: true }],
    ['with 64-bit zip records', { zip64: true }],
    ['deflated with 64-bit zip records', { deflated: true, zip64: true }],
    ['without a stated byte order', { byteOrder: null }],
  ])('are read from an archive %s', async (_, form) => {
    const file = { pickle: py.dump(oneTensor), storages: sixValues, ...form };
    expect(await readValues(file)).toEqual({ w: [0, 1, 2, 3, 4, 5] });
  });

  it('are not said to be mapped when they are deflated', async () => {
    const file = { pickle: py.dump(oneTensor), storages: sixValues, deflated: true };
    const checkpoint = await openCheckpoint(write(makeTorchFile(file)));
    await checkpoint.close();
    expect(checkpoint.tensors.get('w')?.mapped).toBeNull();
  });

  it.each([true, false])('are gathered from views of one storage (deflated: %s)', async (deflated) => {
    const view = (shape: number[], strides: number[], offset = 0) =>
      py.tensor(sixStorage, shape, strides, offset);
    const tensors = {
      transposed: view([3, 2], [1, 3]),
      tail: view([2], [1], 4),
      everySecond: view([2], [2], 1),
      block: view([2, 1, 2], [3, 99, 1], 1),
      swapped: view([2, 1, 3], [1, 0, 2]),
      scalar: view([], [], 5),
      empty: view([0, 3], [3, 1]),
      repeated: view([2, 3], [0, 1], 3),
    };
    const pickle = py.dump(py.dict(Object.entries(tensors)));
    expect(await readValues({ pickle, storages: sixValues, deflated })).toEqual({
      transposed: [0, 3, 1, 4, 2, 5],
      tail: [4, 5],
      everySecond: [1, 3],
      block: [1, 2, 4, 5],
      swapped: [0, 2, 4, 1, 3, 5],
      scalar: [5],
      empty: [],
      repeated: [3, 4, 5, 3, 4, 5],
    });
  });

  it.each([
    ['DoubleStorage', 'F64', 8],
    ['HalfStorage', 'F16', 2],
    ['BFloat16Storage', 'BF16', 2],
    ['LongStorage', 'I64', 8],
    ['IntStorage', 'I32', 4],
    ['BoolStorage', 'BOOL', 1],
  ])('of %s keep their type, also when gathered', async (storageClass, type, width) => {
    const bytes = Uint8Array.from({ length: 4 * width }, (_, index) => index);
    const tensor = py.tensor(py.storage('k', storageClass, 4), [2, 2], [1, 2]);
    const read = await readCheckpoint(
      write(makeTorchFile({ pickle: py.dump(py.dict([['w', tensor]])), storages: { k: bytes } })),
    );
    const element = (index: number) => bytes.subarray(index * width, (index + 1) * width);
    const gathered = Buffer.concat([element(0), element(2), element(1), element(3)]);
    expect(read).toEqual({ w: { type, shape: [2, 2], bytes: gathered } });
  });
});

describe('state dicts', () => {
  const weights = py.orderedDict([['w', py.tensor(sixStorage, [6], [1])]]);

  it.each(['model_state_dict', 'state_dict', 'model'])(
    'are found under "%s" beside training notes',
    async (key) => {
      const scalar = py.call(
        py.global('numpy._core.multiarray', 'scalar'),
        py.withState(
          py.call(py.global('numpy', 'dtype'), py.text('f8'), py.false, py.true),
          py.tuple(py.int(3), py.text('<'), py.none),
        ),
        py.call(py.global('_codecs', 'encode'), py.text('\u0000'), py.text('latin1')),
      );
      const notes = py.dict([
        ['epoch', py.int(17)],
        ['steps', py.int(2 ** 40)],
        ['best_mae', py.float(0.25)],
        ['spearman', scalar],
        ['done', py.true],
        ['note', py.none],
        ['dtype', py.global('torch', 'float32')],
        ['device', py.call(py.global('torch', 'device'), py.text('cuda'), py.int(0))],
        ['input_shape', py.call(py.global('torch', 'Size'), py.tuple(py.int(1024)))],
        ['label_mean', py.tensor(sixStorage, [], [])],
        ['optimizer_state_dict', py.dict([['state', py.dict([[py.int(0), py.list(py.float(1))]])]])],
        [key, py.withState(weights, py.dict([['_metadata', py.orderedDict([])]]))],
      ]);
      expect(await readValues({ pickle: py.dump(notes), storages: sixValues })).toEqual({
        w: [0, 1, 2, 3, 4, 5],
      });
    },
  );

  it('may hold parameters, and values that are no tensors', async () => {
    const parameter = py.call(
      py.global('torch._utils', '_rebuild_parameter'),
      py.tensor(sixStorage, [6], [1]),
      py.true,
      py.orderedDict([]),
    );
    const pickle = py.dump(
      py.dict([
        ['w', parameter],
        ['version', py.int(1)],
        [py.int(3), parameter],
      ]),
    );
    expect(await readValues({ pickle, storages: sixValues })).toEqual({ w: [0, 1, 2, 3, 4, 5] });
  });

  it('may be written in protocol 4, with frames and memos by order', async () => {
    const short = (text: string) =>
      Buffer.concat([Buffer.of(0x8c, text.length), Buffer.from(text), Buffer.of(0x94)]);
    const stackGlobal = (module: string, name: string) =>
      Buffer.concat([short(module), short(name), Buffer.of(0x93, 0x94)]);
    const storage = Buffer.concat([
      py.tuple(
        py.text('storage'),
        stackGlobal('torch', 'FloatStorage'),
        short('0'),
        py.text('cpu'),
        py.int(6),
      ),
      Buffer.of(0x51),
    ]);
    const rebuild = stackGlobal('torch._utils', '_rebuild_tensor_v2');
    const tensor = py.call(
      rebuild,
      storage,
      py.int(0),
      py.tuple(py.int(6)),
      py.tuple(py.int(1)),
      py.true,
      py.dict([]),
    );
    const frame = Buffer.concat([Buffer.of(0x95), Buffer.alloc(8)]);
    const pickle = py.dump(Buffer.concat([frame, py.dict([[short('w'), tensor]])]), 4);
    expect(await readValues({ pickle, storages: sixValues })).toEqual({ w: [0, 1, 2, 3, 4, 5] });
  });
});

describe('what is refused', () => {
  const global = (module: string, name: string) => py.call(py.global(module, name), py.text('x'));

  it.each<[string, Buffer, string, string]>([
    ['another global', global('builtins', 'eval'), 'checkpoint-refused', '"builtins.eval"'],
    [
      'a global by way of the stack',
      Buffer.concat([py.text('os'), py.text('system'), Buffer.of(0x93)]),
      'checkpoint-refused',
      '"os.system"',
    ],
    [
      'a global that JavaScript knows',
      global('constructor', 'constructor'),
      'checkpoint-refused',
      '"constructor.constructor"',
    ],
    [
      'a whole module instead of its state',
      global('__main__', 'MLP'),
      'checkpoint-refused',
      '"__main__.MLP"',
    ],
    ['a call of what is no function', py.call(py.int(1)), 'checkpoint-refused', 'no function'],
    ['INST', Buffer.from('ios\nsystem\n'), 'checkpoint-refused', '0x69'],
    ['EXT1', Buffer.of(0x82, 1), 'checkpoint-refused', '0x82'],
    ['no state dict', py.list(py.int(1)), 'checkpoint-refused', 'no state dict'],
    ['a dict without tensors', py.dict([['a', py.int(1)]]), 'checkpoint-refused', 'no state dict'],
    ['state set on a number', py.withState(py.int(1), py.dict([])), 'checkpoint-refused', 'state'],
    ['an empty stack', Buffer.of(0x85), 'checkpoint-corrupt', 'stack'],
    ['a missing mark', Buffer.of(0x74), 'checkpoint-corrupt', 'mark'],
    ['an unknown memo', Buffer.of(0x68, 9), 'checkpoint-corrupt', 'stored'],
    ['text that never ends', Buffer.of(0x58, 0xff, 0xff, 0xff, 0xff), 'checkpoint-corrupt', 'ends too early'],
    [
      'text of 2^64 bytes',
      Buffer.concat([Buffer.of(0x8d), Buffer.alloc(8, 0xff)]),
      'checkpoint-corrupt',
      'ends too early',
    ],
    ['half a million objects', Buffer.alloc(600_000, 0x7d), 'checkpoint-refused', 'absurdly many objects'],
    ['millions of opcodes', Buffer.alloc(3_000_000, 0x4e), 'checkpoint-refused', 'absurdly long'],
    [
      'a storage with a path for a key',
      py.dict([['w', py.tensor(py.storage('../data.pkl', 'FloatStorage', 1), [1], [1])]]),
      'checkpoint-corrupt',
      'missing',
    ],
    [
      'a storage that is not there',
      py.dict([['w', py.tensor(py.storage('1', 'FloatStorage', 6), [6], [1])]]),
      'checkpoint-corrupt',
      'missing',
    ],
    [
      'a storage of another length',
      py.dict([['w', py.tensor(py.storage('0', 'FloatStorage', 7), [6], [1])]]),
      'checkpoint-corrupt',
      'wrong length',
    ],
    [
      'a tensor past its storage',
      py.dict([['w', py.tensor(sixStorage, [6], [1], 1)]]),
      'checkpoint-corrupt',
      'beyond',
    ],
    [
      'strides past the storage',
      py.dict([['w', py.tensor(sixStorage, [2, 3], [4, 1])]]),
      'checkpoint-corrupt',
      'beyond',
    ],
    [
      'a negative stride',
      py.dict([['w', py.tensor(sixStorage, [2], [-1], 3)]]),
      'checkpoint-corrupt',
      'impossible',
    ],
    [
      'a negative offset',
      py.dict([['w', py.tensor(sixStorage, [2], [1], -1)]]),
      'checkpoint-corrupt',
      'no storage',
    ],
    [
      'fewer strides than dimensions',
      py.dict([['w', py.tensor(sixStorage, [2, 3], [1])]]),
      'checkpoint-corrupt',
      'beyond',
    ],
    [
      'a size past every safe number',
      py.dict([['w', py.tensor(sixStorage, [2 ** 50, 2 ** 50], [0, 0])]]),
      'checkpoint-corrupt',
      'beyond',
    ],
    [
      'few values repeated into gigabytes',
      py.dict([['w', py.tensor(sixStorage, [2 ** 30], [0])]]),
      'checkpoint-refused',
      'repeats',
    ],
    [
      'a view with flags',
      py.dict([
        [
          'w',
          py.call(
            py.global('torch._utils', '_rebuild_tensor_v2'),
            sixStorage,
            py.int(0),
            py.tuple(py.int(1)),
            py.tuple(py.int(1)),
            py.false,
            py.dict([]),
            py.dict([['neg', py.true]]),
          ),
        ],
      ]),
      'checkpoint-refused',
      'negated',
    ],
  ])('%s', async (_, value, code, words) => {
    const path = write(makeTorchFile({ pickle: py.dump(value), storages: sixValues }));
    await expect(openCheckpoint(path)).rejects.toMatchObject({
      name: 'BangerError',
      code,
      file: path,
      message: expect.stringContaining(words) as string,
    });
  });

  it.each<[string, Partial<TorchFile>, string, string]>([
    ['a big-endian checkpoint', { byteOrder: 'big' }, 'checkpoint-refused', 'big-endian'],
    ['an unknown byte order', { byteOrder: 'middle' }, 'checkpoint-corrupt', 'byte order'],
    [
      'two pickles',
      { extraEntries: [{ name: 'other/data.pkl', data: py.dump(oneTensor) }] },
      'checkpoint-refused',
      'more than one',
    ],
    [
      'an entry stated twice',
      { extraEntries: [{ name: 'model/version', data: Buffer.of(1) }] },
      'checkpoint-refused',
      'twice',
    ],
    [
      'an encrypted entry',
      { extraEntries: [{ name: 'x', data: Buffer.of(1), claims: { flags: 1, compressedBytes: 13 } }] },
      'checkpoint-refused',
      'encrypted',
    ],
    [
      'an unknown compression',
      { extraEntries: [{ name: 'x', data: Buffer.of(1), claims: { method: 12 } }] },
      'checkpoint-refused',
      'unsupported method',
    ],
    [
      'entries that overlap',
      { extraEntries: [{ name: 'x', data: Buffer.of(1), claims: { localHeaderOffset: 0 } }] },
      'checkpoint-refused',
      'overlap',
    ],
    [
      'a zip bomb',
      { extraEntries: [{ name: 'x', data: Buffer.alloc(2 ** 25), deflated: true }] },
      'checkpoint-refused',
      'inflate',
    ],
    [
      'a size past the file',
      {
        extraEntries: [
          { name: 'x', data: Buffer.of(1), claims: { sizeBytes: 2 ** 31, compressedBytes: 2 ** 31 } },
        ],
      },
      'checkpoint-corrupt',
      'zip directory',
    ],
    [
      'a name that climbs',
      { extraEntries: [{ name: '../x', data: Buffer.of(1) }] },
      'checkpoint-corrupt',
      'zip directory',
    ],
  ])('%s', async (_, parts, code, words) => {
    const path = write(makeTorchFile({ pickle: py.dump(oneTensor), storages: sixValues, ...parts }));
    await expect(openCheckpoint(path)).rejects.toMatchObject({
      code,
      file: path,
      message: expect.stringContaining(words) as string,
    });
  });

  it.each<[string, { sizeBytes?: number; crc32?: number }]>([
    ['more than it inflates to', { sizeBytes: 25 }],
    ['less than it inflates to', { sizeBytes: 23 }],
    ['another checksum', { crc32: 1 }],
  ])('a deflated entry that states %s', async (_, claims) => {
    const entries = [
      {
        name: 'm/data.pkl',
        data: py.dump(
          py.dict([['w', py.tensor(py.storage('0', 'ByteStorage', claims.sizeBytes ?? 24), [4], [1])]]),
        ),
      },
      { name: 'm/data/0', data: sixValues['0'], deflated: true, claims },
    ];
    const checkpoint = await openCheckpoint(write(makeZip(entries)));
    try {
      await expect(checkpoint.tensors.get('w')?.readBytes()).rejects.toMatchObject({
        code: 'checkpoint-corrupt',
      });
    } finally {
      await checkpoint.close();
    }
  });

  it('a zip file without a pickle', async () => {
    const path = write(makeZip([{ name: 'song.txt', data: Buffer.from('la la') }]));
    await expect(openCheckpoint(path)).rejects.toMatchObject({ code: 'checkpoint-refused' });
  });
});

it('stops reading when the owner cancels', async () => {
  const checkpoint = await openCheckpoint(join(parityFolder, 'head', 'scorer_model.pt'));
  try {
    const read = checkpoint.tensors.get('net.0.weight')?.readBytes(AbortSignal.abort());
    await expect(read).rejects.toMatchObject({ code: 'cancelled' });
  } finally {
    await checkpoint.close();
  }
});
