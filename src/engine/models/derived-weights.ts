/**
 * The cache for checkpoints that cannot be mapped where they lie (deflated entries, shards in several folders): the
 * weights that a model needs, written once as one safetensors file, checked whenever it is used.
 */
import { readFile, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';

import { BangerError } from '../../shared/errors.ts';
import { fileNamesIn, removeAbandonedPartials, writeAtomically } from './atomic-file.ts';
import type { Checkpoint, CheckpointTensor } from './checkpoint.ts';
import {
  corruptCheckpoint,
  diskFull,
  failedWrite,
  throwIfCancelled,
  unreadableCheckpoint,
} from './checkpoint-errors.ts';
import { fingerprintFiles } from './checkpoint-fingerprint.ts';
import { formatBytes, unlessMissing } from './file-system-errors.ts';
import { withLockFile } from './lock-file.ts';
import { openCheckpoint } from './open-checkpoint.ts';
import { writeSafetensors, type WriteProgress } from './safetensors-writer.ts';

/** Up to this much that cannot be mapped is cheaper to carry inside the model's graph than to copy to disk. */
const maxInlineBytes = 16 * 2 ** 20;

const weightsSuffix = '.safetensors';
const recordSuffix = '.json';
const fingerprintIndexName = 'fingerprints.index';

const recordSchema = z.object({
  version: z.literal(1),
  sha256: z.string(),
  /** The weight files that it was made from. */
  sources: z.array(z.string()),
  /** ISO 8601. */
  createdAt: z.string(),
});

type DerivedRecord = z.infer<typeof recordSchema>;

export interface PrepareOptions {
  readonly cacheFolder: string;
  /** Names the content, for instance by the SHA-256 of the checkpoint's files: letters, digits, `-` and `_`. */
  readonly contentKey: string;
  readonly signal?: AbortSignal | undefined;
  /** Called while weights are written, not when nothing has to be. */
  readonly onProgress?: ((progress: WriteProgress) => void) | undefined;
}

/** One file of the cache. */
export interface DerivedWeights {
  readonly key: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly sources: readonly string[];
  /** ISO 8601. */
  readonly createdAt: string;
}

/**
 * A checkpoint whose needed tensors can be mapped from one folder, but for what is small enough to be inlined: the
 * given one itself, or one from the cache, which is written now where it is missing, broken or lacks a tensor. Names
 * that the checkpoint lacks are left to the reader of the weights. The caller closes both when they differ.
 * Rejects with `disk-full`, `file-unwritable`, `cancelled`, and as reading the checkpoint does.
 */
export async function prepareMappableCheckpoint(
  checkpoint: Checkpoint,
  neededNames: Iterable<string>,
  options: PrepareOptions,
): Promise<Checkpoint> {
  const needed = [...new Set(neededNames)].flatMap((name) => checkpoint.tensors.get(name) ?? []);
  if (canBeUsedInPlace(needed)) return checkpoint;
  const paths = pathsOf(options.cacheFolder, options.contentKey);
  throwIfCancelled(options.signal);
  try {
    return await withLockFile(paths.lock, { signal: options.signal }, async () => {
      await removeAbandonedPartials(options.cacheFolder);
      const kept = await openVerified(paths, options.signal);
      if (kept !== null && holdsAll(kept, needed)) return kept;
      await kept?.close();
      await build(checkpoint, needed, paths, options);
      const built = await openVerified(paths, options.signal);
      if (built !== null) return built;
      throw corruptCheckpoint(paths.weights, 'the drive does not give back what was written to it');
    });
  } catch (error) {
    throwIfCancelled(options.signal);
    throw failedWrite(paths.weights, error);
  }
}

/** Whether all can be mapped from one folder, or the rest is small enough to be inlined. */
function canBeUsedInPlace(tensors: readonly CheckpointTensor[]): boolean {
  const unmapped = tensors.filter(({ mapped }) => mapped === null);
  const folders = new Set(tensors.flatMap(({ mapped }) => (mapped === null ? [] : [dirname(mapped.file)])));
  return folders.size <= 1 && totalBytes(unmapped) < maxInlineBytes;
}

interface DerivedPaths {
  readonly folder: string;
  readonly weights: string;
  readonly record: string;
  readonly lock: string;
}

function pathsOf(folder: string, key: string): DerivedPaths {
  if (!/^[\w-]{1,128}$/.test(key)) throw new RangeError(`"${key}" cannot name a file of the cache.`);
  return {
    folder,
    weights: join(folder, key + weightsSuffix),
    record: join(folder, key + recordSuffix),
    lock: join(folder, `${key}.lock`),
  };
}

async function build(
  checkpoint: Checkpoint,
  needed: readonly CheckpointTensor[],
  paths: DerivedPaths,
  { signal, onProgress }: PrepareOptions,
): Promise<void> {
  await refuseWithoutSpace(paths, totalBytes(needed));
  const { sha256 } = await writeSafetensors(paths.weights, needed, { signal, onProgress });
  const record: DerivedRecord = {
    version: 1,
    sha256,
    sources: [...checkpoint.files],
    createdAt: new Date().toISOString(),
  };
  await writeAtomically(paths.record, (file) => file.writeFile(JSON.stringify(record, null, 1)));
}

/** Asked before writing, so that a drive is not filled to its last byte first. */
async function refuseWithoutSpace(paths: DerivedPaths, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(paths.folder);
  const freeBytes = bavail * bsize;
  if (freeBytes >= neededBytes) return;
  throw diskFull(
    paths.weights,
    `it needs ${formatBytes(neededBytes)}, and ${formatBytes(freeBytes)} are free on its drive`,
  );
}

/** The cached checkpoint; null where it is missing or not what was written. */
async function openVerified(
  { folder, weights, record: recordPath }: DerivedPaths,
  signal: AbortSignal | undefined,
): Promise<Checkpoint | null> {
  const record = await readRecord(recordPath);
  if (record === null || (await unlessMissing(stat(weights))) === undefined) return null;
  const indexPath = join(folder, fingerprintIndexName);
  const [fingerprint] = await fingerprintFiles([weights], { indexPath, signal });
  return fingerprint?.sha256 === record.sha256 ? openCheckpoint(weights) : null;
}

async function readRecord(path: string): Promise<DerivedRecord | null> {
  const text = await unlessMissing(readFile(path, 'utf8'));
  try {
    return recordSchema.safeParse(JSON.parse(text ?? '')).data ?? null;
  } catch {
    // Not JSON: as good as missing, and the weights are then written again.
    return null;
  }
}

function holdsAll(checkpoint: Checkpoint, needed: readonly CheckpointTensor[]): boolean {
  return needed.every(({ name, type, shape }) => {
    const found = checkpoint.tensors.get(name);
    return found?.type === type && found.shape.join() === shape.join();
  });
}

function totalBytes(tensors: readonly CheckpointTensor[]): number {
  return tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** What the cache holds, by key. Rejects with `file-unreadable`. */
export async function listDerivedWeights(cacheFolder: string): Promise<DerivedWeights[]> {
  const names = await fileNamesIn(cacheFolder);
  const keys = names
    .filter((name) => name.endsWith(weightsSuffix))
    .map((name) => name.slice(0, -weightsSuffix.length));
  return Promise.all(
    keys.map(async (key) => {
      const path = join(cacheFolder, key + weightsSuffix);
      try {
        const { size, mtime } = await stat(path);
        const record = await readRecord(join(cacheFolder, key + recordSuffix));
        const createdAt = record?.createdAt ?? mtime.toISOString();
        return { key, path, sizeBytes: size, sources: record?.sources ?? [], createdAt };
      } catch (error) {
        throw unreadableCheckpoint(path, error);
      }
    }),
  );
}

/**
 * Removes one file of the cache, or all of them, and what killed processes left; returns what was removed.
 * Rejects with `model-missing` for a key that is not there, `file-unwritable` where removing fails.
 */
export async function removeDerivedWeights(cacheFolder: string, key?: string): Promise<DerivedWeights[]> {
  const held = await listDerivedWeights(cacheFolder);
  const removed = key === undefined ? held : held.filter((weights) => weights.key === key);
  if (key !== undefined && removed.length === 0) {
    throw new BangerError('model-missing', `The cache holds no weights named "${key}".`, {
      file: cacheFolder,
    });
  }
  for (const weights of removed) {
    try {
      await rm(weights.path, { force: true });
      await rm(join(cacheFolder, weights.key + recordSuffix), { force: true });
    } catch (error) {
      throw failedWrite(weights.path, error);
    }
  }
  await removeAbandonedPartials(cacheFolder);
  return removed;
}
