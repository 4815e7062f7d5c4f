/** The socket's messages: what goes in comes out, and nothing else gets in. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BangerError, hasErrorCode } from '../../src/shared/errors.ts';
import { decodeMessage, encodeMessage } from '../../src/shared/socket-codec.ts';

/** What the contract's requests and answers are made of. */
const plainValue = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.constant(undefined),
    fc.int32Array(),
    fc.uint8Array(),
    fc.float32Array(),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(
      fc.string().filter((name) => name !== '__proto__'),
      tie('value'),
      { noNullPrototype: true, maxKeys: 5 },
    ),
  ),
})).value;

const envelope = fc.record(
  {
    channel: fc.constantFrom('engine' as const, 'shell' as const),
    message: fc.record({ t: fc.constant('q'), a: plainValue }, { noNullPrototype: true }),
  },
  { noNullPrototype: true },
);

test('any message of plain data and typed arrays arrives as it was sent', () => {
  fc.assert(
    fc.property(envelope, (sent) => {
      expect(decodeMessage(encodeMessage(sent))).toEqual(sent);
    }),
    { numRuns: 500 },
  );
});

test('any text is a message or is refused with “usage”', () => {
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    // Lists that look like devalue’s, with places that exist and places that do not.
    fc
      .array(
        fc.oneof(
          fc.integer({ min: -8, max: 12 }),
          fc.constantFrom(
            'Uint8Array',
            'ArrayBuffer',
            'Map',
            'Date',
            'ExactView',
            'Object',
            '__proto__',
            'AAAA',
          ),
          fc.array(
            fc.oneof(
              fc.integer({ min: -8, max: 12 }),
              fc.constantFrom('Uint8Array', 'ArrayBuffer', 'Set', 'null', 'ExactView', 'Object', 'AAAA'),
            ),
            { maxLength: 5 },
          ),
          fc.dictionary(
            fc.constantFrom('channel', 'message', 'a', 'toString'),
            fc.integer({ min: -8, max: 12 }),
          ),
        ),
        { maxLength: 12 },
      )
      .map((list) => JSON.stringify(list)),
  );
  fc.assert(
    fc.property(text, (given) => {
      try {
        expect(['engine', 'shell']).toContain(decodeMessage(given).channel);
      } catch (thrown) {
        expect(hasErrorCode(thrown, 'usage')).toBe(true);
      }
    }),
    { numRuns: 3000 },
  );
});

const head = '{"channel":1,"message":2},"engine",{"a":3}';
const chain = (length: number) => Array.from({ length }, (_, index) => `[${4 + index}]`).join(',');
/** Each value holds the one before it, so that a reader that remembers what it has seen never goes deep. */
const upwards = (length: number) =>
  [
    `[${Array.from({ length }, (_, index) => 4 + index).join(',')}]`,
    '1',
    ...Array.from({ length: length - 1 }, (_, index) => `[${4 + index}]`),
  ].join(',');

test.each([
  ['a circle', `[${head},[3]]`],
  ['a long way round', `[${head},[4],[5],[3]]`],
  ['a chain of a hundred thousand', `[${head},${chain(100_000)},1]`],
  ['a chain that is told from its end', `[${head},${upwards(1000)}]`],
  [
    'two to the power of thirty values',
    `[${head},${Array.from({ length: 30 }, (_, i) => `[${i + 4},${i + 4}]`).join(',')},1]`,
  ],
  ['deep JSON', '['.repeat(1_000_000)],
  ['deep JSON that ends', `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`],
  ['a prototype', `[{"channel":1,"message":2},"engine",{"__proto__":3},{"isAdmin":4},true]`],
  ['a prototype inside', `[${head},{"__proto__":4},{"isAdmin":5},true]`],
  ['a type of ours that is none', `[${head},["Uint8Array",4],[5],1]`],
  ['a map', `[${head},["Map",4,4],1]`],
  ['a date', `[${head},["Date","2026-11-26T00:00:00.000Z"]]`],
  ['a regular expression', `[${head},["RegExp","(a+)+$"]]`],
  ['a boxed value', `[${head},["Object",4],1]`],
  ['a huge number', `[${head},["BigInt","${'9'.repeat(1000)}"]]`],
  ['an array with holes', `[${head},[-7,4000000000,0,4],1]`],
  ['another channel', `[{"channel":1,"message":2},"files",{}]`],
  ['more than an envelope', `[{"channel":1,"message":2,"more":1},"engine",{}]`],
  ['a message that is no object', `[{"channel":1,"message":1},"engine"]`],
  ['a number', '-3'],
  ['nothing', ''],
])('%s is refused', (_, text) => {
  expect(() => decodeMessage(text)).toThrow(BangerError);
  expect(Object.getPrototypeOf({})).toBe(Object.prototype);
});

test('of a view into a larger buffer only the view is sent', () => {
  const buffer = Buffer.from('a secret beside the answer');
  const text = encodeMessage({
    channel: 'engine',
    message: { heights: new Uint8Array(buffer.buffer, buffer.byteOffset + 9, 6) },
  });
  expect(decodeMessage(text).message).toEqual({ heights: new Uint8Array(Buffer.from('beside')) });
  expect(text).not.toContain(Buffer.from('a secret').toString('base64').slice(0, 8));
  expect(text.length).toBeLessThan(200);
});

test('values that are used twice stay small and equal', () => {
  const shared = { folder: '/songs' };
  const message = { filters: Array.from({ length: 1000 }, () => shared) };
  const text = encodeMessage({ channel: 'engine', message });
  expect(text.length).toBeLessThan(3000);
  expect(decodeMessage(text).message).toEqual(message);
});
