/** Opening whatever lies at a path: forms by content, shards, download caches, folders, and files that are damaged. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Checkpoint } from '../../../src/engine/models/checkpoint.ts';
import { openCheckpoint, openEncoderCheckpoint } from '../../../src/engine/models/open-checkpoint.ts';
import { readTorchPickle } from '../../../src/engine/models/torch-pickle.ts';
import { BangerError } from '../../../src/shared/errors.ts';
import { makeSafetensors, outcomeOfReading, readAllTensors } from '../../support/checkpoints.ts';
import { parityFolder } from '../../support/parity.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { float32Bytes, makeTorchFile, py } from '../../support/torch-writer.ts';

const inFolder = useFreshFolder();

function write(name: string, content: string | Uint8Array): string {
  const path = inFolder(name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** A safetensors file with float32 vectors. */
function vectors(tensors: Record<string, number[]>): Buffer {
  let end = 0;
  const header = Object.entries(tensors).map(([name, values]) => {
    const begin = end;
    end += values.length * 4;
    return [name, { dtype: 'F32', shape: [values.length], data_offsets: [begin, end] }];
  });
  return makeSafetensors(Object.fromEntries(header), float32Bytes(...Object.values(tensors).flat()));
}

const index = (weightMap: unknown) => JSON.stringify({ metadata: { total_size: 1 }, weight_map: weightMap });

const smallTorchFile = makeTorchFile({
  pickle: py.dump(py.dict([['a', py.tensor(py.storage('0', 'FloatStorage', 2), [2], [1])]])),
  storages: { '0': float32Bytes(1, 2) },
});

async function use<Result>(
  pending: Promise<Checkpoint>,
  action: (checkpoint: Checkpoint) => Result,
): Promise<Awaited<Result>> {
  const checkpoint = await pending;
  try {
    return await action(checkpoint);
  } finally {
    await checkpoint.close();
  }
}

