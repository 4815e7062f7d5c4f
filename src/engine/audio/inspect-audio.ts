/** Finds out what a file holds, without decoding it: codec, length, tags, identity. */
import { basename } from 'node:path';

import type { AudioProbe, SongFlag } from '../../shared/audio.ts';
import { BangerError } from '../../shared/errors.ts';
import { readFileHead } from './audio-file.ts';
import {
  EncodedStreamReader,
  hashIdentity,
  identityOutputArguments,
  taglessExtradataSha256,
  type EncodedStream,
} from './audio-identity.ts';
import { channelsOfLayout } from './channel-layout.ts';
import type { Ffmpeg } from './find-ffmpeg.ts';
import { InputReportReader, type InputReport } from './input-report.ts';
import { readOggLength } from './ogg-pages.ts';
import { runFfmpeg } from './run-ffmpeg.ts';
import {
  hasWrongExtension,
  signatureByteCount,
  startsLikeContainer,
  startsLikePicture,
} from './sniff-audio.ts';
import { SongTagReader, tagOutputArguments, type TagsByName } from './song-tags.ts';
import { readWavDurationSeconds } from './wav-length.ts';

/** Beyond these, a header is damaged and would only make the decoder allocate absurd buffers. */
const sampleRateRangeHz = { lowest: 1000, highest: 768_000 } as const;
const maxChannels = 64;

/** What a file holds, as far as its headers and its encoded packets tell. */
export interface AudioInspection {
  probe: AudioProbe;
  /** The tags in which generators keep how a song was made, by lower-case name. */
  generationTags: TagsByName;
  /** SHA-256 over the encoded audio, 64 hexadecimal digits; the same after renaming and tag editing. */
  identity: string;
  /** `wrong-extension`, and `cut-off` where the end is visibly missing. */
  flags: SongFlag[];
  /** The length that the container states exactly, null where it states none. */
  exactDurationSeconds: number | null;
  /** Samples per channel to keep, for containers whose last packet holds more than the song; null to keep all. */
  framesToKeep: number | null;
  /** ffmpeg's name of the channel layout, such as `stereo` or `6 channels`. */
  channelLayout: string;
  sizeBytes: number;
}

export interface InspectOptions {
  /** Priority of ffmpeg, in the terms of `os.setPriority`; default that of this process. */
  priority?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Default: a minute, and longer for large files. */
  timeoutSeconds?: number | undefined;
}

/**
 * Inspects one file in one pass over its packets (Vorbis needs a second, that reads its first page only).
 *
 * @throws BangerError `file-missing`, `file-unreadable`, `not-audio`, `no-audio-stream`, `corrupt-audio`,
 *   `ffmpeg-failed`, `timed-out`, `cancelled`
 */
export async function inspectAudio(
  ffmpeg: Pick<Ffmpeg, 'path'>,
  path: string,
  options: InspectOptions = {},
): Promise<AudioInspection> {
  const { head, sizeBytes } = await readFileHead(path, signatureByteCount);
  if (sizeBytes === 0) throw corrupt(path, 'This file is empty.');
  const timeoutSeconds = options.timeoutSeconds ?? 60 + sizeBytes / 1_000_000;
  const run = { path, signal: options.signal, priority: options.priority, timeoutSeconds };

  const reportReader = new InputReportReader(basename(path));
  const streamReader = new EncodedStreamReader();
  const tagReader = new SongTagReader();
  const { messages } = await runFfmpeg(ffmpeg.path, {
    ...run,
    outputArguments: [...identityOutputArguments, ...tagOutputArguments, 'pipe:3'],
    onMessage: (line) => {
      reportReader.read(line);
    },
    onOutput: (bytes) => {
      streamReader.push(bytes);
    },
    onSideOutput: (bytes) => {
      tagReader.push(bytes);
    },
  });

  const { report } = reportReader;
  const stream = streamReader.end();
  // A file that went away in this moment is missing, not damaged.
  if (report.container === null) await readFileHead(path, 0);
  const { container, codec, sampleRateHz, channels, channelLayout, packetsSha256 } = completeStream(
    { path, head, messages },
    report,
    stream,
  );
  const sampleFormat = report.sampleFormat ?? 'none';
  const extradataSha256 = await taglessExtradataSha256(ffmpeg.path, stream, run);
  const length = await readLength(path, report);
  const { tags, generationTags } = tagReader.read();
  return {
    probe: {
      container,
      codec,
      sampleRateHz,
      channels,
      sampleFormat,
      durationSeconds: length.exactDurationSeconds ?? report.durationSeconds,
      tags,
    },
    generationTags,
    identity: hashIdentity({ codec, sampleRateHz, channels, sampleFormat, extradataSha256, packetsSha256 }),
    flags: [
      ...(hasWrongExtension(path, container) ? (['wrong-extension'] as const) : []),
      ...(length.isCutOff ? (['cut-off'] as const) : []),
    ],
    exactDurationSeconds: length.exactDurationSeconds,
    framesToKeep: length.framesToKeep,
    channelLayout,
    sizeBytes,
  };
}

