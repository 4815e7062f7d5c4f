/** Makes songs whose tags hold what players and DJ programs put there, part by part known byte for byte. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { oggChecksum } from '../../src/engine/metadata/tags/ogg-checksum.ts';
import { makeSong } from './make-audio.ts';

/** Bytes that look like nothing, the same each time; no zero bytes, and none that end a synchronised frame. */
export function noise(length: number, seed = 1): Buffer {
  let state = seed;
  return Buffer.from(
    Array.from({ length }, () => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return 1 + ((state >> 16) % 254);
    }),
  );
}

/** An ID3 frame with its header. */
export function id3Frame(version: 3 | 4, id: string, content: Buffer, flags = 0): Buffer {
  const header = Buffer.alloc(10);
  header.write(id, 'latin1');
  if (version === 4) writeSyncsafe(header, content.length, 4);
  else header.writeUInt32BE(content.length, 4);
  header.writeUInt16BE(flags, 8);
  return Buffer.concat([header, content]);
}

/** Frames of Serato, Traktor, rekordbox, players and taggers, in an order that no program writes. */
export function djFrames(version: 3 | 4): Buffer[] {
  const frame = (id: string, content: Buffer, flags = 0) => id3Frame(version, id, content, flags);
  const text = (value: string) => Buffer.from(value, 'latin1');
  return [
    frame('GEOB', Buffer.concat([text('\0application/octet-stream\0\0Serato Markers2\0'), noise(4000, 2)])),
    frame('TIT2', Buffer.concat([Buffer.from([1, 0xff, 0xfe]), Buffer.from('Héllo 🎵\0', 'utf16le')])),
    frame('PRIV', Buffer.concat([text('TRAKTOR4\0'), noise(9000, 3)])),
    frame('TXXX', text('\0comment\0not a COMM')),
    frame('APIC', Buffer.concat([text('\0image/jpeg\0\u0003cover\0'), noise(70_000, 4)])),
    frame('POPM', Buffer.concat([text('rating@example.org\0'), Buffer.from([196, 0, 0, 0, 7])])),
    frame('GEOB', Buffer.concat([text('\0application/octet-stream\0\0Serato BeatGrid\0'), noise(64, 5)])),
    frame(version === 3 ? 'TYER' : 'TDRC', text('\x002001')),
    frame('TXXX', text('\0BANGER_SCORE_OF_OTHERS\x009')),
    frame('XYZ9', noise(33, 6)),
    frame(
      'TXXX',
      Buffer.concat([Buffer.from([1, 0xff, 0xfe]), Buffer.from('REPLAYGAIN\0\uFEFF-3 dB', 'utf16le')]),
    ),
    frame(
      'UFID',
      Buffer.concat([text('http://musicbrainz.org\0'), noise(36, 7)]),
      version === 3 ? 0x8000 : 0x4000,
    ),
  ];
}

/** A whole ID3 tag. */
export function id3Tag(version: 3 | 4, frames: readonly Buffer[], { padding = 0, flags = 0 } = {}): Buffer {
  const content = Buffer.concat([...frames, Buffer.alloc(padding)]);
  const header = Buffer.from([0x49, 0x44, 0x33, version, 0, flags, 0, 0, 0, 0]);
  writeSyncsafe(header, content.length, 6);
  return Buffer.concat([header, content]);
}

/** An MP3 with this tag in front and an ID3v1 tag behind. */
export async function makeMp3(path: string, tag: Buffer): Promise<void> {
  await makeSong(path, '-b:a', '64k', '-id3v2_version', '0', '-write_id3v1', '1', '-metadata', 'title=old');
  await writeFile(path, Buffer.concat([tag, await readFile(path)]));
}

/** A chunk of a WAV or AIFF file. */
export function chunk(format: 'wav' | 'aiff', id: string, content: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.write(id, 'latin1');
  if (format === 'wav') header.writeUInt32LE(content.length, 4);
  else header.writeUInt32BE(content.length, 4);
  return Buffer.concat([header, content, Buffer.alloc(content.length % 2)]);
}

/** Adds chunks at the end of a WAV or AIFF file. */
export async function addChunks(
  path: string,
  format: 'wav' | 'aiff',
  chunks: readonly Buffer[],
): Promise<void> {
  const bytes = Buffer.concat([await readFile(path), ...chunks]);
  if (format === 'wav') bytes.writeUInt32LE(bytes.length - 8, 4);
  else bytes.writeUInt32BE(bytes.length - 8, 4);
  await writeFile(path, bytes);
}

