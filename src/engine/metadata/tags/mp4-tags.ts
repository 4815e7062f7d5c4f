/** M4A and MP4: tags in `moov`; where that grows in front of the audio, the places of the audio are corrected. */
import type { ByteSource } from './byte-source.ts';
import { type Atom, atomHeader, atomsIn, makeAtom } from './mp4-atoms.ts';
import { editMoov, inspectMoov } from './mp4-item-list.ts';
import { type Splice, type TagFormat, unsafeTags } from './tag-format.ts';

/** Atoms of files that state places elsewhere than in `moov`. */
const fragments = new Set(['moof', 'sidx', 'mfra']);
const maxTopLevelAtoms = 10_000;

export const mp4Tags: TagFormat = {
  name: 'MP4',

  async inspect(source) {
    const { atoms, moov } = await readTopLevel(source);
    const { own, others } = inspectMoov(await source.read(moov.at, moov.length));
    for (const { type, at, headerBytes, length } of atoms) {
      if (type === 'moov' || type === 'free') continue;
      others.push({ name: type, sha256: await source.sha256(at + headerBytes, length - headerBytes) });
    }
    return { own, others };
  },

  async plan(source, changes) {
    const { atoms, moov } = await readTopLevel(source);
    if (moov.headerBytes !== 8) throw unsafeTags('its headers have a rare form');
    const edited = editMoov(await source.read(moov.at, moov.length), changes);
    const growth = edited.length - moov.length;
    const next = atoms[atoms.indexOf(moov) + 1];
    const padding = next?.type === 'free' && next.headerBytes === 8 ? paddingAfter(next, growth) : null;
    if (padding === null) movePlaces(edited, moov.at + moov.length, growth);
    const splices: Splice[] = [{ at: moov.at, removeBytes: moov.length, insert: edited }];
    return padding === null ? splices : [...splices, padding];
  },
};

/** Padding behind `moov` that takes up its growth, so that the audio stays in place; null where it is too small. */
function paddingAfter({ at, length }: Atom, growth: number): Splice | null {
  const newLength = length - growth;
  if (growth === 0 || (newLength !== 0 && newLength < 8)) return null;
  const insert = newLength === 0 ? Buffer.alloc(0) : makeAtom('free', Buffer.alloc(newLength - 8));
  return { at, removeBytes: length, insert };
}

async function readTopLevel(source: ByteSource): Promise<{ atoms: Atom[]; moov: Atom }> {
  const atoms: Atom[] = [];
  for (let at = 0; at < source.sizeBytes;) {
    const atom = atomHeader(await source.readUpTo(at, 16), at, source.sizeBytes - at);
    if (atoms.push(atom) > maxTopLevelAtoms) throw unsafeTags('its atoms are damaged');
    at += atom.length;
  }
  if (atoms.some(({ type }) => fragments.has(type))) throw unsafeTags('it is a fragmented MP4 file');
  const [moov, ...more] = atoms.filter(({ type }) => type === 'moov');
  if (moov === undefined || more.length > 0) throw unsafeTags('its atoms are damaged');
  return { atoms, moov };
}

/** Adds a shift to every place at or behind a point, in all tables of all tracks of a `moov` atom. */
function movePlaces(moov: Buffer, from: number, shift: number): void {
  if (shift === 0) return;
  for (const { type, at, headerBytes } of placeTables(moov)) {
    const wide = type === 'co64';
    const start = at + headerBytes + 8;
    const count = moov.readUInt32BE(start - 4);
    for (let index = 0; index < count; index += 1) {
      if (wide) {
        const place = moov.readBigUInt64BE(start + 8 * index);
        if (place >= from) moov.writeBigUInt64BE(place + BigInt(shift), start + 8 * index);
        continue;
      }
      const place = moov.readUInt32BE(start + 4 * index);
      if (place >= from && place + shift > 0xffff_ffff)
        throw unsafeTags('the file would become too large for its format');
      if (place >= from) moov.writeUInt32BE(place + shift, start + 4 * index);
    }
  }
}

function placeTables(moov: Buffer): Atom[] {
  const path = ['trak', 'mdia', 'minf', 'stbl'];
  const tracks = path.reduce(
    (parents, type) =>
      parents.flatMap((parent) => childrenOf(moov, parent)).filter((atom) => atom.type === type),
    atomsIn(moov),
  );
  const tables = tracks.flatMap((table) => childrenOf(moov, table));
  if (tables.some(({ type }) => type === 'saio')) throw unsafeTags('its audio is encrypted');
  return tables
    .filter(({ type }) => type === 'stco' || type === 'co64')
    .map((table) => checkedTable(moov, table));
}

function childrenOf(bytes: Buffer, { at, headerBytes, length }: Atom): Atom[] {
  return atomsIn(bytes, at + headerBytes, at + length);
}

/** A table whose count fits its length. */
function checkedTable(moov: Buffer, table: Atom): Atom {
  const { type, at, headerBytes, length } = table;
  const entryBytes = type === 'co64' ? 8 : 4;
  const room = length - headerBytes - 8;
  if (room < 0 || moov.readUInt32BE(at + headerBytes + 4) * entryBytes > room)
    throw unsafeTags('its atoms are damaged');
  return table;
}
