/** Keeps converted copies of songs that browsers cannot play; the ones that were played longest ago go first. */
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { asBangerError, BangerError } from '../shared/errors.ts';
import { systemErrorCode } from '../shared/system-errors.ts';
import { convertedExtension } from './audio/convert-for-playing.ts';
import { asFileError, unlessMissing } from './curate/file-errors.ts';
import { newPartialPath, removeAbandonedPartials } from './curate/partial-files.ts';

export interface PlaybackCacheOptions {
  folder: string;
  /** The copies together are kept below this, 1 GB unless told. */
  limitBytes?: number;
}

/** Writes a copy into a path where nothing stands. */
export type MakeCopy = (target: string, signal: AbortSignal) => Promise<void>;

/** A copy that is being made, for whoever waits for it. */
interface Making {
  done: Promise<string>;
  ended: AbortController;
  waiting: number;
}

const DEFAULT_LIMIT_BYTES = 1e9;

export class PlaybackCache {
  readonly #folder: string;
  readonly #limitBytes: number;
  readonly #making = new Map<string, Making>();
  /** Also those that nobody waits for any more and that are ending. */
  readonly #running = new Set<Promise<unknown>>();
  #isCleaned = false;

  constructor({ folder, limitBytes = DEFAULT_LIMIT_BYTES }: PlaybackCacheOptions) {
    this.#folder = folder;
    this.#limitBytes = limitBytes;
  }

  /**
   * The copy of this name, made where there is none. Calls for one name share the making, which ends when the last of
   * them is cancelled.
   *
   * @param name what the copy is kept under, the same for the same audio; fit for a file's name
   * @throws BangerError `cancelled`, `disk-full`, `file-unwritable`, or what `make` throws
   */
  async open(name: string, make: MakeCopy, signal?: AbortSignal): Promise<string> {
    if (signal?.aborted === true) throw cancelled();
    const path = join(this.#folder, name + convertedExtension);
    if (!this.#making.has(name) && (await touch(path))) return path;
    const making = this.#making.get(name) ?? this.#begin(name, path, make);
    making.waiting += 1;
    const left = Promise.withResolvers<never>();
    const leave = () => {
      left.reject(cancelled());
    };
    signal?.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([making.done, left.promise]);
    } finally {
      signal?.removeEventListener('abort', leave);
      making.waiting -= 1;
      if (making.waiting === 0) this.#abandon(name, making);
    }
  }

  /** Ends what is being made; resolves when nothing is any more. */
  async close(): Promise<void> {
    for (const { ended } of this.#making.values()) ended.abort();
    await Promise.allSettled(this.#running);
  }

  #begin(name: string, path: string, make: MakeCopy): Making {
    const ended = new AbortController();
    const done = this.#make(path, make, ended.signal);
    const making = { done, ended, waiting: 0 };
    this.#making.set(name, making);
    this.#running.add(done);
    const forget = () => {
      this.#running.delete(done);
      this.#abandon(name, making);
    };
    // Whoever left does not hear how it ended.
    done.then(forget, forget);
    return making;
  }

  /** Ends a making that nobody needs; one that was done already is only forgotten. */
  #abandon(name: string, making: Making): void {
    making.ended.abort();
    if (this.#making.get(name) === making) this.#making.delete(name);
  }

  async #make(path: string, make: MakeCopy, signal: AbortSignal): Promise<string> {
    const partial = newPartialPath(this.#folder);
    try {
      await mkdir(this.#folder, { recursive: true });
      if (!this.#isCleaned) await removeAbandonedPartials(this.#folder);
      this.#isCleaned = true;
      await make(partial, signal);
      await rename(partial, path);
      await this.#makeRoom(path);
      return path;
    } catch (thrown) {
      throw asBangerError(asFileError(thrown, path));
    } finally {
      await rm(partial, { force: true });
    }
  }

  /** Removes the copies that were played longest ago, never the one just made. */
  async #makeRoom(newest: string): Promise<void> {
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith(convertedExtension));
    const copies = await Promise.all(
      names.map(async (name) => {
        const path = join(this.#folder, name);
        const found = await unlessMissing(stat(path));
        return { path, sizeBytes: found?.size ?? 0, playedAtMs: found?.mtimeMs ?? 0 };
      }),
    );
    let sizeBytes = copies.reduce((sum, copy) => sum + copy.sizeBytes, 0);
    const oldestFirst = copies.toSorted((a, b) => a.playedAtMs - b.playedAtMs);
    for (const copy of oldestFirst) {
      if (sizeBytes <= this.#limitBytes) return;
      if (copy.path !== newest && (await removeUnlessInUse(copy.path))) sizeBytes -= copy.sizeBytes;
    }
  }
}

/** Notes that a copy is played now. @returns whether it is there */
async function touch(path: string): Promise<boolean> {
  const now = new Date();
  return (await unlessMissing(utimes(path, now, now).then(() => true))) ?? false;
}

/** Windows keeps files that are being played. @returns whether it is gone */
async function removeUnlessInUse(path: string): Promise<boolean> {
  try {
    await rm(path, { force: true });
    return true;
  } catch (thrown) {
    if (['EBUSY', 'EPERM', 'EACCES'].includes(systemErrorCode(thrown) ?? '')) return false;
    throw thrown;
  }
}

function cancelled(): BangerError {
  return new BangerError('cancelled', 'The song is not needed any more.');
}
