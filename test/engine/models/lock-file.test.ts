/** The lock between processes: one at a time, freed by failure, taken over from the dead. */
import { readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { withLockFile } from '../../../src/engine/models/lock-file.ts';
import { useTemporaryFolders } from '../../support/temporary-folder.ts';

const makeFolder = useTemporaryFolders();
const newLock = async (): Promise<string> => path.join(await makeFolder(), 'deep', 'a.lock');
const quick = { pollMs: 5, staleAfterMs: 100, heartbeatMs: 20 };
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function makeStale(owner: object | string): Promise<string> {
  const folder = await makeFolder();
  const file = path.join(folder, 'a.lock');
  await writeFile(file, typeof owner === 'string' ? owner : JSON.stringify(owner));
  return file;
}

describe('a lock file', () => {
  test('lets one in at a time', async () => {
    const file = await newLock();
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await pause(15);
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 8 }, () => withLockFile(file, { pollMs: 2 }, work)));
    expect(most).toBe(1);
    expect(await readdir(path.dirname(file))).toEqual([]);
  });

  test('is freed when the work fails', async () => {
    const file = await newLock();
    const work = (): Promise<never> => Promise.reject(new Error('broken'));
    await expect(withLockFile(file, {}, work)).rejects.toThrow('broken');
    await expect(stat(file)).rejects.toThrow();
  });

  test('is kept fresh while it is held, however long', async () => {
    const file = await newLock();
    let isHeld = false;
    const holder = withLockFile(file, quick, async () => {
      isHeld = true;
      await pause(400);
      isHeld = false;
    });
    await pause(20);
    await withLockFile(file, quick, () => {
      expect(isHeld).toBe(false);
      return Promise.resolve();
    });
    await holder;
  });

  test('of a dead process on this machine is taken over at once', async () => {
    const file = await makeStale({ token: 'x', pid: 2 ** 22 + 12_345, host: hostname() });
    await expect(withLockFile(file, { staleAfterMs: 1e9 }, () => Promise.resolve('in'))).resolves.toBe('in');
  });

  test.each([
    ['another machine', { token: 'x', pid: 1, host: 'elsewhere' }],
    ['nobody', ''],
    ['nonsense', '{"pid":-1'],
  ])('of %s is taken over when it is not kept fresh', async (_, owner) => {
    const file = await makeStale(owner);
    await utimes(file, new Date(Date.now() + 1e9), new Date(Date.now() + 1e9));
    let waits = 0;
    const onWait = (): void => {
      waits += 1;
    };
    await expect(withLockFile(file, { ...quick, onWait }, () => Promise.resolve('in'))).resolves.toBe('in');
    expect(waits).toBeGreaterThan(0);
  });

  test('is not waited for after a cancel', async () => {
    const file = await makeStale({ token: 'x', pid: process.pid, host: hostname() });
    const controller = new AbortController();
    const options = {
      signal: controller.signal,
      onWait: () => {
        controller.abort();
      },
    };
    await expect(withLockFile(file, options, () => Promise.resolve())).rejects.toThrow();
    expect(await stat(file)).toBeDefined();
  });
});
