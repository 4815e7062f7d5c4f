/** The note beside each imported model that says what it is; a folder without a readable one is no model. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { BangerError } from '../../shared/errors.ts';
import { unlessMissing } from './file-system-errors.ts';
import { isModelId } from './model-ids.ts';

export const manifestName = 'banger-model.json';
const MAXIMUM_BYTES = 64 * 2 ** 10;

const plainName = z
  .string()
  .min(1)
  .refine((name) => !/[\\/]/.test(name) && name !== '.' && name !== '..', 'must be a plain file name');

const manifestSchema = z.object({
  version: z.literal(1),
  id: z.string().refine(isModelId),
  kind: z.enum(['encoder', 'head']),
  /** `stored`: the files lie beside this note. `referenced`: they lie where they were, at `originalPath`. */
  placement: z.enum(['stored', 'referenced']),
  /** Folder (encoder) or file (head) that was imported, absolute. */
  originalPath: z.string(),
  /** The head's file beside this note; null for an encoder, whose files keep their usual names. */
  headFile: plainName.nullable(),
  embeddingSize: z.number().int().positive(),
  /** The encoder that a head was trained on, null when nobody said. */
  encoderId: z.string().refine(isModelId).nullable(),
  importedAt: z.iso.datetime(),
});

export type ModelManifest = z.infer<typeof manifestSchema>;

/**
 * The note in a model's folder, undefined when there is none.
 *
 * @throws BangerError `checkpoint-corrupt` when it is there but damaged
 */
export async function readManifest(folder: string): Promise<ModelManifest | undefined> {
  const file = path.join(folder, manifestName);
  const bytes = await unlessMissing(readFile(file));
  if (bytes === undefined) return undefined;
  const damaged = (details: string): BangerError =>
    new BangerError('checkpoint-corrupt', 'The note about an imported model is damaged.', {
      file,
      nextStep: `Run “banger models remove ${path.basename(folder)}” and import the model again.`,
      details,
    });
  if (bytes.length > MAXIMUM_BYTES) throw damaged(`${bytes.length} bytes`);
  let content: unknown;
  try {
    content = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw damaged(String(error));
  }
  const parsed = manifestSchema.safeParse(content);
  if (!parsed.success) throw damaged(z.prettifyError(parsed.error));
  if (parsed.data.id !== path.basename(folder)) throw damaged(`it is about “${parsed.data.id}”`);
  return parsed.data;
}

/** Writes the note into a folder that nobody reads yet. */
export async function writeManifest(folder: string, manifest: ModelManifest): Promise<void> {
  await writeFile(path.join(folder, manifestName), `${JSON.stringify(manifest, null, 2)}\n`, { flush: true });
}
