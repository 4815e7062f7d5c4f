/** The SHA-256 of weight files, remembered so that an unchanged file of a gigabyte is read only once. */
import { createHash } from 'node:crypto';
import { readFile, realpath, stat } from 'node:fs/promises';
import { z } from 'zod';

import { BangerError } from '../../shared/errors.ts';
import { writeAtomically } from './atomic-file.ts';
import { unreadableCheckpoint } from './checkpoint-errors.ts';
import { CheckpointFile } from './checkpoint-file.ts';
import { unlessMissing } from './file-system-errors.ts';

/** File systems may stamp changes this coarsely, so that a younger file could change without a new stamp. */
const coarsestTimestampMs = 2_000;

const maxRemembered = 500;

const rememberedSchema = z.object({
  /** The real path. */
  file: z.string(),
  /** Size, change times and inode in one text; any difference means that the file may have changed. */
  state: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const indexSchema = z.object({ version: z.literal(1), files: z.array(rememberedSchema) });

type Remembered = z.infer<typeof rememberedSchema>;

export interface FileFingerprint {
  /** The path as it was asked for. */
  readonly file: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

export interface FingerprintProgress {
  /** The file being read. */
  readonly file: string;
  /** Bytes of all files together that are read or known; remembered files count at once. */
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

export interface FingerprintOptions {
  /** A JSON file that remembers what was read; a missing or broken one is written anew. */
  readonly indexPath: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: FingerprintProgress) => void) | undefined;
}

/** What a file looks like from outside. */
interface FileState {
  readonly file: string;
  readonly state: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/**
 * The SHA-256 and size of each file, in the order asked for.
 * Rejects with `model-missing`, `file-unreadable`, `cancelled`, `checkpoint-changed` when a file changes while it is
 * read, and `disk-full` or `file-unwritable` when the index cannot be kept.
 */
export async function fingerprintFiles(
  files: readonly string[],
  { indexPath, signal, onProgress }: FingerprintOptions,
): Promise<FileFingerprint[]> {
  const remembered = await readIndex(indexPath);
  const states = await Promise.all(files.map(stateOf));
  const bytesTotal = states.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const learned: Remembered[] = [];
  const fingerprints: FileFingerprint[] = [];
  let bytesDone = 0;
  for (const [index, current] of states.entries()) {
    const file = files[index] ?? current.file;
    const report = (bytes: number) => {
      bytesDone += bytes;
      onProgress?.({ file, bytesDone, bytesTotal });
    };
    const known = remembered.find((entry) => entry.file === current.file && entry.state === current.state);
    if (known !== undefined) {
      report(current.sizeBytes);
      fingerprints.push({ file, sha256: known.sha256, sizeBytes: current.sizeBytes });
      continue;
    }
    const startedMs = Date.now();
    const sha256 = await hashFile(current, signal, report);
    fingerprints.push({ file, sha256, sizeBytes: current.sizeBytes });
    if (startedMs - current.modifiedMs > coarsestTimestampMs) {
      learned.push({ file: current.file, state: current.state, sha256 });
    }
  }
  if (learned.length > 0) await writeIndex(indexPath, remembered, learned);
  return fingerprints;
}

async function hashFile(
  current: FileState,
  signal: AbortSignal | undefined,
  report: (bytes: number) => void,
): Promise<string> {
  const hash = createHash('sha256');
  const file = await CheckpointFile.open(current.file);
  try {
    for await (const bytes of file.stream(0, file.sizeBytes, signal)) {
      hash.update(bytes);
      report(bytes.byteLength);
    }
  } finally {
    await file.close();
  }
  if ((await stateOf(current.file)).state !== current.state) {
    throw new BangerError('checkpoint-changed', `The file "${current.file}" changed while it was read.`, {
      file: current.file,
      nextStep: 'Wait until nothing writes to it any more, then try again.',
    });
  }
  return hash.digest('hex');
}

async function stateOf(path: string): Promise<FileState> {
  try {
    const file = await realpath(path);
    const { size, mtimeNs, ctimeNs, ino, mtimeMs } = await stat(file, { bigint: true });
    return {
      file,
      state: [size, mtimeNs, ctimeNs, ino].join(' '),
      sizeBytes: Number(size),
      modifiedMs: Number(mtimeMs),
    };
  } catch (error) {
    throw unreadableCheckpoint(path, error);
  }
}

/** What is remembered; nothing where the index is missing or is not one. */
async function readIndex(indexPath: string): Promise<Remembered[]> {
  let text: string | undefined;
  try {
    text = await unlessMissing(readFile(indexPath, 'utf8'));
  } catch (error) {
    throw unreadableCheckpoint(indexPath, error);
  }
  try {
    return indexSchema.safeParse(JSON.parse(text ?? '')).data?.files ?? [];
  } catch {
    // Not JSON: it is only a shortcut, and the next write replaces it.
    return [];
  }
}

async function writeIndex(
  indexPath: string,
  remembered: readonly Remembered[],
  learned: readonly Remembered[],
): Promise<void> {
  const replaced = new Set(learned.map(({ file }) => file));
  const files = [...remembered.filter(({ file }) => !replaced.has(file)), ...learned].slice(-maxRemembered);
  const text = JSON.stringify({ version: 1, files } satisfies z.infer<typeof indexSchema>, null, 1);
  await writeAtomically(indexPath, (file) => file.writeFile(text));
}