interface InspectedFile {
  path: string;
  head: Buffer;
  messages: string;
}

/** The stream's properties, all present and sane, or the error that says what the file is instead. */
function completeStream(file: InspectedFile, report: InputReport, stream: EncodedStream) {
  const { path, head, messages } = file;
  const { container } = report;
  if (container !== null && !report.hasAudio) {
    throw withoutAudio(path, 'This file has pictures but no sound.', messages);
  }
  const { codec, sampleRateHz, channelLayout, packetsSha256 } = stream;
  if (container === null || packetsSha256 === undefined) {
    if (startsLikePicture(head)) throw withoutAudio(path, 'This file is a picture.', messages);
    if (!startsLikeContainer(head)) throw notAudio(path, messages);
    throw corrupt(path, 'This file begins like audio, but no audio can be found in it.', messages);
  }
  const channels = channelLayout === undefined ? null : channelsOfLayout(channelLayout);
  if (
    codec === undefined ||
    sampleRateHz === undefined ||
    channelLayout === undefined ||
    channels === null ||
    channels < 1
  ) {
    throw corrupt(path, 'The headers of this file leave out what a decoder needs.', messages);
  }
  if (sampleRateHz < sampleRateRangeHz.lowest || sampleRateHz > sampleRateRangeHz.highest) {
    throw corrupt(path, `This file states an impossible sample rate of ${sampleRateHz} Hz.`, messages);
  }
  if (channels > maxChannels) {
    throw corrupt(path, `This file states an impossible number of channels, ${channels}.`, messages);
  }
  return { container, codec, sampleRateHz, channels, channelLayout, packetsSha256 };
}

interface StatedLength {
  exactDurationSeconds: number | null;
  isCutOff: boolean;
  framesToKeep: number | null;
}

/** The length that the container itself states, from ffmpeg's report or the file's own words where those say more. */
async function readLength(path: string, report: InputReport): Promise<StatedLength> {
  if (report.container === 'ogg') {
    const ogg = await readOggLength(path);
    // A stream that starts late counts from before its start; only its end mark can be used.
    const frames = Math.abs(report.startSeconds) < 0.1 ? (ogg?.frames ?? null) : null;
    return {
      exactDurationSeconds: null,
      isCutOff: ogg !== null && !ogg.isComplete,
      framesToKeep: ogg?.isComplete === true ? frames : null,
    };
  }
  if (report.container === 'wav') {
    const exactDurationSeconds = await readWavDurationSeconds(path);
    return { exactDurationSeconds, isCutOff: false, framesToKeep: null };
  }
  // With moving pictures the container's length may be theirs.
  const isExact = !report.durationIsEstimated && !report.hasVideo;
  return {
    exactDurationSeconds: isExact ? report.durationSeconds : null,
    isCutOff: false,
    framesToKeep: null,
  };
}

function corrupt(file: string, message: string, details?: string): BangerError {
  return new BangerError('corrupt-audio', message, {
    file,
    nextStep: 'Make or download the song again.',
    details,
  });
}

function notAudio(file: string, details: string): BangerError {
  return new BangerError('not-audio', 'This file is not audio in a format that can be scored.', {
    file,
    nextStep: 'Convert it to WAV, FLAC, MP3 or another common audio format, or leave it out.',
    details,
  });
}

function withoutAudio(file: string, message: string, details: string): BangerError {
  return new BangerError('no-audio-stream', message, {
    file,
    nextStep: 'Choose a file that holds sound.',
    details,
  });
}
