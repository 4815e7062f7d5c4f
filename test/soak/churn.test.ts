/**
 * Does to a watched folder whatever people and generators do to folders, for a while, and demands that in the end the
 * library says what the disk says, that no judgement is lost and that nothing leaks.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Library } from '../../src/engine/library/library.ts';
import { openLibrary } from '../../src/engine/library/open-library.ts';
import { ffmpeg } from '../support/make-audio.ts';
import { waitUntil } from '../support/processes.ts';
import { useBangerHomes } from '../support/run-banger.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { soak } from './soak-settings.ts';
import { makeSongPool, type PooledSong } from './song-pool.ts';

const newHome = useBangerHomes();
const endings = new Set(['.wav', '.mp3', '.flac', '.ogg']);

test(
  `${soak.churn.seconds} s of churn (seed ${soak.seed})`,
  async () => {
    const home = newHome();
    const root = home.path('songs');
    mkdirSync(root);
    const watch = home.start(['watch', root, '--settle', '0.3', '--format', 'jsonl', '--quiet']);
    const folder = new ChurnedFolder(root, await makeSongPool(24), new SeededRandom(soak.seed));
    await waitUntil('the library is there', () => existsSync(home.libraryFile));

    const endAtMs = performance.now() + soak.churn.seconds * 1000;
    const keeper = newHome();
    const keptSongIds: number[] = [];
    const usage: Usage[] = [];
    for (let step = 0; performance.now() < endAtMs; step++) {
      await folder.step();
      if (step % 25 === 24) {
        const path = folder.anySong();
        const songId = path === null ? null : songIdOf(home.libraryFile, path);
        if (path !== null && songId !== null) {
          const { exitCode } = await keeper.run(['keep', path, '--library', home.libraryFile]);
          // The churn may have taken the file away meanwhile.
          if (exitCode === 0) keptSongIds.push(songId);
        }
        usage.push(usageOf(watch.processId));
      }
    }
    process.stderr.write(`churn: ${JSON.stringify(folder.done)}\n`);

    const reading = openLibrary(home.libraryFile, { readOnly: true });
    try {
      const isQuiet = () => {
        const { waiting, running } = reading.jobs.counts();
        return waiting + running === 0 && sameLists(present(reading, root), folder.songs());
      };
      // What differs is shown by the expectations below.
      await waitUntil('the library says what the disk says', isQuiet, 60).catch(() => undefined);
      expect(reading.jobs.counts()).toMatchObject({ waiting: 0, running: 0 });
      expect(present(reading, root)).toEqual(folder.songs());
      for (const path of folder.songs()) {
        expect(reading.files.byPath(path)?.file.failure, path).toBeNull();
        expect(reading.files.byPath(path)?.song, path).not.toBeNull();
      }
      expect(reading.findDamage()).toEqual([]);
      for (const songId of keptSongIds) expect(reading.verdicts.get(songId)?.verdict).toBe('keep');
    } finally {
      reading.close();
    }

    watch.interrupt();
    await watch.ended;
    const half = usage[Math.floor(usage.length / 2)];
    const last = usage.at(-1);
    process.stderr.write(`churn: ${JSON.stringify({ half, last })}\n`);
    if (half !== undefined && last !== undefined) {
      expect(last.openFiles).toBeLessThan(half.openFiles + 20);
      expect(last.residentBytes).toBeLessThan(half.residentBytes * 1.5 + 50e6);
    }
  },
  soak.timeLimitMs,
);

interface Usage {
  openFiles: number;
  residentBytes: number;
}

/** What a process holds; zeros where the system does not say. */
function usageOf(processId: number): Usage {
  try {
    const status = readFileSync(`/proc/${processId}/status`, 'utf8');
    return {
      openFiles: readdirSync(`/proc/${processId}/fd`).length,
      residentBytes: Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024,
    };
  } catch {
    return { openFiles: 0, residentBytes: 0 };
  }
}

function songIdOf(libraryFile: string, path: string): number | null {
  const library = openLibrary(libraryFile, { readOnly: true });
  try {
    return library.files.byPath(path)?.song?.id ?? null;
  } finally {
    library.close();
  }
}

