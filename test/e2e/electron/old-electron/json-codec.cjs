/**
 * Messages between processes as plain JSON that keeps typed arrays, undefined in lists and numbers without end. Node's
 * own rich form cannot be used: freeing its buffers ends an old Electron.
 */
'use strict';

const mark = '$banger';

function encode(value) {
  if (value === undefined) return { [mark]: 'undefined' };
  if (typeof value === 'number' && !Number.isFinite(value)) return { [mark]: 'number', text: String(value) };
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    const type = Buffer.isBuffer(value) ? 'Uint8Array' : value.constructor.name;
    return { [mark]: 'array', type, bytes: bytes.toString('base64') };
  }
  if (Array.isArray(value)) return value.map(encode);
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries.map(([name, inner]) => [name, encode(inner)]));
}

function decode(value) {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(decode);
  switch (value[mark]) {
    case 'undefined':
      return undefined;
    case 'number':
      return Number(value.text);
    case 'array':
      return typedArray(value);
    default:
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, decode(inner)]));
  }
}

function typedArray({ type, bytes }) {
  const copy = new Uint8Array(Buffer.from(bytes, 'base64'));
  return type === 'Uint8Array' ? copy : new globalThis[type](copy.buffer);
}

module.exports = { encode, decode };
