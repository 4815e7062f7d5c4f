/** Reads the notes in the header of a safetensors file. */
import { z } from 'zod';
import { corruptCheckpoint } from './checkpoint-errors.ts';
import { CheckpointFile } from './checkpoint-file.ts';
import { readSafetensorsHeader } from './safetensors.ts';
import { parseJsonObject } from './strict-json.ts';

const notesSchema = z.record(z.string(), z.string());

/**
 * The strings under `__metadata__`; none where the file has no notes.
 *
 * @throws BangerError `model-missing`, `file-unreadable`, `checkpoint-corrupt`, `checkpoint-refused`
 */
export async function readSafetensorsMetadata(path: string): Promise<Readonly<Record<string, string>>> {
  const file = await CheckpointFile.open(path);
  try {
    const header = parseJsonObject(file.path, 'its header', await readSafetensorsHeader(file));
    const notes = notesSchema.safeParse(header['__metadata__'] ?? {});
    if (!notes.success) throw corruptCheckpoint(file.path, 'its notes are no texts', notes.error);
    return notes.data;
  } finally {
    await file.close();
  }
}
