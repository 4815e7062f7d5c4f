/** What the product knows about a song's audio, without its samples. */
import { z } from 'zod';

/**
 * What a person should know about a song's audio before trusting its score.
 *
 * - `silent`: the whole song stays under -60 dBFS
 * - `clipped`: runs of samples stand at full scale
 * - `short`: under 1 s
 * - `cut-off`: the file ends before its container says, or breaks while decoding
 * - `wrong-extension`: the file's name promises another format than its bytes hold
 */
export const songFlags = ['silent', 'clipped', 'short', 'cut-off', 'wrong-extension'] as const;
export const songFlagSchema = z.enum(songFlags);
export type SongFlag = z.infer<typeof songFlagSchema>;

export interface SongTags {
  title?: string;
  artist?: string;
  album?: string;
  genre?: string;
  comment?: string;
}

/** What a file states about its first audio stream. */
export interface AudioProbe {
  /** ffmpeg's name of the container, such as `mp3`, `ogg`, `mov,mp4,m4a,3gp,3g2,mj2`. */
  container: string;
  /** ffmpeg's name of the codec, such as `mp3`, `vorbis`, `pcm_s16le`. */
  codec: string;
  sampleRateHz: number;
  channels: number;
  /** ffmpeg's name of the decoded sample format, such as `fltp`, `s16`. */
  sampleFormat: string;
  /** Length that the container states or ffmpeg estimates, null where neither knows. */
  durationSeconds: number | null;
  tags: SongTags;
}

/** The part of a song that is encoded, cut after resampling. */
export interface AudioWindow {
  startSeconds: number;
  lengthSeconds: number;
}

/** The window of the reference: the first 30 s. */
export const referenceWindow: AudioWindow = { startSeconds: 0, lengthSeconds: 30 };

/** Loudness of a whole song by EBU R 128; null where the song is too short or too quiet to have one. */
export interface Loudness {
  integratedLufs: number | null;
  truePeakDbtp: number | null;
}
