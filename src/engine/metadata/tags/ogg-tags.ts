/** Ogg Vorbis and Opus: the comment packet near the beginning; audio packets are never touched. */
import type { ByteSource } from './byte-source.ts';
import { sha256Of } from './byte-source.ts';
import { oggChecksum } from './ogg-checksum.ts';
import { type Splice, type TagFormat, unsafeTags } from './tag-format.ts';
import { editVorbisComment, inspectVorbisComment } from './vorbis-comment.ts';

interface OggPage {
  at: number;
  /** Header, table and content. */
  length: number;
  /** What comes before the page’s number: flags, position, serial. */
  fixed: Buffer;
  serial: number;
  sequence: number;
  /** Lengths of the segments; one under 255 ends a packet. */
  segments: Buffer;
  content: Buffer;
}

interface OggHeaders {
  serial: number;
  /** Where the page behind the stream’s first begins, and where the audio pages do. */
  start: number;
  end: number;
  firstPage: OggPage;
  /** Pages between start and end. */
  pageCount: number;
  /** What stands in front of the comments in their packet. */
  magic: Buffer;
  comment: Buffer;
  /** Header packets behind the comments: Vorbis’s setup. */
  further: Buffer[];
}

const pageHeaderBytes = 27;
const maxSegments = 255;
/** Comments with covers may fill many pages. */
const maxHeaderPages = 2000;

const codecs = [
  { start: '\u0001vorbis', magic: '\u0003vorbis', furtherPackets: 1 },
  { start: 'OpusHead', magic: 'OpusTags', furtherPackets: 0 },
];

export const oggTags: TagFormat = {
  name: 'Ogg',

  async inspect(source) {
    const { comment, further, firstPage, end, serial } = await readHeaders(source);
    const { own, others } = inspectVorbisComment(comment);
    others.push({ name: 'first page', sha256: sha256Of(firstPage.content) });
    for (const packet of further) others.push({ name: 'header packet', sha256: sha256Of(packet) });
    for await (const page of pagesFrom(source, end)) {
      const name = page.serial === serial ? 'page' : 'page of another stream';
      others.push({ name, sha256: sha256Of(Buffer.concat([page.fixed, page.segments, page.content])) });
    }
    return { own, others };
  },

  async plan(source, changes) {
    const headers = await readHeaders(source);
    const comment = Buffer.concat([headers.magic, editVorbisComment(headers.comment, changes)]);
    const pages = paginate([comment, ...headers.further], headers.serial, headers.firstPage.sequence + 1);
    const splices: Splice[] = [
      { at: headers.start, removeBytes: headers.end - headers.start, insert: Buffer.concat(pages) },
    ];
    const shift = pages.length - headers.pageCount;
    return shift === 0 ? splices : [...splices, ...(await renumbered(source, headers, shift))];
  },
};

async function readHeaders(source: ByteSource): Promise<OggHeaders> {
  const firstPage = await readPage(source, 0);
  const codec = codecs.find(({ start }) => firstPage.content.toString('latin1').startsWith(start));
  if (codec === undefined) throw unsafeTags('it is an Ogg file of a kind whose tags are not written');
  const packets: Buffer[] = [];
  let open: Buffer[] = [];
  let at = firstPage.length;
  let pageCount = 0;
  while (packets.length < 1 + codec.furtherPackets) {
    const page = await readPage(source, at);
    // Several streams side by side would have their pages interleaved.
    if (page.serial !== firstPage.serial) throw unsafeTags('it holds more than one stream');
    pageCount += 1;
    if (pageCount > maxHeaderPages) throw unsafeTags('its headers are damaged');
    at += page.length;
    let from = 0;
    for (const segment of page.segments) {
      open.push(page.content.subarray(from, from + segment));
      from += segment;
      if (segment === 255) continue;
      packets.push(Buffer.concat(open));
      open = [];
    }
  }
  if (packets.length > 1 + codec.furtherPackets || open.length > 0) {
    throw unsafeTags('audio begins amid its headers');
  }
  const [first, ...further] = packets;
  const magic = Buffer.from(codec.magic, 'latin1');
  if (first?.subarray(0, magic.length).equals(magic) !== true) throw unsafeTags('its headers are damaged');
  const comment = first.subarray(magic.length);
  return {
    serial: firstPage.serial,
    start: firstPage.length,
    end: at,
    firstPage,
    pageCount,
    magic,
    comment,
    further,
  };
}

async function readPage(source: ByteSource, at: number): Promise<OggPage> {
  const header = await source.read(at, pageHeaderBytes);
  if (header.toString('latin1', 0, 4) !== 'OggS') throw unsafeTags('its pages are damaged');
  const segments = await source.read(at + pageHeaderBytes, header.readUInt8(26));
  const contentLength = segments.reduce((sum, segment) => sum + segment, 0);
  return {
    at,
    length: pageHeaderBytes + segments.length + contentLength,
    fixed: header.subarray(0, 18),
    serial: header.readUInt32LE(14),
    sequence: header.readUInt32LE(18),
    segments,
    content: await source.read(at + pageHeaderBytes + segments.length, contentLength),
  };
}

async function* pagesFrom(source: ByteSource, start: number): AsyncGenerator<OggPage> {
  for (let at = start; at < source.sizeBytes;) {
    const page = await readPage(source, at);
    yield page;
    at += page.length;
  }
}

/** Header packets in pages; a page on which a packet ends has the position 0, as headers have no sound. */
function paginate(packets: readonly Buffer[], serial: number, firstSequence: number): Buffer[] {
  const segments = packets.flatMap(segmentsOf);
  const content = Buffer.concat(packets);
  const pages: Buffer[] = [];
  let from = 0;
  for (let first = 0; first < segments.length; first += maxSegments) {
    const table = Buffer.from(segments.slice(first, first + maxSegments));
    const length = table.reduce((sum, segment) => sum + segment, 0);
    const header = Buffer.alloc(pageHeaderBytes);
    header.write('OggS', 0, 'latin1');
    header.writeUInt8(segments[first - 1] === 255 ? 1 : 0, 5);
    header.writeBigInt64LE(table.some((segment) => segment < 255) ? 0n : -1n, 6);
    header.writeUInt32LE(serial, 14);
    header.writeUInt32LE(firstSequence + pages.length, 18);
    header.writeUInt8(table.length, 26);
    const page = Buffer.concat([header, table, content.subarray(from, from + length)]);
    page.writeUInt32LE(oggChecksum(page), 22);
    pages.push(page);
    from += length;
  }
  return pages;
}

/** A packet’s segments: full ones, and a shorter one, perhaps empty, that ends it. */
function segmentsOf(packet: Buffer): number[] {
  return [...new Array<number>(Math.floor(packet.length / 255)).fill(255), packet.length % 255];
}

/** New numbers for the audio pages of the stream, where the headers take more or fewer pages than before. */
async function renumbered(source: ByteSource, { end, serial }: OggHeaders, shift: number): Promise<Splice[]> {
  const splices: Splice[] = [];
  for await (const page of pagesFrom(source, end)) {
    // A chained file goes on with another song, which counts for itself.
    if (page.serial !== serial) break;
    const bytes = await source.read(page.at, page.length);
    bytes.writeUInt32LE(page.sequence + shift, 18);
    bytes.writeUInt32LE(0, 22);
    bytes.writeUInt32LE(oggChecksum(bytes), 22);
    splices.push({ at: page.at + 18, removeBytes: 8, insert: bytes.subarray(18, 26) });
  }
  return splices;
}
