/** Reads and writes NumPy `.npy` files of float32 arrays in C order, as bytes, without I/O. */
import { BangerError } from './errors.ts';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

export interface Float32Npy {
  /** Dimensions, outermost first. */
  shape: number[];
  /** The values in C order; its length is the product of `shape`. */
  data: Float32Array<ArrayBuffer>;
}

/**
 * The header of a version 1.0 `.npy` file for a little-endian float32 array in C order.
 *
 * @param shape dimensions, outermost first
 * @returns the bytes that stand before the data, padded to a multiple of 64 as NumPy does
 */
export function npyHeader(shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const tuple = shape.length === 1 ? `(${shape[0] ?? 0},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`;
  const prefixLength = MAGIC.length + 4;
  const totalLength = Math.ceil((prefixLength + text.length + 1) / 64) * 64;
  const bytes = new Uint8Array(totalLength).fill(0x20);
  bytes.set(MAGIC, 0);
  bytes[6] = 1;
  bytes[7] = 0;
  new DataView(bytes.buffer).setUint16(8, totalLength - prefixLength, true);
  bytes.set(new TextEncoder().encode(text), prefixLength);
  bytes[totalLength - 1] = 0x0a;
  return bytes;
}

/**
 * A whole `.npy` file from its values.
 *
 * @param shape dimensions; their product must be `data.length`
 */
export function encodeNpy(shape: readonly number[], data: Float32Array): Uint8Array<ArrayBuffer> {
  const header = npyHeader(shape);
  const file = new Uint8Array(header.length + data.byteLength);
  file.set(header, 0);
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), header.length);
  return file;
}

/**
 * The values of a `.npy` file.
 *
 * @throws BangerError `checkpoint-corrupt` when the bytes are not a little-endian float32 C-order array
 */
export function decodeNpy(bytes: Uint8Array): Float32Npy {
  const fail = (reason: string) =>
    new BangerError('checkpoint-corrupt', `Not a readable .npy file: ${reason}.`);
  if (bytes.length < 12 || MAGIC.some((value, index) => bytes[index] !== value))
    throw fail('wrong signature');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const majorVersion = bytes[6];
  const headerStart = majorVersion === 1 ? 10 : 12;
  const headerLength = majorVersion === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const dataStart = headerStart + headerLength;
  if (dataStart > bytes.length) throw fail('its header is cut off');
  const header = new TextDecoder('latin1').decode(bytes.subarray(headerStart, dataStart));
  if (!/'descr':\s*'<f4'/.test(header)) throw fail('only little-endian float32 is supported');
  if (!/'fortran_order':\s*False/.test(header)) throw fail('only C order is supported');
  const shapeText = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  if (shapeText === undefined) throw fail('it states no shape');
  const shape = shapeText
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(Number);
  if (shape.some((size) => !Number.isSafeInteger(size) || size < 0)) throw fail('its shape is not valid');
  const count = shape.reduce((product, size) => product * size, 1);
  if (bytes.length - dataStart !== count * 4) throw fail('its size does not match its shape');
  const data = new Float32Array(count);
  new Uint8Array(data.buffer).set(bytes.subarray(dataStart));
  return { shape, data };
}
