/** What the file system's error codes become. */
import { expect, test } from 'vitest';
import { formatBytes, unlessMissing, writeError } from '../../../src/engine/models/file-system-errors.ts';

const systemError = (code: string): Error => Object.assign(new Error(code), { code });

test.each([
  ['ENOSPC', 'disk-full'],
  ['EDQUOT', 'disk-full'],
  ['EACCES', 'download-failed'],
  ['EROFS', 'download-failed'],
])('a write that fails with %s is %s', (code, expected) => {
  expect(writeError(systemError(code), '/cache', 1_000)).toMatchObject({ code: expected, file: '/cache' });
});

test('what is not the file system’s error stays what it is', () => {
  const bug = new TypeError('a bug');
  expect(writeError(bug, '/cache', 1_000)).toBe(bug);
});

test('only a missing file is nothing', async () => {
  await expect(unlessMissing(Promise.reject(systemError('ENOENT')))).resolves.toBeUndefined();
  await expect(unlessMissing(Promise.reject(systemError('EACCES')))).rejects.toThrow('EACCES');
});

test.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1_000, '1.00 kB'],
  [12_345, '12.3 kB'],
  [1_262_000_000, '1.26 GB'],
  [5e15, '5000 TB'],
])('%d bytes read as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
