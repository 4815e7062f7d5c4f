/** safetensors files: what is read from good ones, and how every kind of bad header is refused. */
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readFloat32, type TensorType } from '../../../src/engine/models/checkpoint.ts';
import { openCheckpoint } from '../../../src/engine/models/open-checkpoint.ts';
import { parseSafetensorsHeader } from '../../../src/engine/models/safetensors.ts';
import { BangerError } from '../../../src/shared/errors.ts';
import { makeSafetensors, readCheckpoint } from '../../support/checkpoints.ts';
import { parityFolder } from '../../support/parity.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { float32Bytes } from '../../support/torch-writer.ts';

const inFolder = useFreshFolder();

function write(bytes: Uint8Array): string {
  const path = inFolder('model.safetensors');
  writeFileSync(path, bytes);
  return path;
}

describe('a good file', () => {
  it('gives names, types, shapes, values and where they lie', async () => {
    const data = Buffer.concat([float32Bytes(1, 2, 3, 4), Buffer.of(7)]);
    const bytes = makeSafetensors(
      {
        __metadata__: { format: 'pt' },
        flag: { dtype: 'U8', shape: [], data_offsets: [16, 17] },
        'net.0.weight': { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] },
        empty: { dtype: 'F32', shape: [0, 3], data_offsets: [16, 16] },
      },
      data,
    );
    const path = write(bytes);
    const checkpoint = await openCheckpoint(path);
    try {
      expect([...checkpoint.tensors.keys()].sort()).toEqual(['empty', 'flag', 'net.0.weight']);
      const weight = checkpoint.tensors.get('net.0.weight');
      expect(weight).toMatchObject({ type: 'F32', shape: [2, 2], byteLength: 16 });
      expect(weight?.mapped).toEqual({ file: path, offset: bytes.length - data.length, byteLength: 16 });
      expect(await weight?.readBytes()).toEqual(float32Bytes(1, 2, 3, 4));
      expect(await checkpoint.tensors.get('flag')?.readBytes()).toEqual(Uint8Array.of(7));
      expect(checkpoint).toMatchObject({ path, format: 'safetensors', files: [path] });
    } finally {
      await checkpoint.close();
    }
  });

  it('widens F16 and BF16 exactly and refuses other types as weights', async () => {
    const half = new Uint8Array(Float16Array.of(0.5, -65504, 6e-8).buffer);
    const brain = new Uint8Array(Uint16Array.of(0x3fc0, 0xff80).buffer);
    const path = write(
      makeSafetensors(
        {
          half: { dtype: 'F16', shape: [3], data_offsets: [0, 6] },
          brain: { dtype: 'BF16', shape: [2], data_offsets: [6, 10] },
          whole: { dtype: 'I64', shape: [], data_offsets: [10, 18] },
        },
        Buffer.concat([half, brain, Buffer.alloc(8, 1)]),
      ),
    );
    const checkpoint = await openCheckpoint(path);
    try {
      const read = (name: string) => readFloat32(checkpoint.tensors.get(name) ?? expect.fail(name));
      expect([...(await read('half'))]).toEqual([0.5, -65504, Math.fround(2 ** -24)]);
      expect([...(await read('brain'))]).toEqual([1.5, -Infinity]);
      await expect(read('whole')).rejects.toMatchObject({ code: 'checkpoint-refused' });
    } finally {
      await checkpoint.close();
    }
  });

  it('reads the half-precision copy of a model to within half precision', async () => {
    const read = async (encoder: string) => {
      const checkpoint = await openCheckpoint(join(parityFolder, 'encoders', encoder, 'model.safetensors'));
      const values = new Map<string, Float32Array>();
      for (const tensor of checkpoint.tensors.values()) values.set(tensor.name, await readFloat32(tensor));
      await checkpoint.close();
      return values;
    };
    const whole = await read('tiny-95m-like');
    const halved = await read('tiny-95m-like-fp16');
    expect([...halved.keys()]).toEqual([...whole.keys()]);
    for (const [name, values] of whole) {
      expect([...(halved.get(name) ?? [])]).toEqual([...new Float32Array(Float16Array.from(values))]);
    }
  });

  it('keeps names apart that are special in JavaScript', async () => {
    const entry = (begin: number) => `{"dtype":"U8","shape":[1],"data_offsets":[${begin},${begin + 1}]}`;
    const header = `{"__proto__":${entry(0)},"constructor":${entry(1)},"1":${entry(2)}}`;
    const tensors = await openCheckpoint(write(makeSafetensors(header, Uint8Array.of(5, 6, 7))));
    try {
      expect([...tensors.tensors.keys()]).toEqual(['__proto__', 'constructor', '1']);
      expect(await tensors.tensors.get('__proto__')?.readBytes()).toEqual(Uint8Array.of(5));
    } finally {
      await tensors.close();
    }
  });
});

