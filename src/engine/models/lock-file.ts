/** A lock between processes that survives the death of its holder: a file that is kept fresh while it is held. */
import { systemErrorCode } from '../../shared/system-errors.ts';
import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { unlessMissing } from './file-system-errors.ts';

const ownerSchema = z.object({ token: z.string(), pid: z.number().int().positive(), host: z.string() });

export interface LockOptions {
  /** Ends the waiting; the lock is never taken after that. */
  signal?: AbortSignal | undefined;
  /** Called about once per poll while another process holds the lock. */
  onWait?: () => void | Promise<void>;
  /** How often the holder touches its file. */
  heartbeatMs?: number;
  /** A lock that nobody touched for so long, as the waiting process saw it, belongs to a dead process. */
  staleAfterMs?: number;
  pollMs?: number;
}

/**
 * Runs `action` while this process holds the lock.
 *
 * The lock spares double work; it is not a guarantee. A process that slept for long may find itself overtaken,
 * so what is done under it must stay right, if wasteful, when two do it at once.
 *
 * @param file the lock file; its folder is created
 * @throws the signal's reason when it is aborted while waiting
 */
export async function withLockFile<Result>(
  file: string,
  options: LockOptions,
  action: () => Promise<Result>,
): Promise<Result> {
  const token = randomUUID();
  await mkdir(path.dirname(file), { recursive: true });
  await acquire(file, token, options);
  const heartbeat = setInterval(() => {
    // Overtaken or removed: nothing to keep fresh any more, and the action is right all the same.
    utimes(file, new Date(), new Date()).catch(() => undefined);
  }, options.heartbeatMs ?? 2_000);
  try {
    return await action();
  } finally {
    clearInterval(heartbeat);
    if ((await readOwner(file))?.token === token) await rm(file, { force: true });
  }
}

async function acquire(file: string, token: string, options: LockOptions): Promise<void> {
  let lastSeen = '';
  let unchangedSince = performance.now();
  for (;;) {
    options.signal?.throwIfAborted();
    if (await tryToCreate(file, token)) return;
    const entry = await unlessMissing(stat(file));
    if (entry === undefined) continue;
    const owner = await readOwner(file);
    const seen = `${owner?.token ?? ''} ${entry.mtimeMs}`;
    // Measured with this process's own clock: the file's times may come from another machine's.
    if (seen !== lastSeen) unchangedSince = performance.now();
    lastSeen = seen;
    const isStale = performance.now() - unchangedSince > (options.staleAfterMs ?? 20_000);
    if (isStale || isDead(owner)) {
      await takeAway(file, owner?.token);
      continue;
    }
    await options.onWait?.();
    await sleep(
      options.pollMs ?? 250,
      undefined,
      options.signal === undefined ? {} : { signal: options.signal },
    );
  }
}

async function tryToCreate(file: string, token: string): Promise<boolean> {
  try {
    await writeFile(file, JSON.stringify({ token, pid: process.pid, host: hostname() }), { flag: 'wx' });
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** The process that holds the lock; undefined while it is being written, damaged or gone. */
async function readOwner(file: string): Promise<z.infer<typeof ownerSchema> | undefined> {
  const text = (await unlessMissing(readFile(file, 'utf8'))) ?? '';
  try {
    return ownerSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function isDead(owner: z.infer<typeof ownerSchema> | undefined): boolean {
  if (owner?.host !== hostname()) return false;
  try {
    process.kill(owner.pid, 0);
    return false;
  } catch (error) {
    return systemErrorCode(error) === 'ESRCH';
  }
}

/** Removes a dead process's lock, but puts back one that a third process took in the meantime. */
async function takeAway(file: string, deadToken: string | undefined): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  const taken = await unlessMissing(rename(file, aside).then(() => true));
  if (taken === undefined) return;
  const owner = await readOwner(aside);
  if (owner?.token !== deadToken) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}
