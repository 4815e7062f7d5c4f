/** MP3: the ID3v2 tag in front of the audio. ID3v1 and APE tags behind it are left alone. */
import type { ByteSource } from './byte-source.ts';
import { editId3, id3HeaderBytes, id3TagLength, inspectId3, startsWithId3 } from './id3-tag.ts';
import type { TagFormat } from './tag-format.ts';

export const mp3Tags: TagFormat = {
  name: 'MP3',

  async inspect(source) {
    const tag = await readTag(source);
    const { own, others } = tag === null ? { own: {}, others: [] } : inspectId3(tag);
    const audioAt = tag?.length ?? 0;
    const audio = await source.sha256(audioAt, source.sizeBytes - audioAt);
    return { own, others: [...others, { name: 'audio', sha256: audio }] };
  },

  async plan(source, changes) {
    const tag = await readTag(source);
    return [{ at: 0, removeBytes: tag?.length ?? 0, insert: editId3(tag, changes) }];
  },
};

async function readTag(source: ByteSource): Promise<Buffer | null> {
  const header = await source.readUpTo(0, id3HeaderBytes);
  return startsWithId3(header) ? source.read(0, id3TagLength(header)) : null;
}