describe('the form of a file', () => {
  it('is told by its content, whatever its name', async () => {
    const torch = write('model.safetensors', smallTorchFile);
    const safetensors = write('pytorch_model.bin', vectors({ a: [1] }));
    expect(await use(openCheckpoint(torch), ({ format }) => format)).toBe('torch');
    expect(await use(openCheckpoint(safetensors), ({ format }) => format)).toBe('safetensors');
  });

  it.each<[string, string | Uint8Array, string, string]>([
    ['of no bytes', '', 'checkpoint-corrupt', 'neither'],
    ['of a few bytes', 'PK', 'checkpoint-corrupt', 'neither'],
    ['of zeros', Buffer.alloc(4096), 'checkpoint-corrupt', 'neither'],
    ['of prose', 'Not a model at all, just some words.', 'checkpoint-corrupt', 'neither'],
    ['of HTML', '<!doctype html><title>404</title>', 'checkpoint-corrupt', 'neither'],
    ['of JSON that is no index', '{"model_type": "hubert"}', 'checkpoint-corrupt', 'weight_map'],
    [
      'that stands in for a large file',
      'version https://git-lfs.github.com/spec/v1\noid sha256:00\n',
      'checkpoint-refused',
      'Git LFS',
    ],
    ['of old PyTorch', Buffer.from('80028a0a6cfc9c46f9206aa850192e8002', 'hex'), 'checkpoint-refused', '1.6'],
    [
      'that is a bare pickle',
      py.dump(py.call(py.global('os', 'system'), py.text('true'))),
      'checkpoint-refused',
      '1.6',
    ],
    [
      'that is only the head of a zip',
      'PK\x03\x04aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      'checkpoint-corrupt',
      'zip directory',
    ],
  ])('%s is refused with a reason', async (_, content, code, words) => {
    const path = write('model.bin', content);
    await expect(openCheckpoint(path)).rejects.toMatchObject({
      name: 'BangerError',
      code,
      file: path,
      message: expect.stringContaining(words) as string,
      nextStep: expect.any(String) as string,
    });
  });

  it('is not asked of what is no file', async () => {
    mkdirSync(inFolder('folder.safetensors'));
    execFileSync('mkfifo', [inFolder('pipe.pt')]);
    symlinkSync(inFolder('loop'), inFolder('loop'));
    for (const name of ['folder.safetensors', 'pipe.pt', 'loop', 'x'.repeat(300)]) {
      await expect(openCheckpoint(inFolder(name))).rejects.toMatchObject({ code: 'file-unreadable' });
    }
    await expect(openCheckpoint('/dev/zero')).rejects.toMatchObject({ code: 'file-unreadable' });
    await expect(openCheckpoint('with\0zero')).rejects.toMatchObject({ code: 'file-unreadable' });
    await expect(openCheckpoint(inFolder('nothing.pt'))).rejects.toMatchObject({ code: 'model-missing' });
  });

  it('is not asked of a file that may not be read', async () => {
    const path = write('secret.safetensors', vectors({ a: [1] }));
    chmodSync(path, 0o000);
    const isRoot = process.geteuid?.() === 0;
    // Root reads everything, so it becomes nobody for a moment.
    if (isRoot) process.seteuid?.(65_534);
    try {
      await expect(openCheckpoint(path)).rejects.toMatchObject({ code: 'file-unreadable', file: path });
      await expect(openEncoderCheckpoint(inFolder())).rejects.toMatchObject({
        code: isRoot ? 'file-unreadable' : 'model-missing',
      });
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });
});

describe('a checkpoint in shards', () => {
  const shards = () => {
    write('model-00001-of-00002.safetensors', vectors({ a: [1, 2], unused: [0] }));
    write('model-00002-of-00002.safetensors', vectors({ b: [3] }));
  };
  const firstShard = 'model-00001-of-00002.safetensors';
  const secondShard = 'model-00002-of-00002.safetensors';

  it('is one checkpoint of the tensors that its index names', async () => {
    shards();
    const path = write('model.safetensors.index.json', index({ b: secondShard, a: firstShard }));
    await use(openCheckpoint(path), async (checkpoint) => {
      expect(checkpoint).toMatchObject({ path, format: 'safetensors' });
      expect([...checkpoint.files].sort()).toEqual([inFolder(firstShard), inFolder(secondShard)]);
      expect([...checkpoint.tensors.keys()]).toEqual(['b', 'a']);
      expect(checkpoint.tensors.get('a')?.mapped?.file).toBe(inFolder(firstShard));
      expect((await readAllTensors(checkpoint))['b']?.bytes).toEqual(Buffer.from(float32Bytes(3)));
    });
  });

  it('may be made of PyTorch files', async () => {
    write('pytorch_model-00001-of-00001.bin', smallTorchFile);
    write('pytorch_model.bin.index.json', index({ a: 'pytorch_model-00001-of-00001.bin' }));
    const names = await use(openEncoderCheckpoint(inFolder()), ({ format, tensors }) => [
      format,
      ...tensors.keys(),
    ]);
    expect(names).toEqual(['torch', 'a']);
  });

  it('is found in a download cache, where every name is a link to a file named by its hash', async () => {
    const blobs = {
      first: vectors({ a: [1] }),
      second: vectors({ b: [2] }),
      index: index({ a: firstShard, b: secondShard }),
    };
    for (const [hash, content] of Object.entries(blobs)) write(join('repo', 'blobs', hash), content);
    const snapshot = inFolder('repo', 'snapshots', 'abc');
    mkdirSync(snapshot, { recursive: true });
    symlinkSync('../../blobs/first', join(snapshot, firstShard));
    symlinkSync('../../blobs/second', join(snapshot, secondShard));
    symlinkSync('../../blobs/index', join(snapshot, 'model.safetensors.index.json'));
    await use(openEncoderCheckpoint(snapshot), (checkpoint) => {
      const files = [...checkpoint.tensors.values()].map(({ mapped }) => mapped?.file);
      expect(files).toEqual([inFolder('repo', 'blobs', 'first'), inFolder('repo', 'blobs', 'second')]);
      expect(checkpoint.files).toEqual(files);
    });
  });

  it.each([
    ['above its folder', '../model.safetensors'],
    ['at an absolute path', '/etc/passwd'],
    ['in a folder', 'deep/model.safetensors'],
    ['with a backslash', '..\\model.safetensors'],
    ['without a name', ''],
    ['that is its folder', '.'],
    ['that is no text', 7],
  ])('is refused when its index names a shard %s', async (_, shard) => {
    const path = write('model.safetensors.index.json', index({ a: shard }));
    await expect(openCheckpoint(path)).rejects.toMatchObject({ code: 'checkpoint-refused', file: path });
  });

  it.each<[string, unknown, string]>([
    ['a missing shard', { a: firstShard, b: 'model-00003-of-00002.safetensors' }, 'model-missing'],
    ['a tensor that its shard lacks', { a: secondShard }, 'checkpoint-corrupt'],
    ['no tensors', {}, 'checkpoint-corrupt'],
    ['itself as a shard', { a: 'model.safetensors.index.json' }, 'checkpoint-corrupt'],
    [
      'a thousand shards',
      Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`${i}`, `shard-${i}`])),
      'checkpoint-refused',
    ],
  ])('is refused when its index names %s', async (_, weightMap, code) => {
    shards();
    const path = write('model.safetensors.index.json', index(weightMap));
    await expect(openCheckpoint(path)).rejects.toMatchObject({ name: 'BangerError', code });
  });
});