/** Puts metadata blocks behind a FLAC file's first one, and takes out all padding if asked to. */
export async function rebuildFlac(
  path: string,
  {
    added = [],
    withPadding = true,
  }: { added?: readonly { type: number; content: Buffer }[]; withPadding?: boolean },
): Promise<void> {
  const bytes = await readFile(path);
  const blocks: { type: number; content: Buffer }[] = [];
  let at = 4;
  for (let isLast = false; !isLast;) {
    const header = bytes.readUInt32BE(at);
    const length = header & 0xff_ffff;
    blocks.push({ type: (header >>> 24) & 0x7f, content: bytes.subarray(at + 4, at + 4 + length) });
    isLast = header >>> 31 === 1;
    at += 4 + length;
  }
  const [first, ...others] = blocks;
  const kept = [first, ...added, ...others].filter((block) => block !== undefined);
  const list = kept.filter(({ type }) => withPadding || type !== 1);
  const written = list.map(({ type, content }, index) => {
    const header = Buffer.alloc(4);
    header.writeUInt32BE(content.length);
    header.writeUInt8((index === list.length - 1 ? 0x80 : 0) | type);
    return Buffer.concat([header, content]);
  });
  await writeFile(path, Buffer.concat([bytes.subarray(0, 4), ...written, bytes.subarray(at)]));
}

/** Puts the first audio page of an Ogg Vorbis file onto the page where its headers end, as some encoders do. */
export async function shareHeaderPage(path: string): Promise<void> {
  const pages = oggPages(await readFile(path));
  const audio = pages.findIndex((page) => page.readBigInt64LE(6) > 0n);
  const [header, first] = [pages[audio - 1], pages[audio]];
  if (header === undefined || first === undefined) throw new Error('This file has no audio pages.');
  const segments = Buffer.concat([tableOf(header), tableOf(first)]);
  if (segments.length > 255) throw new Error('The pages do not fit into one.');
  const head = Buffer.from(header.subarray(0, 27));
  head.writeBigInt64LE(first.readBigInt64LE(6), 6);
  head.writeUInt8(segments.length, 26);
  const content = [header, first].map((page) => page.subarray(27 + tableOf(page).length));
  pages.splice(audio - 1, 2, Buffer.concat([head, segments, ...content]));
  for (const [sequence, page] of pages.entries()) {
    page.writeUInt32LE(sequence, 18);
    page.writeUInt32LE(0, 22);
    page.writeUInt32LE(oggChecksum(page), 22);
  }
  await writeFile(path, Buffer.concat(pages));
}

function oggPages(bytes: Buffer): Buffer[] {
  const pages: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const table = tableOf(bytes.subarray(at));
    const length = 27 + table.length + table.reduce((sum, segment) => sum + segment, 0);
    pages.push(Buffer.from(bytes.subarray(at, at + length)));
    at += length;
  }
  return pages;
}

function tableOf(page: Buffer): Buffer {
  return page.subarray(27, 27 + page.readUInt8(26));
}

/** What ffprobe reads: tags of container and streams by lower-case name, and the streams that there are. */
export async function probeTags(path: string): Promise<{ tags: Record<string, string>; streams: string[] }> {
  const { stdout } = await promisify(execFile)('ffprobe', [
    ...['-v', 'error', '-show_entries', 'format_tags:stream_tags:stream=codec_name', '-of', 'json', path],
  ]);
  const { format, streams } = JSON.parse(stdout) as {
    format: { tags?: Record<string, string> };
    streams: { codec_name: string; tags?: Record<string, string> }[];
  };
  const all = [format.tags ?? {}, ...streams.map(({ tags }) => tags ?? {})].flatMap((tags) =>
    Object.entries(tags),
  );
  return {
    tags: Object.fromEntries(all.map(([name, value]) => [name.toLowerCase(), value])),
    streams: streams.map(({ codec_name: codec }) => codec),
  };
}

/** MD5 of the decoded audio, and of the first picture's bytes where there is one. */
export async function contentHashes(path: string): Promise<string> {
  const run = (...outputArguments: string[]) =>
    promisify(execFile)('ffmpeg', ['-v', 'error', '-i', path, ...outputArguments, '-f', 'md5', '-']);
  const audio = await run('-map', '0:a:0');
  const picture = await run('-map', '0:v:0', '-c', 'copy').catch(() => ({ stdout: 'no picture' }));
  return `${audio.stdout} ${picture.stdout}`;
}

function writeSyncsafe(bytes: Buffer, value: number, at: number): void {
  for (const place of [0, 1, 2, 3]) bytes.writeUInt8((value >> (7 * (3 - place))) & 0x7f, at + place);
}
