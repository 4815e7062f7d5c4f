/**
 * Messages of the socket between page and server as text: plain data and typed arrays, for one of the two channels
 * that share the socket. What arrives is not trusted: it is checked before anything is built from it.
 */
import { stringify, unflatten } from 'devalue';
import { z } from 'zod';
import { BangerError } from './errors.ts';

/** `engine`: the engine's commands and events. `shell`: those of what surrounds it. */
export const socketChannels = ['engine', 'shell'] as const;
export type SocketChannel = (typeof socketChannels)[number];

const envelopeSchema = z.strictObject({
  channel: z.enum(socketChannels),
  /** What the channel's other end is given. */
  message: z.record(z.string(), z.unknown()),
});
export interface SocketMessage {
  channel: SocketChannel;
  message: unknown;
}

/** How deep values may lie in each other; the contract's lie ten deep at most. */
const MAXIMUM_DEPTH = 64;

/** Values that a message may come to once shared ones are written out, so that a short text never means a huge one. */
const MAXIMUM_VALUES = 2_000_000;

/** What devalue calls the arrays of bytes and numbers; `ExactView` is ours, see below. */
const binaryTypes = new Set([
  'ArrayBuffer',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'ExactView',
]);

/** devalue's places for values that JSON does not have: undefined, NaN, both infinities, negative zero. */
const specialValues = new Set([-1, -3, -4, -5, -6]);

/**
 * The text of a message.
 *
 * @throws Error for what no message may hold, such as functions or errors
 */
export function encodeMessage(envelope: SocketMessage): string {
  return stringify(envelope, {
    // A view of a part of a buffer is sent as a copy of that part: the rest of the buffer is nobody's business.
    ExactView: (value: unknown) => isPartialView(value) && value.slice(),
  });
}

/** @throws BangerError `usage` for a text that is no message */
export function decodeMessage(text: string): SocketMessage {
  try {
    const flat: unknown = JSON.parse(text);
    requirePlainValues(flat);
    return envelopeSchema.parse(unflatten(flat, { ExactView: (value: unknown) => value }));
  } catch (thrown) {
    throw new BangerError('usage', 'A message was not in the agreed form.', {
      details: String(thrown),
      cause: thrown,
    });
  }
}

/** How many values one comes to, itself included, and how many lie in each other below it. */
interface Extent {
  count: number;
  height: number;
}

const single: Readonly<Extent> = { count: 1, height: 0 };

function isPartialView(value: unknown): value is Uint8Array {
  return (
    ArrayBuffer.isView(value) && !(value instanceof DataView) && value.byteLength !== value.buffer.byteLength
  );
}

/**
 * devalue writes a list of values that name each other by their place in the list. This walks it as what it will
 * become, and refuses circles, depths and sizes that no call has, and types that none needs.
 */
function requirePlainValues(flat: unknown): asserts flat is unknown[] {
  if (!Array.isArray(flat) || flat.length === 0) throw new TypeError('There are no values.');
  const values: readonly unknown[] = flat;
  const measured = new Map<number, Extent>();
  const entered = new Set<number>();

  const measure = (place: unknown, depth: number): Extent => {
    if (typeof place !== 'number') throw new TypeError('A value is not named by its place.');
    if (specialValues.has(place)) return single;
    const value = values[place];
    if (value === undefined) throw new TypeError('A value is missing.');
    if (value === null || typeof value !== 'object') return single;
    const known = measured.get(place);
    if (depth + (known?.height ?? 0) > MAXIMUM_DEPTH)
      throw new TypeError('Values lie too deep in each other.');
    if (known !== undefined) return known;
    if (entered.has(place)) throw new TypeError('A value holds itself.');
    entered.add(place);
    const extent = { ...single };
    for (const part of partsOf(value)) {
      const { count, height } = measure(part, depth + 1);
      extent.count += count;
      extent.height = Math.max(extent.height, height + 1);
      if (extent.count > MAXIMUM_VALUES) throw new TypeError('There are too many values.');
    }
    entered.delete(place);
    measured.set(place, extent);
    return extent;
  };
  measure(0, 0);
}

/** The places of what a value holds. */
function partsOf(value: object): unknown[] {
  if (!Array.isArray(value)) {
    if (Object.hasOwn(value, '__proto__')) throw new TypeError('A name is not allowed.');
    return Object.values(value);
  }
  const type: unknown = value[0];
  if (typeof type !== 'string') return value;
  if (!binaryTypes.has(type)) throw new TypeError('A type is not allowed.');
  return type === 'ArrayBuffer' ? [] : value.slice(1, 2);
}
