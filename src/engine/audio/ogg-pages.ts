/** Reads Ogg pages: the packets of a short stream, and how many samples a file says it has. */
import { readAt, withAudioFile } from './audio-file.ts';

const pageHeaderBytes = 27;
const maxPageBytes = pageHeaderBytes + 255 + 255 * 255;
const beginOfStream = 0x02;
const endOfStream = 0x04;

interface OggPage {
  flags: number;
  granule: bigint;
  serial: number;
  segmentLengths: Buffer;
  body: Buffer;
  nextOffset: number;
}

/** What the last page of an Ogg file says. */
export interface OggLength {
  /** Samples per channel at the codec's own rate, null where the last page does not tell. */
  frames: number | null;
  /** Whether the last page is marked as the last; a file that was cut has none such. */
  isComplete: boolean;
}

/**
 * The complete packets of the first logical stream.
 *
 * @param bytes a whole Ogg file, or its beginning
 */
export function oggPackets(bytes: Buffer): Buffer[] {
  const packets: Buffer[] = [];
  let pending: Buffer[] = [];
  let serial: number | null = null;
  for (let page = pageAt(bytes, 0); page !== null; page = pageAt(bytes, page.nextOffset)) {
    serial ??= page.serial;
    if (page.serial !== serial) continue;
    let at = 0;
    for (const length of page.segmentLengths) {
      pending.push(page.body.subarray(at, at + length));
      at += length;
      if (length === 255) continue;
      packets.push(Buffer.concat(pending));
      pending = [];
    }
  }
  return packets;
}

/**
 * How long an Ogg file says it is. Its last page carries the position of its last sample, which lies before the
 * end of the last packet; old decoders hand out the rest of that packet too.
 *
 * @returns null for files that hold several streams, side by side or one after the other
 */
export function readOggLength(path: string): Promise<OggLength | null> {
  return withAudioFile(path, async (handle, sizeBytes) => {
    const start = await readAt(handle, 0, 2 * maxPageBytes);
    const first = pageAt(start, 0);
    if (first === null) return null;
    const second = pageAt(start, first.nextOffset);
    if (second !== null && (second.flags & beginOfStream) !== 0) return null;

    const tailBytes = Math.min(sizeBytes, 2 * maxPageBytes);
    const last = lastPage(await readAt(handle, sizeBytes - tailBytes, tailBytes));
    if (last === null) return { frames: null, isComplete: false };
    if (last.serial !== first.serial) return null;
    return { frames: framesAt(last.granule, first.body), isComplete: (last.flags & endOfStream) !== 0 };
  });
}

/** The position of a page in samples, from which Opus asks to take those that its decoder needs to settle. */
function framesAt(granule: bigint, firstPacket: Buffer): number | null {
  if (granule <= 0n || granule > BigInt(Number.MAX_SAFE_INTEGER)) return null;
  const isOpus = firstPacket.subarray(0, 8).equals(Buffer.from('OpusHead')) && firstPacket.length >= 12;
  const frames = Number(granule) - (isOpus ? firstPacket.readUInt16LE(10) : 0);
  return frames > 0 ? frames : null;
}

function lastPage(tail: Buffer): OggPage | null {
  let at = tail.lastIndexOf('OggS');
  while (at >= 0) {
    const page = pageAt(tail, at);
    if (page !== null) return page;
    at = at === 0 ? -1 : tail.lastIndexOf('OggS', at - 1);
  }
  return null;
}

/** The page that starts here, null where none does or its end is missing. */
function pageAt(bytes: Buffer, at: number): OggPage | null {
  if (at + pageHeaderBytes > bytes.length) return null;
  if (!bytes.subarray(at, at + 4).equals(Buffer.from('OggS')) || bytes[at + 4] !== 0) return null;
  const bodyOffset = at + pageHeaderBytes + bytes.readUInt8(at + 26);
  const segmentLengths = bytes.subarray(at + pageHeaderBytes, bodyOffset);
  const nextOffset = bodyOffset + segmentLengths.reduce((sum, length) => sum + length, 0);
  if (nextOffset > bytes.length) return null;
  return {
    flags: bytes.readUInt8(at + 5),
    granule: bytes.readBigInt64LE(at + 6),
    serial: bytes.readUInt32LE(at + 14),
    segmentLengths,
    body: bytes.subarray(bodyOffset, nextOffset),
    nextOffset,
  };
}
