/** Many short, distinct, real songs as bytes, cut from the parity pieces and encoded in several formats. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ffmpeg, parityAudio } from '../support/make-audio.ts';

export interface PooledSong {
  /** File name ending that fits the bytes, without a dot. */
  ending: string;
  bytes: Buffer;
}

const encodings = [
  { ending: 'wav', options: [] },
  { ending: 'mp3', options: ['-b:a', '96k'] },
  { ending: 'flac', options: [] },
  { ending: 'ogg', options: ['-c:a', 'libvorbis'] },
] as const;

/** Cuts `count` songs of 0.6 to 1.5 s from different places of a 33 s piece; each sounds different. */
export async function makeSongPool(count: number): Promise<PooledSong[]> {
  const folder = await mkdtemp(join(tmpdir(), 'banger-pool-'));
  try {
    const pool: PooledSong[] = [];
    for (let index = 0; index < count; index++) {
      const { ending, options } = encodings[index % encodings.length] ?? encodings[0];
      const file = join(folder, `song.${ending}`);
      const start = (index * 31) / count;
      const length = 0.6 + (0.9 * ((index * 7) % count)) / count;
      await ffmpeg(
        ...['-y', '-ss', start.toFixed(3), '-t', length.toFixed(3), '-i', `${parityAudio}long-22050.wav`],
        ...options,
        file,
      );
      pool.push({ ending, bytes: readFileSync(file) });
    }
    return pool;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
