/** Tells from a few bytes whether a file is as long as its container says, so that nobody reads one half-written. */
import type { FileHandle } from 'node:fs/promises';
import type { LengthCheck } from '../../shared/watch.ts';
import { readAt, withAudioFile } from './audio-file.ts';
import { readOggLength } from './ogg-pages.ts';

/** Chunks that are looked at; no real file has nearly as many. */
const maxChunks = 1000;
const maxOggPageBytes = 27 + 255 + 255 * 255;

/**
 * Whether a file has the length that its container states. Only headers are read, and the end of an Ogg file.
 *
 * @returns `unknown` where the container states none: MP3, FLAC, streamed files whose header was never filled in,
 * fragmented MP4, and everything that is not understood
 * @throws BangerError `file-missing`, `file-unreadable`
 */
export async function checkExactLength(path: string): Promise<LengthCheck> {
  return withAudioFile(path, async (handle, sizeBytes) => {
    const head = await readAt(handle, 0, 16);
    const layout = chunkLayouts.find(({ magic }) => startsWith(head, magic));
    if (layout !== undefined) return checkChunks(handle, sizeBytes, layout);
    if (startsWith(head.subarray(4), 'ftyp')) return checkMp4Boxes(handle, sizeBytes);
    return startsWith(head, 'OggS') ? checkOggEnd(path, sizeBytes) : 'unknown';
  });
}

/** The last page of an Ogg stream says that it is the last. */
async function checkOggEnd(path: string, sizeBytes: number): Promise<LengthCheck> {
  const ogg = await readOggLength(path);
  if (ogg !== null) return ogg.isComplete ? 'complete' : 'incomplete';
  // Either several streams, whose last page is not the end of all of them, or less than one page.
  return sizeBytes < maxOggPageBytes ? 'incomplete' : 'unknown';
}

/** A container that is a list of chunks, one of which holds all samples and says how many bytes they take. */
interface ChunkLayout {
  /** The container's first letters. */
  magic: string;
  firstChunkAt: number;
  headerBytes: number;
  /** Chunks begin at multiples of this many bytes. */
  alignment: number;
  /** The name of the chunk that holds the samples. */
  samples: string;
  /** Bytes of a chunk's content by its header. */
  sizeOf: (header: Buffer) => number;
  /** Whether the samples' size means that the writer did not know it. */
  isOpen: (size: number) => boolean;
}

/** Writers to a pipe leave the size at 0 or at the largest even number that they dare. */
const isOpen32Bit = (size: number) => size === 0 || size >= 0x7fff_f000;
const isOpen64Bit = (size: number) => size <= 0 || size >= Number.MAX_SAFE_INTEGER;

const riff: Omit<ChunkLayout, 'magic' | 'sizeOf'> = {
  firstChunkAt: 12,
  headerBytes: 8,
  alignment: 2,
  samples: 'data',
  isOpen: isOpen32Bit,
};

const chunkLayouts: readonly ChunkLayout[] = [
  { ...riff, magic: 'RIFF', sizeOf: (header) => header.readUInt32LE(4) },
  { ...riff, magic: 'RIFX', sizeOf: (header) => header.readUInt32BE(4) },
  { ...riff, magic: 'RF64', sizeOf: (header) => header.readUInt32LE(4) },
  { ...riff, magic: 'BW64', sizeOf: (header) => header.readUInt32LE(4) },
  { ...riff, magic: 'FORM', samples: 'SSND', sizeOf: (header) => header.readUInt32BE(4) },
  {
    // Sony Wave64: names are GUIDs that begin with the letters, sizes count the header.
    magic: 'riff\x2e\x91\xcf\x11',
    firstChunkAt: 40,
    headerBytes: 24,
    alignment: 8,
    samples: 'data',
    sizeOf: (header) => Number(header.readBigInt64LE(16)) - 24,
    isOpen: isOpen64Bit,
  },
  {
    magic: 'caff\x00\x01',
    firstChunkAt: 8,
    headerBytes: 12,
    alignment: 1,
    samples: 'data',
    sizeOf: (header) => Number(header.readBigInt64BE(4)),
    isOpen: isOpen64Bit,
  },
];

async function checkChunks(handle: FileHandle, sizeBytes: number, layout: ChunkLayout): Promise<LengthCheck> {
  let at = layout.firstChunkAt;
  let samplesOf64BitWav: number | null = null;
  for (let chunk = 0; chunk < maxChunks; chunk += 1) {
    const header = await readAt(handle, at, layout.headerBytes + 16);
    if (header.length < layout.headerBytes) return 'incomplete';
    const name = header.toString('latin1', 0, 4);
    const stated = layout.sizeOf(header);
    // RF64 and BW64 keep the true size, which 32 bits can't hold, in a chunk of its own.
    if (name === 'ds64' && header.length >= 24) samplesOf64BitWav = Number(header.readBigUInt64LE(16));
    if (name === layout.samples) {
      const size = stated === 0xffff_ffff ? (samplesOf64BitWav ?? stated) : stated;
      if (samplesOf64BitWav === null ? layout.isOpen(size) : isOpen64Bit(size)) return 'unknown';
      return at + layout.headerBytes + size <= sizeBytes ? 'complete' : 'incomplete';
    }
    if (stated < 0) return 'unknown';
    at += Math.ceil((layout.headerBytes + stated) / layout.alignment) * layout.alignment;
    if (at > sizeBytes) return 'incomplete';
  }
  return 'unknown';
}

/** An MP4 file is complete when all its boxes are, and the one that says where the samples lie is among them. */
async function checkMp4Boxes(handle: FileHandle, sizeBytes: number): Promise<LengthCheck> {
  let hasIndex = false;
  let at = 0;
  for (let box = 0; box < maxChunks && at < sizeBytes; box += 1) {
    const header = await readAt(handle, at, 16);
    if (header.length < 8) return 'incomplete';
    const name = header.toString('latin1', 4, 8);
    // A fragment can be the last one or not: nothing says how many there are.
    if (name === 'moof') return 'unknown';
    if (name === 'moov') hasIndex = true;
    const size32 = header.readUInt32BE(0);
    // 0: up to the end of the file, wherever that will be.
    if (size32 === 0) return hasIndex ? 'unknown' : 'incomplete';
    if (size32 === 1 && header.length < 16) return 'incomplete';
    const size = size32 === 1 ? Number(header.readBigUInt64BE(8)) : size32;
    if (size < 8) return 'unknown';
    at += size;
  }
  if (at > sizeBytes) return 'incomplete';
  return at < sizeBytes ? 'unknown' : hasIndex ? 'complete' : 'incomplete';
}

function startsWith(bytes: Buffer, letters: string): boolean {
  return bytes.toString('latin1', 0, letters.length) === letters;
}
