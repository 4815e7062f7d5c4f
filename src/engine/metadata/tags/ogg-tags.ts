/** Ogg Vorbis and Opus: the comment packet near the beginning; audio packets are never touched. */
import type { ByteSource } from './byte-source.ts';
import { sha256Of } from './byte-source.ts';
import { oggChecksum } from './ogg-checksum.ts';
import { type Splice, type TagFormat, unsafeTags } from './tag-format.ts';
import { editVorbisComment, inspectVorbisComment } from './vorbis-comment.ts';

/** What makes a page, besides its stream and number. */
interface PagePart {
  flags: number;
  /** Position of the last packet that ends on the page. */
  position: bigint;
  /** Lengths of the segments; one under 255 ends a packet. */
  segments: Buffer;
  content: Buffer;
}

interface OggPage extends PagePart {
  at: number;
  /** Header, table and content. */
  length: number;
  serial: number;
  sequence: number;
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
  /** The audio that shares the last of these pages with a header, as some encoders have it; null where none does. */
  shared: PagePart | null;
}

const pageHeaderBytes = 27;
const maxSegments = 255;
/** Set where a page goes on with a packet of the page before. */
const continuedFlag = 1;
/** Comments with covers may fill many pages. */
const maxHeaderPages = 2000;

const codecs = [
  { start: '\u0001vorbis', magic: '\u0003vorbis', furtherPackets: 1 },
  { start: 'OpusHead', magic: 'OpusTags', furtherPackets: 0 },
];

export const oggTags: TagFormat = {
  name: 'Ogg',

  async inspect(source) {
    const { comment, further, firstPage, end, serial, shared } = await readHeaders(source);
    const { own, others } = inspectVorbisComment(comment);
    others.push({ name: 'first page', sha256: sha256Of(firstPage.content) });
    for (const packet of further) others.push({ name: 'header packet', sha256: sha256Of(packet) });
    if (shared !== null) others.push({ name: 'page', sha256: hashOf(shared) });
    for await (const page of pagesFrom(source, end)) {
      others.push({ name: page.serial === serial ? 'page' : 'page of another stream', sha256: hashOf(page) });
    }
    return { own, others };
  },

  async plan(source, changes) {
    const headers = await readHeaders(source);
    const comment = Buffer.concat([headers.magic, editVorbisComment(headers.comment, changes)]);
    const { serial, firstPage, shared } = headers;
    const pages = paginate([comment, ...headers.further], serial, firstPage.sequence + 1);
    if (shared !== null) pages.push(makePage(shared, serial, firstPage.sequence + 1 + pages.length));
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
  const wanted = 1 + codec.furtherPackets;
  const packets: Buffer[] = [];
  let open: Buffer[] = [];
  let at = firstPage.length;
  let pageCount = 0;
  let shared: PagePart | null = null;
  while (packets.length < wanted) {
    const page = await readPage(source, at);
    // Several streams side by side would have their pages interleaved.
    if (page.serial !== firstPage.serial) throw unsafeTags('it holds more than one stream');
    pageCount += 1;
    if (pageCount > maxHeaderPages) throw unsafeTags('its headers are damaged');
    at += page.length;
    let from = 0;
    for (const [index, segment] of page.segments.entries()) {
      open.push(page.content.subarray(from, from + segment));
      from += segment;
      if (segment === 255) continue;
      packets.push(Buffer.concat(open));
      open = [];
      if (packets.length < wanted) continue;
      shared = audioBehind(page, index + 1, from);
      break;
    }
  }
  const [first, ...further] = packets;
  const magic = Buffer.from(codec.magic, 'latin1');
  if (first?.subarray(0, magic.length).equals(magic) !== true) throw unsafeTags('its headers are damaged');
  const comment = first.subarray(magic.length);
  const { serial, length: start } = firstPage;
  return { serial, start, end: at, firstPage, pageCount, magic, comment, further, shared };
}

/** What stands on a page behind the headers, as a page of its own. */
function audioBehind(page: OggPage, segmentIndex: number, contentIndex: number): PagePart | null {
  const segments = page.segments.subarray(segmentIndex);
  if (segments.length === 0) return null;
  const endsPacket = segments.some((segment) => segment < 255);
  return {
    // Nothing goes on here from the page before.
    flags: page.flags & ~continuedFlag,
    position: endsPacket ? page.position : -1n,
    segments,
    content: page.content.subarray(contentIndex),
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
    flags: header.readUInt8(5),
    position: header.readBigInt64LE(6),
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
    const part = {
      flags: segments[first - 1] === 255 ? continuedFlag : 0,
      position: table.some((segment) => segment < 255) ? 0n : -1n,
      segments: table,
      content: content.subarray(from, from + length),
    };
    pages.push(makePage(part, serial, firstSequence + pages.length));
    from += length;
  }
  return pages;
}

function makePage(part: PagePart, serial: number, sequence: number): Buffer {
  const header = Buffer.alloc(pageHeaderBytes);
  header.write('OggS', 0, 'latin1');
  header.writeUInt8(part.flags, 5);
  header.writeBigInt64LE(part.position, 6);
  header.writeUInt32LE(serial, 14);
  header.writeUInt32LE(sequence, 18);
  header.writeUInt8(part.segments.length, 26);
  const page = Buffer.concat([header, part.segments, part.content]);
  page.writeUInt32LE(oggChecksum(page), 22);
  return page;
}

/** A hash of all of a page but its number. */
function hashOf({ flags, position, segments, content }: PagePart): string {
  return sha256Of(
    Buffer.concat([Buffer.from(`${flags} ${position} ${segments.length} `), segments, content]),
  );
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