describe('a folder', () => {
  it('gives safetensors before its index before PyTorch', async () => {
    const formOf = () => use(openEncoderCheckpoint(inFolder()), ({ path }) => path);
    write('pytorch_model.bin', smallTorchFile);
    expect(await formOf()).toBe(inFolder('pytorch_model.bin'));
    write('shard.safetensors', vectors({ a: [1] }));
    write('model.safetensors.index.json', index({ a: 'shard.safetensors' }));
    expect(await formOf()).toBe(inFolder('model.safetensors.index.json'));
    write('model.safetensors', vectors({ a: [1] }));
    expect(await formOf()).toBe(inFolder('model.safetensors'));
  });

  it('without weights, or that is none, is said to be so', async () => {
    const file = write('config.json', '{}');
    for (const folder of [inFolder(), file, inFolder('nowhere')]) {
      await expect(openEncoderCheckpoint(folder)).rejects.toMatchObject({
        code: 'model-missing',
        file: folder,
      });
    }
  });

  it.each(['tiny-330m-like', 'tiny-95m-like', 'tiny-95m-like-fp16', 'tiny-layernorm-bias'])(
    '%s of the reference opens',
    async (name) => {
      const count = await use(
        openEncoderCheckpoint(join(parityFolder, 'encoders', name)),
        ({ tensors }) => tensors.size,
      );
      expect(count).toBeGreaterThan(50);
    },
  );
});

