/** Written safetensors files: read back the same, laid out as the reference does, whole or not there. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { bytesPerElement, type TensorType } from '../../../src/engine/models/checkpoint.ts';
import { openCheckpoint } from '../../../src/engine/models/open-checkpoint.ts';
import { streamSafetensors, writeSafetensors } from '../../../src/engine/models/safetensors-writer.ts';
import { failedWrite } from '../../../src/engine/models/checkpoint-errors.ts';
import { readCheckpoint } from '../../support/checkpoints.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { float32Bytes } from '../../support/torch-writer.ts';

const inFolder = useFreshFolder();

const vector = (name: string, ...values: number[]) => ({
  name,
  type: 'F32' as const,
  shape: [values.length],
  readBytes: () => float32Bytes(...values),
});

it('gives back all tensors that it was given', async () => {
  const tensor = fc
    .record({
      type: fc.constantFrom(...(Object.keys(bytesPerElement) as TensorType[])),
      shape: fc.array(fc.nat(3), { maxLength: 4 }),
    })
    .chain(({ type, shape }) => {
      const length = shape.reduce((product, size) => product * size, bytesPerElement[type]);
      return fc.uint8Array({ minLength: length, maxLength: length }).map((data) => ({ type, shape, data }));
    });
  const path = inFolder('model.safetensors');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.string(), tensor), { maxLength: 6 }), async (drawn) => {
      const tensors = new Map(drawn.filter(([name]) => name !== '__metadata__'));
      const written = [...tensors].map(([name, { type, shape, data }]) => ({
        name,
        type,
        shape,
        readBytes: () => data,
      }));
      await writeSafetensors(path, written);
      expect(await readCheckpoint(path)).toEqual(
        Object.fromEntries(
          written.map(({ name, type, shape, readBytes }) => [
            name,
            { type, shape, bytes: Buffer.from(readBytes()) },
          ]),
        ),
      );
    }),
    { numRuns: 60 },
  );
});

it('aligns values, keeps notes, tells the hash and the progress', async () => {
  const path = inFolder('new', 'folder', 'model.safetensors');
  const progress: number[] = [];
  const tensors = [
    { ...vector('byte'), type: 'U8' as const, shape: [3], readBytes: () => Uint8Array.of(1, 2, 3) },
    vector('b', 1),
    vector('a', 2),
  ];
  const written = await writeSafetensors(path, tensors, {
    metadata: { format: 'pt' },
    onProgress: ({ bytesDone, bytesTotal }) => progress.push(bytesDone / bytesTotal),
  });
  const bytes = readFileSync(path);
  expect(written).toEqual({
    sha256: createHash('sha256').update(bytes).digest('hex'),
    sizeBytes: bytes.length,
  });
  expect(progress.at(-1)).toBe(1);
  expect(progress).toEqual([...progress].sort());
  const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())).toString()) as object;
  expect(Object.keys(header)).toEqual(['__metadata__', 'a', 'b', 'byte']);
  const checkpoint = await openCheckpoint(path);
  await checkpoint.close();
  expect((checkpoint.tensors.get('a')?.mapped?.offset ?? 1) % 8).toBe(0);
});

describe('a write that fails', () => {
  it.each([
    ['because a tensor cannot be read', () => Promise.reject(new Error('gone')), 'gone'],
    ['because a tensor is not as long as it says', () => Uint8Array.of(1), 'needs 4'],
  ])('%s leaves what was there', async (_, readBytes, words) => {
    const path = inFolder('model.safetensors');
    await writeSafetensors(path, [vector('old', 1)]);
    const before = readFileSync(path);
    const failing = [vector('a', 1), { ...vector('b', 1), readBytes }];
    await expect(writeSafetensors(path, failing)).rejects.toThrow(words);
    expect(readFileSync(path)).toEqual(before);
    expect(readdirSync(inFolder())).toEqual(['model.safetensors']);
  });

  it('leaves nothing when it is cancelled midway', async () => {
    const controller = new AbortController();
    const path = inFolder('model.safetensors');
    const cancelling = {
      ...vector('b', 1),
      readBytes: () => {
        controller.abort();
        return float32Bytes(1);
      },
    };
    const writing = writeSafetensors(path, [vector('a', 1), cancelling], { signal: controller.signal });
    await expect(writing).rejects.toMatchObject({ code: 'cancelled' });
    expect(readdirSync(inFolder())).toEqual([]);
  });

  it('says where it may not write', async () => {
    writeFileSync(inFolder('file'), '');
    mkdirSync(inFolder('taken.safetensors', 'x'), { recursive: true });
    for (const path of [inFolder('file', 'model.safetensors'), inFolder('taken.safetensors')]) {
      await expect(writeSafetensors(path, [vector('a', 1)])).rejects.toMatchObject({
        code: 'file-unwritable',
        file: path,
      });
    }
  });

  it.skipIf(!existsSync('/dev/full'))('says that the drive is full', async () => {
    const full = await open('/dev/full', 'w');
    try {
      const error: unknown = await streamSafetensors(full, [vector('a', 1)]).catch(
        (thrown: unknown) => thrown,
      );
      expect(failedWrite('model.safetensors', error)).toMatchObject({ code: 'disk-full' });
    } finally {
      await full.close();
    }
  });

  it('refuses two tensors of one name', async () => {
    await expect(writeSafetensors(inFolder('x'), [vector('a', 1), vector('a', 2)])).rejects.toThrow(
      'same name',
    );
  });
});
