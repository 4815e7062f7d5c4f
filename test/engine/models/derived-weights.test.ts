/** The cache of weights that cannot be mapped: when it is used, that it heals, and that nothing half-written stays. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import type { Checkpoint } from '../../../src/engine/models/checkpoint.ts';
import {
  listDerivedWeights,
  prepareMappableCheckpoint,
  removeDerivedWeights,
} from '../../../src/engine/models/derived-weights.ts';
import { openCheckpoint } from '../../../src/engine/models/open-checkpoint.ts';
import { writeSafetensors } from '../../../src/engine/models/safetensors-writer.ts';
import { readAllTensors } from '../../support/checkpoints.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { parityFolder } from '../../support/parity.ts';
import { makeTorchFile, py } from '../../support/torch-writer.ts';

const inFolder = useFreshFolder();
const cacheFolder = () => inFolder('cache');
const contentKey = 'abc-123';

/** More than is inlined, in two halves. */
const halfElements = 2_200_000;

/** Values of one tensor, which deflate as badly as weights do. */
const weights = (() => {
  const values = new Uint32Array(halfElements);
  let state = 1;
  for (let index = 0; index < values.length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    values[index] = 0x3f000000 | (state >>> 9);
  }
  return Buffer.from(values.buffer);
})();

/** A checkpoint file that cannot be mapped: large and deflated. */
const deflatedFile = (() => {
  const shape = [2, halfElements / 2];
  const tensor = (key: string) =>
    py.tensor(py.storage(key, 'FloatStorage', halfElements), shape, [halfElements / 2, 1]);
  const tensors = py.dict([
    ['a', tensor('0')],
    ['b', tensor('1')],
    ['unused', tensor('1')],
  ]);
  return makeTorchFile({
    pickle: py.dump(tensors),
    storages: { '0': weights, '1': weights },
    deflated: true,
  });
})();

function openDeflated(): Promise<Checkpoint> {
  const path = inFolder('model.bin');
  if (!existsSync(path)) writeFileSync(path, deflatedFile);
  return openCheckpoint(path);
}

async function prepare(
  names = ['a', 'b'],
  options: {
    signal?: AbortSignal;
    onProgress?: (progress: { bytesDone: number; bytesTotal: number }) => void;
  } = {},
): Promise<{ writes: number; files: readonly string[]; names: string[] }> {
  const original = await openDeflated();
  let writes = 0;
  try {
    const prepared = await prepareMappableCheckpoint(original, names, {
      cacheFolder: cacheFolder(),
      contentKey,
      ...options,
      onProgress: (progress) => {
        if (progress.bytesDone === progress.bytesTotal) writes += 1;
        options.onProgress?.(progress);
      },
    });
    try {
      expect(prepared).not.toBe(original);
      const found = await readAllTensors(prepared);
      for (const name of names) expect(found[name]?.bytes.equals(weights)).toBe(true);
      return { writes, files: prepared.files, names: [...prepared.tensors.keys()] };
    } finally {
      await prepared.close();
    }
  } finally {
    await original.close();
  }
}

const weightsFile = () => join(cacheFolder(), `${contentKey}.safetensors`);

describe('a checkpoint is used in place', () => {
  it('when all that is needed can be mapped from one folder', async () => {
    const checkpoint = await openCheckpoint(
      join(parityFolder, 'encoders', 'tiny-330m-like', 'pytorch_model.bin'),
    );
    const options = { cacheFolder: cacheFolder(), contentKey };
    const prepared = await prepareMappableCheckpoint(checkpoint, checkpoint.tensors.keys(), options);
    await checkpoint.close();
    expect(prepared).toBe(checkpoint);
    expect(existsSync(cacheFolder())).toBe(false);
  });

  it('when what cannot be mapped is small, or is not needed, or is not there', async () => {
    const checkpoint = await openDeflated();
    const options = { cacheFolder: cacheFolder(), contentKey };
    for (const needed of [['a'], ['nothing'], []]) {
      expect(await prepareMappableCheckpoint(checkpoint, needed, options)).toBe(checkpoint);
    }
    await checkpoint.close();
    expect(existsSync(cacheFolder())).toBe(false);
  });
});