describe('damage', () => {
  const head = readFileSync(join(parityFolder, 'encoders', 'tiny-layernorm-bias', 'head.pt'));
  const deflated = makeTorchFile({
    pickle: py.dump(py.orderedDict([['a', py.tensor(py.storage('0', 'FloatStorage', 64), [8, 8], [1, 8])]])),
    storages: { '0': float32Bytes(...Array.from({ length: 64 }, (_, i) => i)) },
    deflated: true,
    zip64: true,
  });
  const whole: Record<string, Buffer> = {
    'PyTorch zip': head,
    'deflated PyTorch zip64': deflated,
    'small PyTorch zip': smallTorchFile,
    safetensors: vectors({ 'net.0.weight': [1, 2, 3], 'net.0.bias': [4] }),
    index: Buffer.from(index({ a: 'a.safetensors' })),
  };

  it.each(Object.entries(whole))(
    'of any kind to a %s file gives a typed error or a valid result',
    async (_, bytes) => {
      const path = inFolder('model');
      const position = fc.nat(bytes.length - 1);
      const damage = fc.oneof(
        fc.record({ kind: fc.constant('cut' as const), at: position }),
        fc.record({
          kind: fc.constant('grow' as const),
          tail: fc.uint8Array({ minLength: 1, maxLength: 64 }),
        }),
        fc.record({
          kind: fc.constant('drop' as const),
          at: position,
          count: fc.integer({ min: 1, max: 64 }),
        }),
        fc.record({
          kind: fc.constant('flip' as const),
          bits: fc.array(fc.tuple(position, fc.nat(7)), { minLength: 1, maxLength: 8 }),
        }),
        fc.record({
          kind: fc.constant('fill' as const),
          at: position,
          value: fc.nat(255),
          count: fc.integer({ min: 1, max: 16 }),
        }),
      );
      await fc.assert(
        fc.asyncProperty(damage, async (change) => {
          let damaged = Buffer.from(bytes);
          if (change.kind === 'cut') damaged = damaged.subarray(0, change.at);
          if (change.kind === 'grow') damaged = Buffer.concat([damaged, change.tail]);
          if (change.kind === 'drop')
            damaged = Buffer.concat([
              damaged.subarray(0, change.at),
              damaged.subarray(change.at + change.count),
            ]);
          if (change.kind === 'flip')
            for (const [at, bit] of change.bits) damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
          if (change.kind === 'fill')
            damaged.fill(change.value, change.at, Math.min(damaged.length, change.at + change.count));
          writeFileSync(path, damaged);
          expect(await outcomeOfReading(path)).toMatch(
            /^(valid|checkpoint-(corrupt|refused)|model-missing|file-unreadable)$/,
          );
        }),
        { numRuns: 400 },
      );
    },
  );

  it('that leaves nothing of a checkpoint gives a typed error', async () => {
    const path = inFolder('model');
    const start = fc.constantFrom('', 'PK\x03\x04', '{', '\x80\x02', '\x10\0\0\0\0\0\0\0{');
    await fc.assert(
      fc.asyncProperty(start, fc.uint8Array({ maxLength: 200 }), async (head, tail) => {
        writeFileSync(path, Buffer.concat([Buffer.from(head, 'latin1'), tail]));
        expect(await outcomeOfReading(path)).toMatch(/^checkpoint-(corrupt|refused)$/);
      }),
      { numRuns: 400 },
    );
  });

  it('in a pickle gives a typed error or a value', () => {
    const opcode = fc.oneof(
      {
        weight: 3,
        arbitrary: fc
          .constantFrom(
            0x28,
            0x29,
            0x5d,
            0x7d,
            0x4e,
            0x52,
            0x62,
            0x51,
            0x65,
            0x73,
            0x75,
            0x85,
            0x86,
            0x94,
            0x93,
            0x61,
          )
          .map((code) => Buffer.of(code)),
      },
      { weight: 1, arbitrary: fc.nat(255).map((code) => Buffer.of(code)) },
      {
        weight: 2,
        arbitrary: fc.tuple(fc.constantFrom(0x68, 0x71, 0x4b), fc.nat(9)).map((bytes) => Buffer.from(bytes)),
      },
      {
        weight: 3,
        arbitrary: fc.constantFrom(
          py.global('torch', 'FloatStorage'),
          py.global('torch._utils', '_rebuild_tensor_v2'),
          py.global('torch._utils', '_rebuild_parameter'),
          py.global('collections', 'OrderedDict'),
          py.global('torch', 'Size'),
          py.storage('0', 'FloatStorage', 2),
          py.tuple(py.int(1), py.int(2)),
          py.text('storage'),
        ),
      },
    );
    fc.assert(
      fc.property(fc.array(opcode, { maxLength: 40 }), (opcodes) => {
        try {
          readTorchPickle('x', py.dump(Buffer.concat(opcodes)));
        } catch (error) {
          expect(error).toBeInstanceOf(BangerError);
        }
      }),
      { numRuns: 5_000 },
    );
  });
});
