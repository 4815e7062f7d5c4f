/** MP4’s tree of atoms, as far as tags need it. */
import { unsafeTags } from './tag-format.ts';

export interface Atom {
  type: string;
  /** Place of the header in the bytes that were parsed. */
  at: number;
  headerBytes: number;
  /** Header and content. */
  length: number;
}

const maxAtoms = 100_000;

/** The atoms that lie one after another in a part of some bytes. @throws BangerError `tags-unsupported` where they do not fit */
export function atomsIn(bytes: Buffer, start = 0, end = bytes.length): Atom[] {
  const atoms: Atom[] = [];
  for (let at = start; at < end;) {
    // QuickTime ends lists of user data with four zero bytes.
    if (end - at === 4 && bytes.readUInt32BE(at) === 0) break;
    const atom = atomHeader(bytes.subarray(at, end), at, end - at);
    if (atoms.push(atom) > maxAtoms) throw damaged();
    at += atom.length;
  }
  return atoms;
}

/** An atom from the bytes of its header. @param available how many bytes there are until the end of its parent */
export function atomHeader(header: Buffer, at: number, available: number): Atom {
  if (header.length < 8) throw damaged();
  const shortLength = header.readUInt32BE(0);
  const type = header.toString('latin1', 4, 8);
  if (shortLength === 1) {
    if (header.length < 16) throw damaged();
    const length = Number(header.readBigUInt64BE(8));
    if (length < 16 || length > available) throw damaged();
    return { type, at, headerBytes: 16, length };
  }
  const length = shortLength === 0 ? available : shortLength;
  if (length < 8 || length > available) throw damaged();
  return { type, at, headerBytes: 8, length };
}

/** An atom of a type around some content. */
export function makeAtom(type: string, ...content: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(8);
  const atom = Buffer.concat([header, ...content]);
  atom.writeUInt32BE(atom.length, 0);
  atom.write(type, 4, 'latin1');
  return atom;
}

export function damaged(): Error {
  return unsafeTags('its atoms are damaged');
}
