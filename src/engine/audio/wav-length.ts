/** Reads how long a WAV file says it is, which ffmpeg forgets when the file is shorter. */
import { readAt, withAudioFile } from './audio-file.ts';

/** Chunks before the samples; no real file has nearly as many. */
const maxChunks = 1000;

/**
 * The length that a WAV file's header states, whether or not the file reaches it.
 *
 * @returns null where the header leaves the length open, as writers to a pipe do, or is not understood
 */
export function readWavDurationSeconds(path: string): Promise<number | null> {
  return withAudioFile(path, async (handle, sizeBytes) => {
    const riff = await readAt(handle, 0, 12);
    if (riff.toString('latin1', 0, 4) !== 'RIFF' || riff.toString('latin1', 8, 12) !== 'WAVE') return null;
    let bytesPerSecond: number | null = null;
    let at = 12;
    for (let chunk = 0; chunk < maxChunks && at + 8 <= sizeBytes; chunk += 1) {
      const header = await readAt(handle, at, 24);
      if (header.length < 8) return null;
      const name = header.toString('latin1', 0, 4);
      const chunkBytes = header.readUInt32LE(4);
      if (name === 'fmt ' && header.length >= 22) {
        bytesPerSecond = header.readUInt32LE(12) * header.readUInt16LE(20);
      }
      if (name === 'data') {
        const isOpen = chunkBytes === 0 || chunkBytes >= 0x7fff_f000;
        return isOpen || bytesPerSecond === null || bytesPerSecond === 0 ? null : chunkBytes / bytesPerSecond;
      }
      at += 8 + chunkBytes + (chunkBytes % 2);
    }
    return null;
  });
}
