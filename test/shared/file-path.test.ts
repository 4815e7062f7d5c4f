/** Paths as text: what Node makes of them on the systems they come from. */
import { posix, win32 } from 'node:path';
import { describe, expect, it } from 'vitest';
import { joinPath, splitFilePath } from '../../src/shared/file-path.ts';

describe('a path is taken apart', () => {
  it.each([
    '/music/a.b.wav',
    '/a.wav',
    '/music/.hidden',
    '/music/no extension',
    '/music/back\\slash.ogg',
    '/m/a.',
  ])('%s as on Linux and macOS', (path) => {
    const { dir, name, ext } = posix.parse(path);
    expect(splitFilePath(path)).toEqual({ folder: dir, base: name, extension: ext });
  });

  it.each(['C:\\music\\a.b.wav', 'C:/music/a.wav', '\\\\server\\share\\x\\a.flac'])(
    '%s as on Windows',
    (path) => {
      const { dir, name, ext } = win32.parse(path);
      expect(splitFilePath(path)).toEqual({ folder: dir, base: name, extension: ext });
    },
  );
});

it('joins with the slash of the folder', () => {
  expect(joinPath('/music', 'a.m3u8')).toBe('/music/a.m3u8');
  expect(joinPath('/', 'a.m3u8')).toBe('/a.m3u8');
  expect(joinPath('C:\\music', 'a.m3u8')).toBe('C:\\music\\a.m3u8');
  expect(joinPath('C:\\', 'a.m3u8')).toBe('C:\\a.m3u8');
});
