/** Puts songs into a folder in all the ways in which generators and people do. */
import { appendFile, copyFile, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SeededRandom } from '../support/seeded-random.ts';
import type { PooledSong } from './song-pool.ts';

export interface ArrivalPlan {
  /** Path below the folder. */
  name: string;
  way: (typeof ways)[number];
  song: PooledSong;
}

export const ways = [
  'at once',
  'slowly',
  'with long pauses',
  'under a temporary name',
  'under a hidden name',
  'renamed afterwards',
  'copied twice',
  'before its sidecar',
  'under a wrong name',
  'in a new folder',
  'cut off',
  'as text',
  'empty',
] as const;

/** What is to arrive, one song after another from the pool; the same for the same random numbers. */
export function planArrivals(pool: readonly PooledSong[], random: SeededRandom): ArrivalPlan[] {
  return pool.map((song, index) => {
    const way = random.chance(0.6) ? random.pick(ways.slice(0, 10)) : random.pick(ways);
    return { name: `song ${String(index).padStart(3, '0')}.${song.ending}`, way, song };
  });
}

/** Carries one arrival out; resolves when nothing about it changes any more. */
export async function arrive(
  folder: string,
  { name, way, song }: ArrivalPlan,
  random: SeededRandom,
): Promise<void> {
  const path = join(folder, name);
  switch (way) {
    case 'at once':
      return writeFile(path, song.bytes);
    case 'slowly':
      return writeInPieces(path, song.bytes, random.integer(3, 8), () => random.integer(10, 80));
    case 'with long pauses':
      // Longer than a watcher waits, so that halves are seen standing still.
      return writeInPieces(path, song.bytes, 2, () => 1200);
    case 'under a temporary name':
      await writeInPieces(`${path}.part`, song.bytes, 3, () => random.integer(10, 60));
      return rename(`${path}.part`, path);
    case 'under a hidden name':
      await writeFile(join(folder, `.${name}`), song.bytes);
      return rename(join(folder, `.${name}`), path);
    case 'renamed afterwards':
      await writeFile(path, song.bytes);
      await sleep(random.integer(0, 1500));
      return rename(path, join(folder, `renamed ${name}`));
    case 'copied twice':
      await writeFile(path, song.bytes);
      await copyFile(path, join(folder, `copy of ${name}`));
      return;
    case 'before its sidecar':
      await writeFile(path, song.bytes);
      await sleep(random.integer(0, 800));
      return writeFile(
        path.replace(/\.\w+$/, '.json'),
        JSON.stringify({ caption: `about ${name}`, seed: 7 }),
      );
    case 'under a wrong name':
      return writeFile(path.replace(/\.\w+$/, song.ending === 'mp3' ? '.wav' : '.mp3'), song.bytes);
    case 'in a new folder': {
      const inner = join(folder, `night ${name}`);
      await mkdir(inner);
      return writeFile(join(inner, name), song.bytes);
    }
    case 'cut off':
      return writeFile(path, song.bytes.subarray(0, 40));
    case 'as text':
      return writeFile(path, 'This is not a song.\n'.repeat(20));
    case 'empty':
      return writeFile(path, '');
  }
}

async function writeInPieces(
  path: string,
  bytes: Buffer,
  pieces: number,
  pauseMs: () => number,
): Promise<void> {
  const size = Math.ceil(bytes.length / pieces);
  await writeFile(path, bytes.subarray(0, size));
  for (let start = size; start < bytes.length; start += size) {
    await sleep(pauseMs());
    await appendFile(path, bytes.subarray(start, start + size));
  }
}
