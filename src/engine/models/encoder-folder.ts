/** A folder in the Hugging Face form, seen from outside: which files belong to the encoder, and which one it is. */
import { open, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { BangerError } from '../../shared/errors.ts';
import { catalogue } from './catalogue.ts';
import { unlessMissing } from './file-system-errors.ts';

const MAXIMUM_JSON_BYTES = 16 * 2 ** 20;
const MAXIMUM_SHARDS = 1_000;

/** Files with an encoder's weights, best first; an index names the shards beside it. */
export const weightsCandidates = [
  'model.safetensors',
  'model.safetensors.index.json',
  'pytorch_model.bin',
  'pytorch_model.bin.index.json',
] as const;

const configSchema = z.looseObject({
  _name_or_path: z.string().optional().catch(undefined),
});

type FolderConfig = z.infer<typeof configSchema>;

/** Weights files that a folder holds, best first, as absolute paths. */
export async function findWeightsFiles(folder: string): Promise<string[]> {
  const present: string[] = [];
  for (const name of weightsCandidates) {
    const file = path.join(folder, name);
    if ((await unlessMissing(stat(file)))?.isFile() === true) present.push(file);
  }
  return present;
}

/**
 * The files that make up the encoder in a folder: its settings, and one form of its weights with all shards.
 *
 * @throws BangerError `model-missing` when it has no `config.json` or no weights, `checkpoint-corrupt` when an index
 * is damaged, names a file outside the folder or one that is not there
 */
export async function listEncoderFiles(folder: string): Promise<string[]> {
  const names = new Set(await readdir(folder));
  if (!names.has('config.json')) {
    throw new BangerError('model-missing', 'The folder holds no config.json, so it is not an encoder.', {
      file: folder,
      nextStep: 'Name the folder that holds config.json and the weights; to import a head, name its file.',
    });
  }
  const [weights] = await findWeightsFiles(folder);
  if (weights === undefined) {
    throw new BangerError('model-missing', 'The folder holds no model weights.', {
      file: folder,
      nextStep: `Put ${weightsCandidates[0]} or pytorch_model.bin beside config.json.`,
    });
  }
  const settings = ['config.json', 'preprocessor_config.json'].filter((name) => names.has(name));
  const shards = weights.endsWith('.json') ? await listShards(weights, names) : [];
  return [...settings, path.basename(weights), ...shards];
}

async function listShards(indexFile: string, names: ReadonlySet<string>): Promise<string[]> {
  const schema = z.looseObject({ weight_map: z.record(z.string(), z.string()) });
  const parsed = schema.safeParse(await readJson(indexFile));
  const shards = [...new Set(Object.values(parsed.data?.weight_map ?? {}))];
  const strangers = shards.filter((name) => !names.has(name) || /[\\/]/.test(name));
  if (shards.length > 0 && shards.length <= MAXIMUM_SHARDS && strangers.length === 0) return shards;
  throw new BangerError('checkpoint-corrupt', 'The index of the model’s weights does not fit its folder.', {
    file: indexFile,
    nextStep: 'Download the model again, with all of its files.',
    details: strangers.length > 0 ? `not in the folder: ${strangers.slice(0, 10).join(', ')}` : 'no shards',
  });
}

/**
 * The id under which the catalogue knows the encoder in this folder, null when it does not. What it is called or where
 * it lies decides, not its shape: a fine-tuned encoder has the shape of the original and other scores.
 */
export async function recogniseEncoder(folder: string): Promise<string | null> {
  const content = await unlessMissing(readJson(path.join(folder, 'config.json')));
  const config = configSchema.safeParse(content).data ?? {};
  const encoders = catalogue.filter((entry) => entry.kind === 'encoder');
  const named = encoders.find(
    ({ source }) => source !== null && isNamedAfter(source.repository, folder, config),
  );
  return named?.id ?? null;
}

function isNamedAfter(repository: string, folder: string, config: FolderConfig): boolean {
  return config._name_or_path === repository || isSnapshotOf(repository, folder);
}

/** Whether a path lies in the Hugging Face cache's folder of a repository. */
export function isSnapshotOf(repository: string, file: string): boolean {
  return path
    .resolve(file)
    .split(path.sep)
    .includes(`models--${repository.replaceAll('/', '--')}`);
}

/** The content of a JSON file, undefined when it is damaged, absurdly large or no file, such as a pipe without end. */
async function readJson(file: string): Promise<unknown> {
  const entry = await stat(file);
  if (!entry.isFile() || entry.size > MAXIMUM_JSON_BYTES) return undefined;
  const text = await readFile(file, 'utf8');
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Makes sure that these files are regular, not empty and may be read.
 *
 * @throws BangerError `file-unreadable`
 */
export async function requireReadableFiles(files: readonly string[]): Promise<void> {
  for (const file of files) {
    try {
      const entry = await stat(file);
      if (!entry.isFile() || entry.size === 0) throw new Error('it is empty or not a regular file');
      await (await open(file, 'r')).close();
    } catch (error) {
      throw new BangerError('file-unreadable', 'A file of the model cannot be read.', {
        file,
        nextStep: 'Check that it is a complete file and that you may read it.',
        details: String(error),
        cause: error,
      });
    }
  }
}
