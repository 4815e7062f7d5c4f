/** Where the library lies unless told otherwise. */
import path from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { defaultLibraryFile } from '../../../src/engine/library/default-location.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

it('is named after the product and is an absolute path', () => {
  const file = defaultLibraryFile();
  expect(path.isAbsolute(file)).toBe(true);
  expect(file.split(path.sep)).toContain('banger-scorer');
  expect(path.basename(file)).toBe('library.sqlite');
});

it.runIf(process.platform === 'linux')('honours XDG_DATA_HOME', () => {
  vi.stubEnv('XDG_DATA_HOME', '/elsewhere/data');
  expect(defaultLibraryFile()).toBe('/elsewhere/data/banger-scorer/library.sqlite');
});
