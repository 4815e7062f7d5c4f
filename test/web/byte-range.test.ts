/** Which bytes a `Range` header means (RFC 9110, section 14.1.2). */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readRange } from '../../src/web/byte-range.ts';

test.each([
  [null, 'whole'],
  ['bytes=0-499', { start: 0, end: 499 }],
  ['bytes=500-999', { start: 500, end: 999 }],
  ['bytes=500-', { start: 500, end: 9999 }],
  ['bytes=-500', { start: 9500, end: 9999 }],
  ['bytes=-20000', { start: 0, end: 9999 }],
  ['bytes=0-20000', { start: 0, end: 9999 }],
  ['bytes=9999-9999', { start: 9999, end: 9999 }],
  ['Bytes = 1 - 2 ', { start: 1, end: 2 }],
  ['bytes=10000-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=5-4', 'unsatisfiable'],
  ['bytes=-', 'unsatisfiable'],
  ['bytes=', 'unsatisfiable'],
  ['bytes=a-b', 'unsatisfiable'],
  ['bytes=0x10-', 'unsatisfiable'],
  ['bytes=1e3-', 'unsatisfiable'],
  ['bytes=--5', 'unsatisfiable'],
  ['nonsense', 'unsatisfiable'],
  ['seconds=1-2', 'whole'],
  ['bytes=0-1,5-6', 'whole'],
])('%j', (header, meant) => {
  expect(readRange(header, 10_000)).toEqual(meant);
});

test('of an empty file no byte can be meant', () => {
  for (const header of ['bytes=0-', 'bytes=-5', 'bytes=0-0'])
    expect(readRange(header, 0)).toBe('unsatisfiable');
  expect(readRange(null, 0)).toBe('whole');
});

test('whatever stands in the header, a range lies within the file', () => {
  const header = fc.oneof(
    fc.string(),
    fc.string().map((text) => `bytes=${text}`),
    fc.tuple(fc.bigInt(), fc.bigInt()).map(([first, last]) => `bytes=${first}-${last}`),
  );
  fc.assert(
    fc.property(header, fc.nat(), (text, size) => {
      const range = readRange(text, size);
      if (typeof range === 'string') return;
      expect(range.start).toBeGreaterThanOrEqual(0);
      expect(range.end).toBeGreaterThanOrEqual(range.start);
      expect(range.end).toBeLessThan(size);
    }),
    { numRuns: 1000 },
  );
});