function present(library: Library, root: string): string[] {
  return [...library.files.presentBelow(root)].flat().sort();
}

function sameLists(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

const acts = [
  'create',
  'create',
  'create slowly',
  'replace',
  'rename',
  'move',
  'copy',
  'tag',
  'delete',
  'delete',
  'new folder',
  'delete folder',
  'unmount',
] as const;

/** A folder and the things that are done to it. */
class ChurnedFolder {
  /** How often each thing was done. */
  readonly done: Partial<Record<(typeof acts)[number], number>> = {};
  readonly #root: string;
  readonly #pool: readonly PooledSong[];
  readonly #random: SeededRandom;
  #names = 0;

  constructor(root: string, pool: readonly PooledSong[], random: SeededRandom) {
    this.#root = root;
    this.#pool = pool;
    this.#random = random;
  }

  /** The songs that are there, in order of path. */
  songs(): string[] {
    return this.#list().filter((path) => endings.has(extname(path)));
  }

  anySong(): string | null {
    const songs = this.songs();
    return songs.length === 0 ? null : this.#random.pick(songs);
  }

  /** Does one thing, then waits a moment or not at all. */
  async step(): Promise<void> {
    const act = this.songs().length > 60 ? 'delete' : this.#random.pick(acts);
    await this.#do(act);
    this.done[act] = (this.done[act] ?? 0) + 1;
    if (this.#random.chance(0.4)) await sleep(this.#random.integer(10, 400));
  }

  async #do(act: (typeof acts)[number]): Promise<void> {
    const song = this.#random.pick(this.#pool);
    const fresh = join(this.#anyFolder(), `${(this.#names += 1)}.${song.ending}`);
    const known = this.anySong();
    switch (act) {
      case 'create':
        return writeFile(fresh, song.bytes);
      case 'create slowly': {
        const middle = Math.floor(song.bytes.length / 2);
        await writeFile(fresh, song.bytes.subarray(0, middle));
        await sleep(this.#random.integer(50, 600));
        return writeFile(fresh, song.bytes.subarray(middle), { flag: 'a' });
      }
      case 'new folder':
        await mkdir(join(this.#anyFolder(), `folder ${this.#names}`));
        return;
      case 'unmount':
        await rename(this.#root, `${this.#root}.away`);
        await sleep(this.#random.integer(50, 1500));
        return rename(`${this.#root}.away`, this.#root);
      case 'delete folder': {
        const folder = this.#anyFolder();
        if (folder !== this.#root) await rm(folder, { recursive: true });
        return;
      }
      case 'replace':
      case 'rename':
      case 'move':
      case 'copy':
      case 'tag':
      case 'delete':
        if (known !== null) await this.#change(act, known, fresh, song);
    }
  }

  async #change(
    act: 'replace' | 'rename' | 'move' | 'copy' | 'tag' | 'delete',
    known: string,
    fresh: string,
    song: PooledSong,
  ): Promise<void> {
    const ending = extname(known);
    switch (act) {
      case 'replace': {
        const other = this.#pool.find((candidate) => `.${candidate.ending}` === ending) ?? song;
        return writeFile(known, other.bytes);
      }
      case 'rename':
        return rename(known, join(dirname(known), `renamed ${(this.#names += 1)}${ending}`));
      case 'move':
        return rename(known, join(this.#anyFolder(), `moved ${this.#names} ${basename(known)}`));
      case 'copy':
        return copyFile(known, join(dirname(fresh), `copy ${this.#names}${ending}`));
      case 'tag': {
        const tagged = join(dirname(known), `.tagged${ending}`);
        await ffmpeg('-y', '-i', known, '-c', 'copy', '-metadata', `title=take ${this.#names}`, tagged);
        return rename(tagged, known);
      }
      case 'delete':
        return rm(known);
    }
  }

  #anyFolder(): string {
    const folders = readdirSync(this.#root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name));
    return this.#random.pick([this.#root, ...folders]);
  }

  #list(): string[] {
    return readdirSync(this.#root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  }
}
