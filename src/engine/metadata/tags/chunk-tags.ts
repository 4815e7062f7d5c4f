/** WAV and AIFF: an ID3 tag in a chunk of its own; all other chunks stay as they are. */
import type { ByteSource } from './byte-source.ts';
import { editId3, id3TagLength, inspectId3, startsWithId3 } from './id3-tag.ts';
import { type Splice, type TagFormat, unsafeTags } from './tag-format.ts';

interface ChunkDialect {
  name: string;
  /** What the chunk with the ID3 tag is called. */
  id3Chunk: string;
  readLength: (bytes: Buffer, at: number) => number;
  writeLength: (bytes: Buffer, length: number, at: number) => void;
}

interface Chunk {
  id: string;
  at: number;
  /** Length of the content, without header and padding byte. */
  length: number;
}

const chunkHeaderBytes = 8;
const formHeaderBytes = 12;

export const wavTags = chunkTags({
  name: 'WAV',
  id3Chunk: 'id3 ',
  readLength: (bytes, at) => bytes.readUInt32LE(at),
  writeLength: (bytes, length, at) => bytes.writeUInt32LE(length, at),
});

export const aiffTags = chunkTags({
  name: 'AIFF',
  id3Chunk: 'ID3 ',
  readLength: (bytes, at) => bytes.readUInt32BE(at),
  writeLength: (bytes, length, at) => bytes.writeUInt32BE(length, at),
});

function chunkTags(dialect: ChunkDialect): TagFormat {
  return {
    name: dialect.name,

    async inspect(source) {
      const { chunks, end } = await readChunks(source, dialect);
      const tag = await readTag(source, chunks);
      const { own, others } = tag === null ? { own: {}, others: [] } : inspectId3(tag.id3);
      for (const chunk of chunks) {
        if (chunk === tag?.chunk) continue;
        const sha256 = await source.sha256(chunk.at + chunkHeaderBytes, chunk.length);
        others.push({ name: chunk.id, sha256 });
      }
      others.push({ name: 'behind', sha256: await source.sha256(end, source.sizeBytes - end) });
      return { own, others };
    },

    async plan(source, changes) {
      const { chunks, end } = await readChunks(source, dialect);
      const tag = await readTag(source, chunks);
      const id3 = editId3(tag?.id3 ?? null, changes);
      const header = Buffer.alloc(chunkHeaderBytes);
      header.write(tag?.chunk.id ?? dialect.id3Chunk, 0, 'latin1');
      dialect.writeLength(header, id3.length, 4);
      const chunk = Buffer.concat([header, id3, Buffer.alloc(id3.length % 2)]);
      const at = tag?.chunk.at ?? end;
      const removeBytes = tag === null ? 0 : paddedEnd(tag.chunk, source) - at;
      // A last chunk of odd length may lack its padding byte.
      const isOdd = tag === null && end % 2 === 1;
      const insert = isOdd ? Buffer.concat([Buffer.alloc(1), chunk]) : chunk;
      return [
        formLength(dialect, end - chunkHeaderBytes + insert.length - removeBytes),
        { at, removeBytes, insert },
      ];
    },
  };
}

/** The length of everything behind it, in the file’s first header. */
function formLength(dialect: ChunkDialect, length: number): Splice {
  if (length >= 0xffff_ffff) throw unsafeTags('the file would become too large for its format');
  const insert = Buffer.alloc(4);
  dialect.writeLength(insert, length, 0);
  return { at: 4, removeBytes: 4, insert };
}

async function readChunks(
  source: ByteSource,
  dialect: ChunkDialect,
): Promise<{ chunks: Chunk[]; end: number }> {
  const form = await source.read(0, formHeaderBytes);
  const end = chunkHeaderBytes + dialect.readLength(form, 4);
  if (end > source.sizeBytes)
    throw unsafeTags('the file ends before its headers say, or was written without knowing its length');
  const chunks: Chunk[] = [];
  for (let at = formHeaderBytes; at + chunkHeaderBytes <= end;) {
    const header = await source.read(at, chunkHeaderBytes);
    const chunk = { id: header.toString('latin1', 0, 4), at, length: dialect.readLength(header, 4) };
    if (at + chunkHeaderBytes + chunk.length > end)
      throw unsafeTags('one of its chunks is longer than the file');
    if (chunks.push(chunk) > 10_000) throw unsafeTags('it has too many chunks');
    at = paddedEnd(chunk, source);
  }
  return { chunks, end };
}

function paddedEnd({ at, length }: Chunk, { sizeBytes }: ByteSource): number {
  return Math.min(sizeBytes, at + chunkHeaderBytes + length + (length % 2));
}

/** The ID3 tag and the chunk that it fills, null where there is none. */
async function readTag(
  source: ByteSource,
  chunks: readonly Chunk[],
): Promise<{ chunk: Chunk; id3: Buffer } | null> {
  const found = chunks.filter(({ id }) => id.toLowerCase() === 'id3 ');
  const [chunk] = found;
  if (chunk === undefined) return null;
  const content = await source.read(chunk.at + chunkHeaderBytes, chunk.length);
  if (found.length > 1 || !startsWithId3(content)) throw unsafeTags('its ID3 chunk is damaged');
  const length = id3TagLength(content);
  if (length > content.length || content.subarray(length).some((byte) => byte !== 0)) {
    throw unsafeTags('its ID3 chunk is damaged');
  }
  return { chunk, id3: content.subarray(0, length) };
}
