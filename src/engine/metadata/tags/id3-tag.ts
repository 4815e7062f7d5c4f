/** ID3v2.3 and 2.4 tags: finds our `TXXX` frames and changes only them, every other frame stays byte for byte. */
import { sha256Of } from './byte-source.ts';
import type { OwnTagName, OwnTags, TagChanges, TagElement } from './tag-format.ts';
import { ownTagName, unsafeTags, writtenTags } from './tag-format.ts';

export const id3HeaderBytes = 10;
/** Room for later changes when a tag has to grow, so that these need not move the audio again. */
const newPaddingBytes = 1024;

interface Id3Frame {
  id: string;
  bytes: Buffer;
  own: { name: OwnTagName; value: string } | null;
}

interface Id3Tag {
  majorVersion: number;
  header: Buffer;
  frames: Id3Frame[];
}

/** Whether bytes begin like an ID3v2 tag. */
export function startsWithId3(bytes: Buffer): boolean {
  return bytes.length >= id3HeaderBytes && bytes.toString('latin1', 0, 3) === 'ID3';
}

/** Length of the tag with its header, from the header. @throws BangerError `tags-unsupported` for what is not understood */
export function id3TagLength(header: Buffer): number {
  const [major, flags] = [header.readUInt8(3), header.readUInt8(5)];
  if (major !== 3 && major !== 4)
    throw unsafeTags(`its ID3 tag is of version 2.${major}, which is not written`);
  // Unsynchronised tags of 2.3 shift every length; extended headers and footers repeat what would have to change.
  if ((flags & 0x40) !== 0 || (flags & 0x10) !== 0 || (major === 3 && (flags & 0x80) !== 0)) {
    throw unsafeTags('its ID3 tag has a rare form (extended header, footer or unsynchronisation)');
  }
  return id3HeaderBytes + readSyncsafe(header, 6);
}

/** Our tags in a whole ID3 tag, and all its other frames in order. */
export function inspectId3(tag: Buffer): { own: OwnTags; others: TagElement[] } {
  const { frames } = parseId3(tag);
  const own: OwnTags = {};
  const others: TagElement[] = [];
  for (const frame of frames) {
    if (frame.own === null) others.push({ name: frame.id, sha256: sha256Of(frame.bytes) });
    else own[frame.own.name] ??= frame.own.value;
  }
  return { own, others };
}

/** A whole ID3 tag with the changes made; as long as before where its padding has room. */
export function editId3(tag: Buffer | null, changes: TagChanges): Buffer {
  const { majorVersion, header, frames } = tag === null ? emptyTag() : parseId3(tag);
  const kept = frames.filter(({ own }) => own === null || changes[own.name] === undefined);
  const added = writtenTags(changes).map(([name, value]) => userTextFrame(majorVersion, name, value));
  const content = Buffer.concat([...kept.map(({ bytes }) => bytes), ...added]);
  const oldLength = tag === null ? 0 : tag.length - id3HeaderBytes;
  const newLength = content.length <= oldLength ? oldLength : content.length + newPaddingBytes;
  const newHeader = Buffer.from(header);
  writeSyncsafe(newHeader, newLength, 6);
  return Buffer.concat([newHeader, content, Buffer.alloc(newLength - content.length)]);
}

/** Version 2.3 is what all programs read. */
function emptyTag(): Id3Tag {
  return { majorVersion: 3, header: Buffer.from([0x49, 0x44, 0x33, 3, 0, 0, 0, 0, 0, 0]), frames: [] };
}

function parseId3(tag: Buffer): Id3Tag {
  const majorVersion = tag.readUInt8(3);
  const frames: Id3Frame[] = [];
  let at = id3HeaderBytes;
  while (at + id3HeaderBytes <= tag.length && tag[at] !== 0) {
    const id = tag.toString('latin1', at, at + 4);
    const length = majorVersion === 4 ? readSyncsafe(tag, at + 4) : tag.readUInt32BE(at + 4);
    const end = at + id3HeaderBytes + length;
    if (!/^[A-Z0-9]{4}$/.test(id) || end > tag.length) throw damaged();
    const bytes = tag.subarray(at, end);
    frames.push({ id, bytes, own: ownTextOf(id, bytes) });
    at = end;
  }
  if (tag.subarray(at).some((byte) => byte !== 0)) throw damaged();
  return { majorVersion, header: tag.subarray(0, id3HeaderBytes), frames };
}

function damaged(): Error {
  return unsafeTags('its ID3 tag is damaged');
}

/** Our value in a `TXXX` frame: encoding, description, value. Compressed or encrypted frames are nobody’s of ours. */
function ownTextOf(id: string, frame: Buffer): Id3Frame['own'] {
  if (id !== 'TXXX' || frame.length < id3HeaderBytes + 2 || (frame.readUInt8(9) & 0xff) !== 0) return null;
  const [description = '', value = ''] = decodeText(frame.readUInt8(10), frame.subarray(11)).split('\0');
  const name = ownTagName(description);
  return name === null ? null : { name, value };
}

function decodeText(encoding: number, bytes: Buffer): string {
  switch (encoding) {
    case 0:
      return bytes.toString('latin1');
    case 1:
      return new TextDecoder(bytes[0] === 0xfe ? 'utf-16be' : 'utf-16le')
        .decode(bytes)
        .replaceAll('\uFEFF', '');
    case 2:
      return new TextDecoder('utf-16be').decode(bytes);
    default:
      return bytes.toString('utf8');
  }
}

function userTextFrame(majorVersion: number, name: OwnTagName, value: string): Buffer {
  const content = Buffer.from(`\0${name}\0${value}`, 'latin1');
  const header = Buffer.alloc(id3HeaderBytes);
  header.write('TXXX', 0, 'latin1');
  if (majorVersion === 4) writeSyncsafe(header, content.length, 4);
  else header.writeUInt32BE(content.length, 4);
  return Buffer.concat([header, content]);
}

function readSyncsafe(bytes: Buffer, at: number): number {
  const digits = [...bytes.subarray(at, at + 4)];
  if (digits.some((digit) => digit > 0x7f)) throw damaged();
  return digits.reduce((sum, digit) => sum * 128 + digit, 0);
}

function writeSyncsafe(bytes: Buffer, value: number, at: number): void {
  if (value >= 2 ** 28) throw unsafeTags('its tags would become too large');
  for (const place of [0, 1, 2, 3]) bytes.writeUInt8((value >> (7 * (3 - place))) & 0x7f, at + place);
}
