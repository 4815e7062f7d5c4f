/** Reads the model card that a head trained by this product carries inside its file. */
import { open } from 'node:fs/promises';
import { headCardKey, headCardSchema, type HeadCard } from '../../shared/head-card.ts';
import { corruptCheckpoint, unreadableCheckpoint } from './checkpoint-errors.ts';
import { CheckpointFile } from './checkpoint-file.ts';
import { readSafetensorsMetadata } from './safetensors-metadata.ts';
import { torchNoteEntry } from './torch-writer.ts';
import { readZipEntries, readZipRange } from './zip-archive.ts';

/** Far above what a card takes. */
const maxCardBytes = 2 ** 20;

/**
 * The card of a head, null where the file has none, as those of other programs.
 *
 * @throws BangerError `model-missing`, `file-unreadable`, `checkpoint-corrupt`, `checkpoint-refused`
 */
export async function readHeadCard(file: string): Promise<HeadCard | null> {
  const form = await sniffForm(file);
  // Whatever else it is, the reader of its tensors says so.
  if (form === 'other') return null;
  const text =
    form === 'torch' ? await readTorchCard(file) : (await readSafetensorsMetadata(file))[headCardKey];
  if (text === undefined) return null;
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw corruptCheckpoint(file, 'its model card is no JSON', cause);
  }
  const card = headCardSchema.safeParse(content);
  if (!card.success) throw corruptCheckpoint(file, 'its model card has another form', card.error);
  return card.data;
}

async function readTorchCard(path: string): Promise<string | undefined> {
  const file = await CheckpointFile.open(path);
  try {
    const entries = await readZipEntries(file);
    const suffix = `/${torchNoteEntry(headCardKey)}`;
    const entry = [...entries.values()].find(({ name }) => name.endsWith(suffix));
    if (entry === undefined) return undefined;
    if (entry.sizeBytes > maxCardBytes) throw corruptCheckpoint(path, 'its model card is absurdly long');
    return new TextDecoder().decode(await readZipRange(file, entry, 0, entry.sizeBytes));
  } finally {
    await file.close();
  }
}

/** A zip file, a file that begins like safetensors (a length, then a JSON object), or neither. */
async function sniffForm(path: string): Promise<'torch' | 'safetensors' | 'other'> {
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(9), 0, 9, 0);
      if (bytesRead < 9) return 'other';
      if (buffer.readUInt32LE(0) === 0x0403_4b50) return 'torch';
      return buffer.toString('latin1', 8) === '{' ? 'safetensors' : 'other';
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw unreadableCheckpoint(path, cause);
  }
}
