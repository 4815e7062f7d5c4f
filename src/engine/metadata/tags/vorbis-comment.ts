/** Vorbis comments, as FLAC, Vorbis and Opus keep them: changes ours, keeps all others and their order. */
import { sha256Of } from './byte-source.ts';
import type { OwnTagName, OwnTags, TagChanges, TagElement } from './tag-format.ts';
import { ownTagName, unsafeTags, writtenTags } from './tag-format.ts';

interface CommentBlock {
  vendor: Buffer;
  comments: { bytes: Buffer; own: { name: OwnTagName; value: string } | null }[];
  /** What follows the list: a framing bit, padding. */
  rest: Buffer;
}

const maxComments = 100_000;

/** Our tags in a block, and everything else that it holds in order. */
export function inspectVorbisComment(block: Buffer): { own: OwnTags; others: TagElement[] } {
  const { vendor, comments, rest } = parse(block);
  const own: OwnTags = {};
  const others: TagElement[] = [
    { name: 'vendor', sha256: sha256Of(vendor) },
    { name: 'rest', sha256: sha256Of(rest) },
  ];
  for (const comment of comments) {
    if (comment.own === null) others.push({ name: 'comment', sha256: sha256Of(comment.bytes) });
    else own[comment.own.name] ??= comment.own.value;
  }
  return { own, others };
}

/** A block with the changes made; null stands for a file that has none yet. */
export function editVorbisComment(block: Buffer | null, changes: TagChanges): Buffer {
  const { vendor, comments, rest } =
    block === null ? { vendor: Buffer.alloc(0), comments: [], rest: Buffer.alloc(0) } : parse(block);
  const kept = comments.filter(({ own }) => own === null || changes[own.name] === undefined);
  const added = writtenTags(changes).map(([name, value]) =>
    Buffer.from(`${name.toUpperCase()}=${value}`, 'latin1'),
  );
  const list = [...kept.map(({ bytes }) => bytes), ...added];
  return Buffer.concat([withLength(vendor), lengthOf(list.length), ...list.map(withLength), rest]);
}

function parse(block: Buffer): CommentBlock {
  let at = 0;
  const take = (length: number): Buffer => {
    if (at + length > block.length) throw unsafeTags('its comments are damaged');
    at += length;
    return block.subarray(at - length, at);
  };
  const takeText = () => take(take(4).readUInt32LE());
  const vendor = takeText();
  const count = take(4).readUInt32LE();
  if (count > maxComments) throw unsafeTags('its comments are damaged');
  const comments = Array.from({ length: count }, () => {
    const bytes = takeText();
    return { bytes, own: ownCommentOf(bytes) };
  });
  return { vendor, comments, rest: block.subarray(at) };
}

function ownCommentOf(bytes: Buffer): { name: OwnTagName; value: string } | null {
  const equals = bytes.indexOf(0x3d);
  const name = equals < 0 ? null : ownTagName(bytes.toString('latin1', 0, equals));
  return name === null ? null : { name, value: bytes.toString('utf8', equals + 1) };
}

function withLength(bytes: Buffer): Buffer {
  return Buffer.concat([lengthOf(bytes.length), bytes]);
}

function lengthOf(length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(length);
  return bytes;
}