describe('the cache', () => {
  it('holds what is needed as mappable weights, written once', async () => {
    expect(await prepare()).toEqual({ writes: 1, files: [weightsFile()], names: ['a', 'b'] });
    expect((await prepare()).writes).toBe(0);
    expect(readdirSync(cacheFolder()).filter((name) => /partial|lock/.test(name))).toEqual([]);
    const checkpoint = await openCheckpoint(weightsFile());
    await checkpoint.close();
    expect([...checkpoint.tensors.values()].every(({ mapped }) => mapped !== null)).toBe(true);
  });

  it('brings shards of several folders into one', async () => {
    const shard = async (folder: string, name: string) => {
      mkdirSync(inFolder(folder), { recursive: true });
      const path = inFolder(folder, 'shard.safetensors');
      await writeSafetensors(path, [{ name, type: 'U8', shape: [2], readBytes: () => Uint8Array.of(1, 2) }]);
      return openCheckpoint(path);
    };
    const [one, two] = [await shard('one', 'a'), await shard('two', 'b')];
    const joined: Checkpoint = {
      ...one,
      files: [...one.files, ...two.files],
      tensors: new Map([...one.tensors, ...two.tensors]),
    };
    const prepared = await prepareMappableCheckpoint(joined, ['a', 'b'], {
      cacheFolder: cacheFolder(),
      contentKey,
    });
    expect(prepared.files).toEqual([weightsFile()]);
    expect([...prepared.tensors.keys()]).toEqual(['a', 'b']);
    await Promise.all([one.close(), two.close(), prepared.close()]);
  });

  it.each<[string, () => void]>([
    [
      'has a flipped bit',
      () => {
        const bytes = readFileSync(weightsFile());
        const middle = bytes.length >> 1;
        bytes[middle] = (bytes[middle] ?? 0) ^ 1;
        writeFileSync(weightsFile(), bytes);
      },
    ],
    [
      'is cut',
      () => {
        truncateSync(weightsFile(), 1000);
      },
    ],
    [
      'is empty',
      () => {
        truncateSync(weightsFile(), 0);
      },
    ],
    [
      'lost its record',
      () => {
        writeFileSync(join(cacheFolder(), `${contentKey}.json`), '{');
      },
    ],
  ])('is written anew when its file %s', async (_, damage) => {
    await prepare();
    damage();
    expect((await prepare()).writes).toBe(1);
    expect((await prepare()).writes).toBe(0);
  });

  it('is written anew when another tensor is needed', async () => {
    await prepare(['a', 'b']);
    expect(await prepare(['a', 'b', 'unused'])).toMatchObject({ writes: 1, names: ['a', 'b', 'unused'] });
    expect((await prepare(['a', 'b'])).writes).toBe(0);
  });

  it('serves two at a time with one write', async () => {
    const both = await Promise.all([prepare(), prepare()]);
    expect(both.map(({ writes }) => writes).sort()).toEqual([0, 1]);
  });

  it('keeps nothing of a write that was cancelled', async () => {
    const controller = new AbortController();
    const pending = prepare(['a', 'b'], {
      signal: controller.signal,
      onProgress: () => {
        controller.abort();
      },
    });
    await expect(pending).rejects.toMatchObject({ name: 'BangerError', code: 'cancelled' });
    expect(readdirSync(cacheFolder())).toEqual([]);
    await expect(prepare(['a', 'b'], { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });

  it('says where it cannot be written', async () => {
    writeFileSync(inFolder('cache'), 'a file, not a folder');
    await expect(prepare()).rejects.toMatchObject({ name: 'BangerError', code: 'file-unwritable' });
  });

  it('refuses a key that would lead elsewhere', async () => {
    const checkpoint = await openDeflated();
    const pending = prepareMappableCheckpoint(checkpoint, ['a', 'b'], {
      cacheFolder: cacheFolder(),
      contentKey: '../x',
    });
    await expect(pending).rejects.toThrow('cannot name');
    await checkpoint.close();
  });

  it('is cleared of what a killed process left', async () => {
    const script = `
      import { writeSafetensors } from ${JSON.stringify(join(import.meta.dirname, '../../../src/engine/models/safetensors-writer.ts'))};
      const tensor = (name, readBytes) => ({ name, type: 'U8', shape: [4], readBytes });
      const forever = () => new Promise(() => setInterval(() => {}, 1000));
      await writeSafetensors(process.argv[1], [tensor('a', () => new Uint8Array(4)), tensor('b', forever)]);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, weightsFile()], {
      stdio: 'ignore',
    });
    const partials = () => (existsSync(cacheFolder()) ? readdirSync(cacheFolder()) : []);
    const exited = once(child, 'exit');
    while (partials().length === 0 && child.exitCode === null) await sleep(20);
    const left = partials();
    expect(left).toEqual([expect.stringContaining(`.${child.pid ?? 0}.`)]);

    // What a living process writes is left alone.
    await removeDerivedWeights(cacheFolder());
    expect(partials()).toEqual(left);

    child.kill('SIGKILL');
    await exited;
    await prepare();
    expect(partials().filter((name) => name.endsWith('.partial'))).toEqual([]);
    expect(existsSync(weightsFile())).toBe(true);
  });
});

describe('the list of the cache', () => {
  it('is empty where there is no cache', async () => {
    expect(await listDerivedWeights(cacheFolder())).toEqual([]);
    expect(await removeDerivedWeights(cacheFolder())).toEqual([]);
  });

  it('says what each file is and where it comes from', async () => {
    await prepare();
    writeFileSync(join(cacheFolder(), 'stray.safetensors'), 'x');
    expect(await listDerivedWeights(cacheFolder())).toEqual([
      {
        key: contentKey,
        path: weightsFile(),
        sizeBytes: statSync(weightsFile()).size,
        sources: [inFolder('model.bin')],
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
      },
      expect.objectContaining({ key: 'stray', sizeBytes: 1, sources: [] }) as object,
    ]);
  });

  it('gets shorter by one, or by all', async () => {
    await prepare();
    writeFileSync(join(cacheFolder(), 'stray.safetensors'), 'x');
    await expect(removeDerivedWeights(cacheFolder(), 'other')).rejects.toMatchObject({
      code: 'model-missing',
    });
    expect((await removeDerivedWeights(cacheFolder(), contentKey)).map(({ key }) => key)).toEqual([
      contentKey,
    ]);
    expect((await listDerivedWeights(cacheFolder())).map(({ key }) => key)).toEqual(['stray']);
    await removeDerivedWeights(cacheFolder());
    expect(await listDerivedWeights(cacheFolder())).toEqual([]);
    expect((await prepare()).writes).toBe(1);
  });
});