describe('a bad header', () => {
  const one = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };
  const four = float32Bytes(1);

  it.each<[string, unknown, Uint8Array, string]>([
    ['that is not JSON', '{"a":', four, 'checkpoint-corrupt'],
    [
      'with a name stated twice',
      `{"a":${JSON.stringify(one)},"a":${JSON.stringify(one)}}`,
      four,
      'checkpoint-corrupt',
    ],
    [
      'with a field stated twice',
      '{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}',
      four,
      'checkpoint-corrupt',
    ],
    [
      'with invalid UTF-8',
      Buffer.from('{"\xff":1}', 'latin1').toString('latin1'),
      four,
      'checkpoint-corrupt',
    ],
    ['nested without end', '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000), four, 'checkpoint-refused'],
    ['of millions of values', `{"a":[${'[],'.repeat(2_000_000)}1]}`, four, 'checkpoint-refused'],
    ['with an entry that is no object', { a: 1 }, four, 'checkpoint-corrupt'],
    ['without a type', { a: { shape: [1], data_offsets: [0, 4] } }, four, 'checkpoint-corrupt'],
    ['with an unknown type', { a: { ...one, dtype: 'F31' } }, four, 'checkpoint-refused'],
    ['with a type from the prototype', { a: { ...one, dtype: 'toString' } }, four, 'checkpoint-refused'],
    ['with a negative dimension', { a: { ...one, shape: [-1] } }, four, 'checkpoint-corrupt'],
    ['with a broken dimension', { a: { ...one, shape: [0.5] } }, four, 'checkpoint-corrupt'],
    ['with an unsafe dimension', { a: { ...one, shape: [2 ** 60] } }, four, 'checkpoint-corrupt'],
    ['whose size overflows', { a: { ...one, shape: [2 ** 40, 2 ** 40] } }, four, 'checkpoint-corrupt'],
    [
      'whose size overflows to nothing',
      { a: { dtype: 'F32', shape: [2 ** 50, 2 ** 50, 0], data_offsets: [0, 0] } },
      Buffer.of(),
      'checkpoint-corrupt',
    ],
    [
      'with a shape too small',
      { a: { ...one, shape: [], data_offsets: [0, 8] } },
      float32Bytes(1, 2),
      'checkpoint-corrupt',
    ],
    ['with offsets turned round', { a: { ...one, data_offsets: [4, 0] } }, four, 'checkpoint-corrupt'],
    [
      'that ends behind the file',
      { a: { dtype: 'F32', shape: [2 ** 40], data_offsets: [0, 2 ** 42] } },
      four,
      'checkpoint-corrupt',
    ],
    ['with overlapping tensors', { a: one, b: one }, four, 'checkpoint-corrupt'],
    [
      'with a gap',
      { a: one, b: { ...one, data_offsets: [8, 12] } },
      float32Bytes(1, 2, 3),
      'checkpoint-corrupt',
    ],
    ['with bytes behind the last tensor', { a: one }, float32Bytes(1, 2), 'checkpoint-corrupt'],
  ])('%s is refused', async (_, header, data, code) => {
    const path = write(makeSafetensors(header, data));
    await expect(openCheckpoint(path)).rejects.toMatchObject({ name: 'BangerError', code, file: path });
  });

  it.each([
    ['behind the end of the file', 1_000n, 'checkpoint-corrupt'],
    ['past every safe number', 2n ** 64n - 1n, 'checkpoint-corrupt'],
    ['of 2 GiB in a file as large', 2n ** 31n, 'checkpoint-refused'],
  ])('that claims a length %s allocates nothing', async (_, length, code) => {
    const head = Buffer.alloc(16, '{');
    head.writeBigUInt64LE(length);
    const path = write(head);
    if (code === 'checkpoint-refused') truncateSync(path, 2 ** 31 + 8);
    const before = process.memoryUsage().arrayBuffers;
    await expect(openCheckpoint(path)).rejects.toMatchObject({ code });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
  });

  it('of any form gives entries that fill the file, or a typed error', () => {
    const number = fc.oneof(fc.nat(64), fc.integer(), fc.double(), fc.constant(2 ** 53));
    const entry = fc.oneof(
      fc.record({
        dtype: fc.constantFrom('F32', 'F16', 'I64', 'U8', 'F4', '__proto__'),
        shape: fc.array(number, { maxLength: 4 }),
        data_offsets: fc.tuple(number, number),
      }),
      fc.jsonValue(),
    );
    const header = fc.oneof(
      fc.dictionary(fc.string(), entry).map((value) => JSON.stringify(value)),
      fc.json(),
    );
    fc.assert(
      fc.property(header, fc.nat(256), (json, dataBytes) => {
        try {
          const entries = parseSafetensorsHeader('x', Buffer.from(json), dataBytes);
          expect(entries.reduce((sum, { begin, end }) => sum + end - begin, 0)).toBe(dataBytes);
        } catch (error) {
          expect(error).toBeInstanceOf(BangerError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

it('gives back whatever tensors are laid out by the format', async () => {
  const types = fc.constantFrom<TensorType>('F32', 'F16', 'BF16', 'I64', 'U8');
  const width = { F32: 4, F16: 2, BF16: 2, I64: 8, U8: 1 } as Partial<Record<TensorType, number>>;
  const tensor = fc
    .record({ type: types, shape: fc.array(fc.nat(4), { maxLength: 4 }) })
    .chain(({ type, shape }) => {
      const byteLength = shape.reduce((product, size) => product * size, width[type] ?? 0);
      return fc
        .uint8Array({ minLength: byteLength, maxLength: byteLength })
        .map((data) => ({ type, shape, data }));
    });
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.string(), tensor, { maxKeys: 6, noNullPrototype: true }),
      async (tensors) => {
        let offset = 0;
        const named = Object.entries(tensors).filter(([name]) => name !== '__metadata__');
        const header = named.map(([name, { type, shape, data }]) => {
          const offsets = [offset, (offset += data.length)];
          return [name, { dtype: type, shape, data_offsets: offsets }] as const;
        });
        const bytes = makeSafetensors(
          Object.fromEntries(header),
          Buffer.concat(named.map(([, { data }]) => data)),
        );
        expect(await readCheckpoint(write(bytes))).toEqual(
          Object.fromEntries(
            named.map(([name, { type, shape, data }]) => [name, { type, shape, bytes: Buffer.from(data) }]),
          ),
        );
      },
    ),
    { numRuns: 60 },
  );
});
