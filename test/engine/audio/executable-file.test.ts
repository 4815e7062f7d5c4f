/** Program files without their execute bit. */
import { chmod, mkdir, readdir, stat, writeFile } from 'node:fs/promises';

import { describe, expect, it } from 'vitest';

import { ensureExecutable } from '../../../src/engine/audio/executable-file.ts';
import { asUnprivileged } from '../../support/as-unprivileged.ts';
import { useSongFolder } from '../../support/song-folder.ts';

const inFolder = useSongFolder();

describe.runIf(process.platform !== 'win32')('ensureExecutable', () => {
  it('gives the bit to a file of our own', async () => {
    const path = inFolder('program');
    await writeFile(path, '#!/bin/sh\n', { mode: 0o644 });
    expect(await ensureExecutable(path, inFolder('unused'))).toBe(path);
    expect((await stat(path)).mode & 0o111).toBe(0o111);
  });

  // Only root can make a file that belongs to somebody else.
  it.runIf(process.geteuid?.() === 0)('copies a file that is not ours to change, once', async () => {
    const path = inFolder('root’s program');
    await writeFile(path, '#!/bin/sh\n', { mode: 0o644 });
    await chmod(inFolder(), 0o755);
    await mkdir(inFolder('cache'));
    await chmod(inFolder('cache'), 0o777);
    await asUnprivileged(async () => {
      const copy = await ensureExecutable(path, inFolder('cache'));
      expect(copy).toContain(inFolder('cache'));
      expect((await stat(copy)).mode & 0o111).toBe(0o111);
      expect(await ensureExecutable(path, inFolder('cache'))).toBe(copy);
      expect(await readdir(inFolder('cache'))).toHaveLength(1);
      // Where there is no room for a copy either, running the original has to tell.
      expect(await ensureExecutable(path, inFolder('forbidden'))).toBe(path);
    });
  });
});
