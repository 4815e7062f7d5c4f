/** Tells which songs a browser plays as they are, by what was probed, never by the file's name. */
import type { AudioProbe } from '../../shared/audio.ts';

/** Containers by ffmpeg's first name for each, with their MIME type and the codecs in them that Chromium decodes. */
const playableContainers: Readonly<Record<string, { mimeType: string; codecs: readonly string[] }>> = {
  wav: {
    mimeType: 'audio/wav',
    codecs: ['pcm_u8', 'pcm_s16le', 'pcm_s24le', 'pcm_s32le', 'pcm_f32le', 'pcm_alaw', 'pcm_mulaw'],
  },
  mp3: { mimeType: 'audio/mpeg', codecs: ['mp3'] },
  flac: { mimeType: 'audio/flac', codecs: ['flac'] },
  ogg: { mimeType: 'audio/ogg', codecs: ['vorbis', 'opus', 'flac'] },
  mov: { mimeType: 'audio/mp4', codecs: ['aac', 'mp3', 'flac', 'opus'] },
  aac: { mimeType: 'audio/aac', codecs: ['aac'] },
  matroska: { mimeType: 'audio/webm', codecs: ['vorbis', 'opus', 'aac', 'mp3', 'flac'] },
};

/** Chromium refuses streams below; above, no sound card plays them as they are. */
const playableRatesHz = { lowest: 3000, highest: 384_000 } as const;
const maximumPlayableChannels = 8;

/** The MIME type under which a browser plays a song, null where it has to be converted first. */
export function playableMimeType(
  song: Pick<AudioProbe, 'container' | 'codec' | 'sampleRateHz' | 'channels'>,
): string | null {
  const name = song.container.split(',')[0] ?? '';
  const found = Object.hasOwn(playableContainers, name) ? playableContainers[name] : undefined;
  if (found?.codecs.includes(song.codec) !== true) return null;
  const { lowest, highest } = playableRatesHz;
  if (song.sampleRateHz < lowest || song.sampleRateHz > highest) return null;
  return song.channels > maximumPlayableChannels ? null : found.mimeType;
}
