/** Tells audio files from others by name and by first bytes, without ffmpeg. */
import type { AudioExtension } from '../../shared/file-names.ts';
import { audioExtensionOf } from '../../shared/file-names.ts';
import { readFileHead } from './audio-file.ts';

/** How many first bytes the signatures need: two MP3 frames of the largest size. */
export const signatureByteCount = 4096;

/** The containers (ffmpeg's names) that keep the promise of each audio file name ending. */
const containersByExtension: Readonly<Record<AudioExtension, readonly string[]>> = {
  wav: ['wav', 'w64'],
  wave: ['wav'],
  w64: ['w64'],
  aif: ['aiff'],
  aiff: ['aiff'],
  aifc: ['aiff'],
  flac: ['flac'],
  mp3: ['mp3'],
  ogg: ['ogg'],
  oga: ['ogg'],
  opus: ['ogg'],
  m4a: ['mov'],
  mp4: ['mov'],
  aac: ['aac', 'mov'],
  alac: ['mov'],
  wma: ['asf'],
  webm: ['matroska'],
  mka: ['matroska'],
  wv: ['wv'],
  caf: ['caf'],
  tta: ['tta'],
};

/**
 * Whether a file's name promises another format than it holds. A name that promises no audio format breaks no
 * promise.
 *
 * @param container ffmpeg's name, such as `mov,mp4,m4a,3gp,3g2,mj2`
 */
export function hasWrongExtension(path: string, container: string): boolean {
  const extension = audioExtensionOf(path);
  if (extension === null) return false;
  const promised = containersByExtension[extension];
  return !container.split(',').some((name) => promised.includes(name));
}

/**
 * Whether a file begins like audio. Containers that mostly hold films (MP4 without an audio brand, Matroska, ASF)
 * do not count; for them the name decides.
 *
 * @throws BangerError `file-missing` or `file-unreadable`
 */
export async function hasAudioSignature(path: string): Promise<boolean> {
  const { head } = await readFileHead(path, signatureByteCount);
  return startsLikeAudio(head);
}

/** Whether these first bytes (`signatureByteCount` of them) can only be audio. */
export function startsLikeAudio(head: Buffer): boolean {
  const is = (text: string, at = 0) =>
    head.subarray(at, at + text.length).equals(Buffer.from(text, 'latin1'));
  return (
    ((is('RIFF') || is('RF64')) && is('WAVE', 8)) ||
    is('riff\x2e\x91\xcf\x11') ||
    (is('FORM') && (is('AIFF', 8) || is('AIFC', 8))) ||
    is('fLaC') ||
    is('ID3') ||
    (is('OggS') && (is('\x01vorbis', 28) || is('OpusHead', 28) || is('\x7fFLAC', 28) || is('Speex', 28))) ||
    (is('ftyp', 4) && (is('M4A ', 8) || is('M4B ', 8))) ||
    is('wvpk') ||
    is('caff\x00\x01') ||
    is('TTA1') ||
    frameRepeats(head, mpegFrameBytes) ||
    frameRepeats(head, adtsFrameBytes)
  );
}

/** Whether these first bytes can be a container that ffmpeg is asked to read, films included. */
export function startsLikeContainer(head: Buffer): boolean {
  const asfHeader = Buffer.from('3026b2758e66cf11a6d900aa0062ce6c', 'hex');
  return (
    startsLikeAudio(head) ||
    head.subarray(4, 8).equals(Buffer.from('ftyp')) ||
    head.subarray(0, 4).equals(Buffer.from('1a45dfa3', 'hex')) ||
    head.subarray(0, 16).equals(asfHeader) ||
    head.subarray(0, 4).equals(Buffer.from('OggS'))
  );
}

/** Whether these first bytes are a picture's: PNG, JPEG, GIF, WebP or BMP. */
export function startsLikePicture(head: Buffer): boolean {
  const hex = head.subarray(0, 12).toString('hex');
  return /^(?:89504e470d0a1a0a|ffd8ff|47494638|52494646.{8}57454250|424d.{8}00000000)/.test(hex);
}

/** Whether a frame header stands at the start and another where the first frame ends. */
function frameRepeats(head: Buffer, frameBytesAt: (head: Buffer, at: number) => number | null): boolean {
  const first = frameBytesAt(head, 0);
  return first !== null && frameBytesAt(head, first) !== null;
}

const mpegBitratesKbps = [
  [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
] as const;

/** Length of the MPEG layer III frame that starts here, null where none does. */
function mpegFrameBytes(head: Buffer, at: number): number | null {
  if (at + 4 > head.length) return null;
  const header = head.readUInt32BE(at);
  const version = (header >>> 19) & 3;
  const layer = (header >>> 17) & 3;
  const sampleRateHz = [44_100, 48_000, 32_000][(header >>> 10) & 3];
  const isVersion1 = version === 3;
  const bitrateKbps = mpegBitratesKbps[isVersion1 ? 0 : 1][(header >>> 12) & 15];
  if (header >>> 21 !== 0x7ff || version === 1 || layer !== 1) return null;
  if (sampleRateHz === undefined || bitrateKbps === undefined || bitrateKbps === 0) return null;
  const rateDivisor = isVersion1 ? 1 : version === 2 ? 2 : 4;
  const bytesPerFrame = ((isVersion1 ? 144_000 : 72_000) * bitrateKbps) / (sampleRateHz / rateDivisor);
  return Math.floor(bytesPerFrame) + ((header >>> 9) & 1);
}

/** Length of the AAC ADTS frame that starts here, null where none does. */
function adtsFrameBytes(head: Buffer, at: number): number | null {
  if (at + 7 > head.length) return null;
  if ((head.readUInt16BE(at) & 0xfff6) !== 0xfff0) return null;
  const frameBytes = (head.readUInt32BE(at + 2) >>> 5) & 0x1fff;
  return frameBytes >= 7 ? frameBytes : null;
}
