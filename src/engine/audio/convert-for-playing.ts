/** Converts a song that browsers cannot play into FLAC, which they can. */
import type { AudioProbe } from '../../shared/audio.ts';
import { BangerError } from '../../shared/errors.ts';
import { readFileHead } from './audio-file.ts';
import type { Ffmpeg } from './find-ffmpeg.ts';
import { runFfmpeg } from './run-ffmpeg.ts';

/** What the converted files are. */
export const convertedMimeType = 'audio/flac';
export const convertedExtension = '.flac';

/** More samples a second or channels than these are not heard by anybody and not played by every browser. */
const highestRateHz = 96_000;
const lowestRateHz = 8000;
const maximumChannels = 8;

export interface ConvertOptions {
  signal?: AbortSignal | undefined;
  timeoutSeconds: number;
}

/**
 * Writes a song's first audio stream, without tags and pictures, as FLAC of the source's depth: 24 bit where it has
 * more than 16, else 16.
 *
 * @param target a path where nothing stands yet; what a failure leaves there is the caller's to remove
 * @throws BangerError `media-unplayable` where ffmpeg cannot decode it, `file-missing`, `file-unreadable`,
 *   `timed-out`, `cancelled`, `ffmpeg-failed`
 */
export async function convertForPlaying(
  ffmpeg: Pick<Ffmpeg, 'path'>,
  source: string,
  song: Pick<AudioProbe, 'sampleFormat' | 'sampleRateHz' | 'channels'>,
  target: string,
  { signal, timeoutSeconds }: ConvertOptions,
): Promise<void> {
  // An ordinary file that may be read; anything else could block ffmpeg.
  await readFileHead(source, 0);
  const isDeep = /^(?:s32|s64|flt|dbl)p?$/.test(song.sampleFormat) && song.sampleFormat !== 'fltp';
  const { exitCode, messages } = await runFfmpeg(ffmpeg.path, {
    path: source,
    signal,
    timeoutSeconds,
    outputArguments: [
      ...['-map', '0:a:0', '-map_metadata', '-1', '-vn', '-sn', '-dn'],
      ...['-c:a', 'flac', '-compression_level', '2', '-sample_fmt', isDeep ? 's32' : 's16'],
      ...(song.sampleRateHz > highestRateHz ? ['-ar', String(highestRateHz)] : []),
      ...(song.sampleRateHz < lowestRateHz ? ['-ar', String(lowestRateHz)] : []),
      ...(song.channels > maximumChannels ? ['-ac', '2'] : []),
      ...['-f', 'flac', '-y', `file:${target}`],
    ],
  });
  if (exitCode === 0) return;
  // What went away while it was read is missing, not unplayable.
  await readFileHead(source, 0);
  throw new BangerError('media-unplayable', 'This song cannot be converted into a format that plays here.', {
    file: source,
    nextStep: 'Open it in another player, or make or download it again.',
    details: messages,
  });
}
