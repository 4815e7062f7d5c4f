/** Takes a model from disk into the models folder: checked first, staged aside, then moved in at once. */
import { isMissingFile, systemErrorCode } from '../../shared/system-errors.ts';
import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { constants, copyFile, link, mkdir, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { BangerError } from '../../shared/errors.ts';
import { catalogue, findCatalogueEntry } from './catalogue.ts';
import { isSnapshotOf, listEncoderFiles, recogniseEncoder, requireReadableFiles } from './encoder-folder.ts';
import { unlessMissing, writeError } from './file-system-errors.ts';
import { deriveModelId, requireModelId } from './model-ids.ts';
import { writeManifest, type ModelManifest } from './model-manifest.ts';
import { throwIfCancelled } from './retry.ts';
import { TransferMeter, type TransferProgress } from './transfer-meter.ts';

const STAGING_PREFIX = '.staging-';
const ABANDONED_AFTER_MS = 24 * 3_600_000;

/** The checks that tell a model from any other file; they throw a BangerError where the product cannot use it. */
export interface ModelChecks {
  validateEncoderFolder: (folder: string, signal?: AbortSignal) => Promise<{ embeddingSize: number }>;
  /** `encoderId` is what the file itself says of its encoder, null when it says nothing. */
  validateHeadFile: (
    file: string,
    signal?: AbortSignal,
  ) => Promise<{ embeddingSize: number; encoderId: string | null }>;
}

export interface ImportOptions {
  /** The name to register it under; recognised or derived from the file's name if left out. */
  id?: string | undefined;
  /**
   * True (the default) puts the files into the models folder, as hard links where the volume is the same (no second
   * copy of a gigabyte, and the original may be deleted), as copies otherwise. False registers the path alone: nothing
   * is written, but moving or deleting the original loses the model.
   */
  copy?: boolean | undefined;
  /** For a head: the encoder it was trained on. */
  encoderId?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Called while files are copied. */
  onProgress?: ((progress: TransferProgress) => void) | undefined;
}

interface Candidate {
  kind: 'encoder' | 'head';
  /** Absolute path of the folder or file. */
  source: string;
  folder: string;
  /** Names inside `folder`. */
  files: string[];
  defaultId: string;
  embeddingSize: number;
  encoderId: string | null;
}

/**
 * Imports an encoder's folder or a head's file.
 *
 * @returns what was registered
 * @throws BangerError `file-missing`, `file-unreadable`, `model-missing`, whatever the checks throw, `usage` for an id
 * that is not valid or taken, `disk-full`, `cancelled`; nothing is left behind then
 */
export async function importModel(
  source: string,
  modelsFolder: string,
  checks: ModelChecks,
  options: ImportOptions,
): Promise<ModelManifest> {
  const { signal, copy = true } = options;
  throwIfCancelled(signal);
  const candidate = await inspect(path.resolve(source), checks, signal);
  const id = options.id ?? candidate.defaultId;
  requireModelId(id);
  await requireFree(id, candidate.kind, modelsFolder);
  if (options.encoderId !== undefined) requireModelId(options.encoderId);

  const manifest: ModelManifest = {
    version: 1,
    id,
    kind: candidate.kind,
    placement: copy ? 'stored' : 'referenced',
    originalPath: candidate.source,
    headFile: candidate.kind === 'head' ? (candidate.files[0] ?? null) : null,
    embeddingSize: candidate.embeddingSize,
    encoderId: candidate.kind === 'head' ? (options.encoderId ?? candidate.encoderId) : null,
    importedAt: new Date().toISOString(),
  };
  await mkdir(modelsFolder, { recursive: true });
  await removeAbandoned(modelsFolder);
  const staging = path.join(modelsFolder, `${STAGING_PREFIX}${randomUUID()}`);
  await mkdir(staging);
  try {
    if (copy) await placeFiles(candidate, staging, options);
    await writeManifest(staging, manifest);
    await moveIn(staging, path.join(modelsFolder, id), id);
  } catch (error) {
    throwIfCancelled(signal);
    throw writeError(error, modelsFolder, 0);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return manifest;
}

async function inspect(source: string, checks: ModelChecks, signal?: AbortSignal): Promise<Candidate> {
  const entry = await unlessMissing(stat(source));
  if (entry === undefined) {
    throw new BangerError('file-missing', 'There is nothing to import at this path.', {
      file: source,
      nextStep: 'Name the folder of an encoder or the file of a head.',
    });
  }
  return entry.isDirectory() ? inspectEncoder(source, checks, signal) : inspectHead(source, checks, signal);
}

async function inspectEncoder(folder: string, checks: ModelChecks, signal?: AbortSignal): Promise<Candidate> {
  const files = await listEncoderFiles(folder);
  await requireReadableFiles(files.map((name) => path.join(folder, name)));
  const { embeddingSize } = await checks.validateEncoderFolder(folder, signal);
  const defaultId = (await recogniseEncoder(folder)) ?? deriveModelId(folder);
  return { kind: 'encoder', source: folder, folder, files, defaultId, embeddingSize, encoderId: null };
}

async function inspectHead(file: string, checks: ModelChecks, signal?: AbortSignal): Promise<Candidate> {
  await requireReadableFiles([file]);
  const { embeddingSize, encoderId } = await checks.validateHeadFile(file, signal);
  const known = recogniseHead(file, embeddingSize);
  return {
    kind: 'head',
    source: file,
    folder: path.dirname(file),
    files: [path.basename(file)],
    defaultId: known?.id ?? deriveModelId(file),
    embeddingSize,
    encoderId: encoderId ?? known?.encoderId ?? null,
  };
}

/**
 * The catalogue's head that this file is: by where it lies in the Hugging Face cache, or by its name and its width.
 *
 * @param embeddingSize null when it is not known; then only the place counts
 */
export function recogniseHead(
  file: string,
  embeddingSize: number | null,
): { id: string; encoderId: string } | undefined {
  return catalogue
    .filter((entry) => entry.kind === 'head')
    .find(({ source, encoderId }) => {
      if (source?.weightsFiles.includes(path.basename(file)) !== true) return false;
      const width = findCatalogueEntry('encoder', encoderId)?.hiddenSize;
      return isSnapshotOf(source.repository, file) || (embeddingSize !== null && width === embeddingSize);
    });
}

async function requireFree(id: string, kind: Candidate['kind'], modelsFolder: string): Promise<void> {
  const namesakes = catalogue.filter((entry) => entry.id === id);
  const isFreeInCatalogue = namesakes.every((entry) => entry.kind === kind && entry.source !== null);
  if (!isFreeInCatalogue) {
    throw new BangerError('usage', `“${id}” is the name of another model of the catalogue.`, {
      nextStep: 'Choose another name with --id.',
    });
  }
  if ((await unlessMissing(stat(path.join(modelsFolder, id)))) !== undefined) throw takenError(id);
}

function takenError(id: string, cause?: unknown): BangerError {
  return new BangerError('usage', `There is a model “${id}” already.`, {
    nextStep: `Choose another name with --id, or run “banger models remove ${id}” first.`,
    cause,
  });
}

async function placeFiles(candidate: Candidate, target: string, options: ImportOptions): Promise<void> {
  const sources = await Promise.all(
    candidate.files.map((name) => realpath(path.join(candidate.folder, name))),
  );
  const sizes = await Promise.all(sources.map(async (file) => (await stat(file)).size));
  const totalBytes = sizes.reduce((sum, size) => sum + size, 0);
  const meter = new TransferMeter(totalBytes, options.onProgress ?? (() => undefined));
  let placedBytes = 0;
  for (const [index, name] of candidate.files.entries()) {
    throwIfCancelled(options.signal);
    meter.startFile(name);
    const startBytes = placedBytes;
    await linkOrCopy(sources[index] ?? '', path.join(target, name), options.signal, (bytes) => {
      meter.advanceTo(startBytes + bytes);
    });
    placedBytes += sizes[index] ?? 0;
    meter.moveTo(placedBytes);
  }
}

/** Makes `target` have the content of `source` the cheapest way the volumes allow. */
async function linkOrCopy(
  source: string,
  target: string,
  signal: AbortSignal | undefined,
  onBytes: (copiedBytes: number) => void,
): Promise<void> {
  try {
    await link(source, target);
    return;
  } catch (error) {
    // Another volume, no hard links there, or somebody else's file: then the bytes have to be copied.
    if (isMissingFile(error) || systemErrorCode(error) === 'EEXIST') throw error;
  }
  try {
    await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
    return;
  } catch {
    // No copy-on-write here either: copied by hand, so that it can be watched and cancelled.
    await rm(target, { force: true });
  }
  let copiedBytes = 0;
  const reader = createReadStream(source, { highWaterMark: 2 ** 20 });
  reader.on('data', (chunk) => {
    copiedBytes += chunk.length;
    onBytes(copiedBytes);
  });
  const writer = createWriteStream(target, { flags: 'wx', flush: true });
  await pipeline(reader, writer, signal === undefined ? {} : { signal });
}

async function moveIn(staging: string, target: string, id: string): Promise<void> {
  try {
    await rename(staging, target);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'EPERM', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) throw error;
    throw takenError(id, error);
  }
}

/** Removes what an import that was killed left behind, once it is old enough not to be at work any more. */
async function removeAbandoned(modelsFolder: string): Promise<void> {
  const names = (await readdir(modelsFolder)).filter((name) => name.startsWith(STAGING_PREFIX));
  for (const name of names) {
    const folder = path.join(modelsFolder, name);
    const entry = await unlessMissing(stat(folder));
    const isAbandoned = entry !== undefined && Date.now() - entry.mtimeMs > ABANDONED_AFTER_MS;
    if (isAbandoned) await rm(folder, { recursive: true, force: true });
  }
}
