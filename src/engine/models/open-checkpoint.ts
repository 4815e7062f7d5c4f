/** Opens a checkpoint whatever its form, by looking at its first bytes. */
import { isMissingFile } from '../../shared/system-errors.ts';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { BangerError } from '../../shared/errors.ts';
import type { Checkpoint } from './checkpoint.ts';
import { corruptCheckpoint, refusedCheckpoint, unreadableCheckpoint } from './checkpoint-errors.ts';
import { CheckpointFile } from './checkpoint-file.ts';
import { openSafetensors } from './safetensors.ts';
import { openSharded } from './sharded-checkpoint.ts';
import { openTorchCheckpoint } from './torch-checkpoint.ts';

/** Weights in a folder of the Hugging Face form, best first. */
const weightFileNames = [
  'model.safetensors',
  'model.safetensors.index.json',
  'pytorch_model.bin',
  'pytorch_model.bin.index.json',
];

const sniffBytes = 512;

/**
 * Opens a checkpoint: a safetensors file, a PyTorch zip file, or the index of one that is split into shards.
 * The content decides which it is, never the name. Only headers are read now; weights are read when asked for.
 * Rejects with `model-missing`, `file-unreadable`, `checkpoint-corrupt` or `checkpoint-refused`.
 */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  const file = await CheckpointFile.open(path);
  try {
    if ((await sniff(file)) !== 'index') return await openSingle(path, file);
    const checkpoint = await openSharded(path, file, openShard);
    await file.close();
    return checkpoint;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * Opens the weights in a folder of the Hugging Face form: `model.safetensors`, its index, else `pytorch_model.bin`.
 * Rejects with `model-missing` where the folder holds none of them, else as `openCheckpoint` does.
 */
export async function openEncoderCheckpoint(folder: string): Promise<Checkpoint> {
  for (const name of weightFileNames) {
    const path = join(folder, name);
    if (await exists(path)) return openCheckpoint(path);
  }
  throw new BangerError('model-missing', `The folder "${folder}" holds no model weights.`, {
    file: folder,
    nextStep: `Choose a folder that holds ${weightFileNames[0] ?? ''} or pytorch_model.bin beside config.json.`,
  });
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissingFile(error)) return false;
    throw unreadableCheckpoint(path, error);
  }
}

async function openShard(path: string): Promise<Checkpoint> {
  const file = await CheckpointFile.open(path);
  try {
    return await openSingle(path, file);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function openSingle(path: string, file: CheckpointFile): Promise<Checkpoint> {
  const kind = await sniff(file);
  switch (kind) {
    case 'torch-zip':
      return openTorchCheckpoint(path, file);
    case 'safetensors':
      return openSafetensors(path, file);
    case 'torch-legacy':
      throw refusedCheckpoint(
        file.path,
        'it is in the form that PyTorch wrote before version 1.6, whose pickles are not read here',
        'Load it with PyTorch and save it again with torch.save, or as safetensors.',
      );
    case 'lfs-pointer':
      throw refusedCheckpoint(
        file.path,
        'it is only a Git LFS pointer to the real file',
        'Run "git lfs pull" in its folder, or download the file itself.',
      );
    case 'index':
    case 'unknown':
      throw corruptCheckpoint(file.path, 'it is neither a safetensors file nor a PyTorch checkpoint');
  }
}

type FileKind = 'safetensors' | 'torch-zip' | 'torch-legacy' | 'index' | 'lfs-pointer' | 'unknown';

async function sniff(file: CheckpointFile): Promise<FileKind> {
  const head = await file.read(0, Math.min(sniffBytes, file.sizeBytes));
  const text = Buffer.from(head.buffer).toString('latin1');
  if (text.startsWith('PK\x03\x04')) return 'torch-zip';
  if (text.startsWith('{', 8)) return 'safetensors';
  // A bare pickle, or a tar archive: what torch.save wrote before it wrote zip files.
  if (text.startsWith('\x80') || text.startsWith('ustar', 257)) return 'torch-legacy';
  if (text.startsWith('version https://git-lfs')) return 'lfs-pointer';
  if (/^\s*\{/.test(text)) return 'index';
  return 'unknown';
}
