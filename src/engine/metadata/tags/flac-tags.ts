/** FLAC: the comment block among the metadata blocks; takes room from padding, so that the audio mostly stays in place. */
import type { ByteSource } from './byte-source.ts';
import { id3HeaderBytes, id3TagLength, startsWithId3 } from './id3-tag.ts';
import { type Splice, type TagFormat, unsafeTags } from './tag-format.ts';
import { editVorbisComment, inspectVorbisComment } from './vorbis-comment.ts';

interface MetadataBlock {
  type: number;
  isLast: boolean;
  at: number;
  /** Length of the content without the header of four bytes. */
  length: number;
}

const paddingType = 1;
const commentType = 4;
const blockHeaderBytes = 4;
const maxBlockBytes = 2 ** 24 - 1;

export const flacTags: TagFormat = {
  name: 'FLAC',

  async inspect(source) {
    const { blocks, end } = await readBlocks(source);
    const comment = commentBlockOf(blocks);
    const { own, others } =
      comment === null
        ? { own: {}, others: [] }
        : inspectVorbisComment(await source.read(comment.at + blockHeaderBytes, comment.length));
    // A file without comments has no vendor either; the empty one that we add is no change.
    if (comment === null) others.push(...inspectVorbisComment(editVorbisComment(null, {})).others);
    for (const { type, at, length } of blocks) {
      if (type === paddingType || type === commentType) continue;
      others.push({ name: `block ${type}`, sha256: await source.sha256(at + blockHeaderBytes, length) });
    }
    others.push({ name: 'audio', sha256: await source.sha256(end, source.sizeBytes - end) });
    return { own, others };
  },

  async plan(source, changes) {
    const { blocks } = await readBlocks(source);
    const comment = commentBlockOf(blocks);
    const [streamInfo] = blocks;
    if (streamInfo === undefined) throw unsafeTags('its headers are damaged');
    if (comment === null)
      return [...withoutLastFlag(streamInfo), newBlock(streamInfo, editVorbisComment(null, changes))];

    const content = await source.read(comment.at + blockHeaderBytes, comment.length);
    const edited = editVorbisComment(content, changes);
    const replaced = {
      at: comment.at,
      removeBytes: blockHeaderBytes + comment.length,
      insert: Buffer.concat([blockHeader(comment, edited.length), edited]),
    };
    const growth = edited.length - comment.length;
    const padding = blocks.find(({ type, length }) => type === paddingType && length >= growth);
    if (growth === 0 || padding === undefined) return [replaced];
    return [replaced, resizedPadding(padding, padding.length - growth)].sort((a, b) => a.at - b.at);
  },
};

function commentBlockOf(blocks: readonly MetadataBlock[]): MetadataBlock | null {
  const found = blocks.filter(({ type }) => type === commentType);
  if (found.length > 1) throw unsafeTags('it has more than one comment block');
  return found[0] ?? null;
}

function blockHeader({ type, isLast }: Pick<MetadataBlock, 'type' | 'isLast'>, length: number): Buffer {
  if (length > maxBlockBytes) throw unsafeTags('its tags would become too large');
  const header = Buffer.alloc(blockHeaderBytes);
  header.writeUInt32BE(length);
  header.writeUInt8((isLast ? 0x80 : 0) | type);
  return header;
}

/** A comment block behind the stream’s properties, the last block if those were. */
function newBlock({ at, length, isLast }: MetadataBlock, content: Buffer): Splice {
  return {
    at: at + blockHeaderBytes + length,
    removeBytes: 0,
    insert: Buffer.concat([blockHeader({ type: commentType, isLast }, content.length), content]),
  };
}

function withoutLastFlag({ at, isLast, type }: MetadataBlock): Splice[] {
  return isLast ? [{ at, removeBytes: 1, insert: Buffer.from([type]) }] : [];
}

function resizedPadding(padding: MetadataBlock, length: number): Splice {
  return {
    at: padding.at,
    removeBytes: blockHeaderBytes + padding.length,
    insert: Buffer.concat([blockHeader(padding, length), Buffer.alloc(length)]),
  };
}

/** The metadata blocks, and where the audio begins. Some programs put an ID3 tag in front; it is left alone. */
async function readBlocks(source: ByteSource): Promise<{ blocks: MetadataBlock[]; end: number }> {
  const head = await source.readUpTo(0, id3HeaderBytes);
  const start = startsWithId3(head) ? id3TagLength(head) : 0;
  if ((await source.read(start, 4)).toString('latin1') !== 'fLaC')
    throw unsafeTags('its headers are damaged');
  const blocks: MetadataBlock[] = [];
  let at = start + 4;
  for (let isLast = false; !isLast;) {
    const header = await source.read(at, blockHeaderBytes);
    const block = {
      type: header.readUInt8() & 0x7f,
      isLast: header.readUInt8() >= 0x80,
      at,
      length: header.readUIntBE(1, 3),
    };
    at += blockHeaderBytes + block.length;
    isLast = block.isLast;
    if (at > source.sizeBytes || blocks.push(block) > 10_000) throw unsafeTags('its headers are damaged');
  }
  return { blocks, end: at };
}
