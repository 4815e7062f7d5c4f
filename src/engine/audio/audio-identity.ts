/** The identity of a song: a hash over its encoded audio that survives renaming and tag editing. */
import { createHash } from 'node:crypto';

import { BangerError } from '../../shared/errors.ts';
import { LineReader } from './line-reader.ts';
import { oggPackets } from './ogg-pages.ts';
import { runFfmpeg, type FfmpegRun } from './run-ffmpeg.ts';

/** The SHA-256 of nothing, which ffmpeg reports for a stream without packets. */
const emptySha256 = createHash('sha256').digest('hex');
const maxHeaderBytes = 4 * 1024 * 1024;

/** Version of the rule below; a song keeps the identities of older rules beside the new one. */
export const identityScheme = 1;

/**
 * Two outputs of one pass that copies the packets undecoded: the hash of all their bytes, and a list whose header
 * states the codec and the hash of its extradata.
 */
export const identityOutputArguments: readonly string[] = [
  ...['-map', '0:a:0', '-c', 'copy', '-f', 'hash', '-hash', 'sha256', 'pipe:1'],
  ...['-map', '0:a:0', '-c', 'copy', '-t', '0', '-f', 'framehash', '-hash', 'sha256', 'pipe:1'],
];

/** What the two outputs say of the stream; undefined where they said nothing. */
export interface EncodedStream {
  packetsSha256?: string;
  extradataSha256?: string;
  codec?: string;
  sampleRateHz?: number;
  channelLayout?: string;
}

/** Reads the text that `identityOutputArguments` makes ffmpeg write. */
export class EncodedStreamReader {
  readonly stream: EncodedStream = {};
  readonly #lines = new LineReader((line) => {
    this.#readLine(line);
  });

  push(bytes: Buffer): void {
    this.#lines.push(bytes);
  }

  end(): EncodedStream {
    this.#lines.end();
    return this.stream;
  }

  #readLine(line: string): void {
    const packets = /^SHA256=([0-9a-f]{64})$/.exec(line)?.[1];
    if (packets !== undefined && packets !== emptySha256) this.stream.packetsSha256 = packets;
    const [, key, value] = /^#(\w+) 0[:,]\s+(.+)$/.exec(line) ?? [];
    if (value === undefined) return;
    if (key === 'codec_id') this.stream.codec = value;
    if (key === 'sample_rate') this.stream.sampleRateHz = Number(value);
    if (key === 'channel_layout_name') this.stream.channelLayout = value;
    const extradata = /([0-9a-f]{64})$/.exec(value)?.[1];
    if (key === 'extradata' && extradata !== undefined) this.stream.extradataSha256 = extradata;
  }
}

/** What the identity is made of. */
export interface IdentityParts {
  codec: string;
  sampleRateHz: number;
  channels: number;
  sampleFormat: string;
  /** SHA-256 of the codec's extradata without tags, null where the codec has none. */
  extradataSha256: string | null;
  packetsSha256: string;
}

/** The identity as 64 hexadecimal digits. */
export function hashIdentity(parts: IdentityParts): string {
  const text = [
    'banger audio identity 1',
    parts.codec,
    parts.sampleRateHz,
    parts.channels,
    parts.sampleFormat,
    parts.extradataSha256 ?? '-',
    parts.packetsSha256,
  ].join('\n');
  return createHash('sha256').update(text).digest('hex');
}

/**
 * The hash of a codec's extradata as it enters the identity.
 *
 * Vorbis keeps its comments, that is the tags, between the two headers that matter, so only those two are hashed.
 * WavPack's extradata only repeats a version that every packet states, and old ffmpeg builds leave it out.
 */
export async function taglessExtradataSha256(
  ffmpegPath: string,
  stream: EncodedStream,
  run: Pick<FfmpegRun, 'path' | 'signal' | 'priority' | 'timeoutSeconds'>,
): Promise<string | null> {
  if (stream.codec === 'wavpack') return null;
  if (stream.codec !== 'vorbis') return stream.extradataSha256 ?? null;
  const [identification, , setup] = await readVorbisHeaders(ffmpegPath, run);
  if (identification === undefined || setup === undefined) {
    throw new BangerError('corrupt-audio', 'The Vorbis headers of this file are damaged.', {
      file: run.path,
      nextStep: 'Make or download the song again.',
    });
  }
  return createHash('sha256').update(identification).update(setup).digest('hex');
}

async function readVorbisHeaders(
  ffmpegPath: string,
  run: Pick<FfmpegRun, 'path' | 'signal' | 'priority' | 'timeoutSeconds'>,
): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  let byteCount = 0;
  await runFfmpeg(ffmpegPath, {
    ...run,
    outputArguments: ['-map', '0:a:0', '-c', 'copy', '-t', '0', '-map_metadata', '-1', '-f', 'ogg', 'pipe:1'],
    onOutput: (bytes) => {
      byteCount += bytes.length;
      if (byteCount <= maxHeaderBytes) chunks.push(bytes);
    },
  });
  return oggPackets(Buffer.concat(chunks));
}
