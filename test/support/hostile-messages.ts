/** What a page that was taken over could send over its socket. */
import { join } from 'node:path';
import { encodeMessage } from '../../src/shared/socket-codec.ts';
import type { SeededRandom } from './seeded-random.ts';

/** A message that must not do what it says. `isCall`: it is well-formed, so that the socket stays open. */
export interface HostileMessage {
  kind: string;
  data: string | Buffer;
  isCall: boolean;
}

const commandsWithPlaces = (place: string, random: SeededRandom): [string, object][] => [
  ['add-watched-folder', { path: place }],
  ['export-playlist', { songIds: [1], file: join(place, 'stolen.m3u8'), format: 'm3u8', replacesOthers: true }],
  ['export-files', { songIds: [1, 2], folder: place, mode: random.pick(['copy', 'link', 'move']), pattern: '{name}.{ext}' }],
  ['import-model', { path: place, copies: false }],
  ['use-models', { encoder: place }],
  ['use-models', { head: place }],
  ['estimate-encoding', { encoderId: place }],
  ['back-up-library', { file: join(place, 'stolen.sqlite') }],
  ['restore-library', { backupFile: place }],
  ['write-tags', { songs: [{ path: place }], kinds: ['stars'] }],
  ['remove-tags', { songs: [{ path: place }] }],
  ['find-songs', { names: [place] }],
]; // prettier-ignore

const names = [
  'list-songs',
  'get-song',
  'get-peaks',
  'constructor',
  '__proto__',
  'toString',
  'hasOwnProperty',
  '',
  'list-folder',
  'get-settings\u0000',
  'x'.repeat(200),
];

const oddValues: readonly { value: unknown }[] = [
  { value: null },
  { value: undefined },
  { value: NaN },
  { value: -0 },
  { value: Infinity },
  { value: 2 ** 53 },
  { value: -1 },
  { value: '' },
  { value: '\u0000' },
  { value: '\ud800' },
  { value: [] },
  { value: {} },
  { value: [[[[[]]]]] },
  { value: { length: 5 } },
  { value: { toString: 1, valueOf: 2 } },
  { value: { constructor: { prototype: { isAdmin: true } } } },
  { value: new Uint8Array(3) },
  { value: 'x'.repeat(5000) },
  { value: "'; DROP TABLE songs; --" },
];

let lastCallId = 1000;

function call(channel: 'engine' | 'shell', name: unknown, request: unknown): string {
  lastCallId += 1;
  return encodeMessage({
    channel,
    message: { t: 'q', m: 'call', a: [{ callId: lastCallId, name, request }], i: `i${lastCallId}` },
  });
}

export function hostileMessage(random: SeededRandom, privatePaths: readonly string[]): HostileMessage {
  const place = random.pick(privatePaths);
  switch (random.integer(0, 7)) {
    case 0: {
      const [name, request] = random.pick(commandsWithPlaces(place, random));
      return { kind: 'a place elsewhere', data: call('engine', name, request), isCall: true };
    }
    case 1: {
      const [name, request] = random.pick<[string, object]>([
        ['list-folder', { path: place }],
        ['list-folder', { path: `${place}/..` }],
        ['reveal-file', { path: place }],
        ['start-drag', { songIds: [1] }],
        ['open-link', { url: 'file:///etc/passwd' }],
      ]);
      return { kind: 'the shell', data: call('shell', name, request), isCall: true };
    }
    case 2:
      return {
        kind: 'odd values',
        data: call(
          random.pick(['engine', 'shell']),
          random.chance(0.5) ? random.pick(names) : random.pick(oddValues).value,
          random.pick(oddValues).value,
        ),
        isCall: true,
      };
    case 3: {
      const request = {
        filter: { [random.pick(['search', 'folder', 'songIds', '__proto_'])]: random.pick(oddValues).value },
      };
      return { kind: 'odd filters', data: call('engine', 'list-songs', request), isCall: true };
    }
    case 4: {
      const message = {
        t: random.pick(['q', 's', 5, null]),
        m: random.pick(['call', 'cancel', 'receive', 'constructor', { toString: 1 }, 5, null, ['call']]),
        a: random.pick([[], 5, null, { length: 2 }, [null], [{ callId: 'x' }], oddValues]),
        i: random.pick(['i', '', 5, null]),
      };
      return { kind: 'no call', data: encodeMessage({ channel: 'engine', message }), isCall: true };
    }
    case 5:
      return {
        kind: 'damaged',
        data: damagedText(call('engine', 'list-songs', { filter: { search: 'a' } }), random),
        isCall: false,
      };
    case 6:
      return {
        kind: 'nonsense',
        data: random.pick([
          '',
          '[]',
          'null',
          '{}',
          '['.repeat(50_000),
          `[{"channel":1,"message":2},"engine",${Array.from({ length: 40 }, (_, i) => `[${i + 3},${i + 3}]`).join(',')},1]`,
          '[{"channel":1,"message":2},"engine",{"__proto__":3},{"a":4},1]',
          'x'.repeat(200_000),
          '\u0000'.repeat(100),
        ]),
        isCall: false,
      };
    default:
      return {
        kind: 'bytes',
        data: Buffer.from(Array.from({ length: random.integer(0, 200) }, () => random.integer(0, 255))),
        isCall: false,
      };
  }
}

/** Bytes that no browser frames so: to be written to a socket that was opened by hand. */
export function hostileFrames(random: SeededRandom): Buffer {
  return random.pick([
    // Not masked, reserved bits, reserved opcodes, a control frame that is too long, lengths that lie.
    () => Buffer.from([0x81, 0x02, 0x61, 0x62]),
    () => Buffer.from([0xf1, 0x80, 0, 0, 0, 0]),
    () => Buffer.from([0x83, 0x80, 0, 0, 0, 0]),
    () => Buffer.concat([Buffer.from([0x89, 0xfe, 0x01, 0x00, 0, 0, 0, 0]), Buffer.alloc(256)]),
    () => Buffer.from([0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
    () => Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0, 1]),
    () => Buffer.from([0x80, 0x80, 0, 0, 0, 0]),
    () => Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28]),
    () => Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x00, 0x01]),
    () => Buffer.concat(Array.from({ length: 3000 }, () => Buffer.from([0x01, 0x80, 0, 0, 0, 0]))),
    () => Buffer.concat(Array.from({ length: 3000 }, () => Buffer.from([0x89, 0x80, 0, 0, 0, 0]))),
    () => Buffer.from(Array.from({ length: random.integer(1, 300) }, () => random.integer(0, 255))),
  ])();
}

function damagedText(text: string, random: SeededRandom): string {
  const place = random.integer(0, text.length - 1);
  const piece = random.pick([
    '"',
    ',',
    '[',
    ']',
    '{',
    '}',
    '0',
    '-1',
    '99',
    'null',
    '"__proto__"',
    '\u0000',
    ':',
  ]);
  const end = Math.min(text.length, place + random.integer(0, 5));
  return text.slice(0, place) + piece + text.slice(end);
}
