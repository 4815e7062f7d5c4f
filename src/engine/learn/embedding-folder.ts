/** Reads and writes embeddings in the reference project's form: embeddings.npy with metadata.json beside it. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { BangerError, hasErrorCode } from '../../shared/errors.ts';
import { labelScaleSchema } from '../../shared/head-card.ts';
import { decodeNpy, npyHeader, type Float32Npy } from '../../shared/npy.ts';
import { isMissingFile } from '../../shared/system-errors.ts';
import { writeAtomically } from '../models/atomic-file.ts';
import { catalogue } from '../models/catalogue.ts';
import { countSongs } from './count-songs.ts';
import { assembleData, type DataRow, type TrainingData } from './training-data.ts';

const embeddingsName = 'embeddings.npy';
const metadataName = 'metadata.json';

const metadataSchema = z.object({
  track_ids: z.array(z.union([z.number(), z.string()])),
  labels: z.array(
    z.object({
      /** 0..10, null where none is known. */
      banger_score: z.number().nullable(),
      genre: z.string().nullable(),
      /** What the label was made from, null where that is not known. */
      listens: z.number().nullable(),
    }),
  ),
  embedding_dim: z.int().positive(),
  num_tracks: z.int().nonnegative(),
  /** Repository on the Hub, or an encoder's id. */
  model: z.string(),
  sample_rate: z.number(),
  /** What the reference project does not write. */
  banger: z
    .object({
      encoder: z.object({ id: z.string(), sha256: z.string().nullable() }),
      source: z.string(),
      label: z.string(),
      scale: labelScaleSchema,
      notes: z.array(z.string()),
      loudness_lufs: z.array(z.number().nullable()),
    })
    .optional(),
});

/** One song of an embedding folder. */
export interface FolderSong {
  name: string;
  embedding: Float32Array;
  /** Null where songs were embedded without labels. */
  label: number | null;
  value: number | null;
  genre: string | null;
  loudness: number | null;
}

export interface FolderAbout extends Pick<TrainingData, 'encoder' | 'source' | 'label' | 'scale' | 'notes'> {
  sampleRateHz: number;
  device: string;
  seconds: number;
}

/**
 * Writes both files, each whole or not at all.
 *
 * @throws BangerError `file-unwritable`, `disk-full`
 */
export async function writeEmbeddingFolder(
  folder: string,
  songs: readonly FolderSong[],
  about: FolderAbout,
): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new BangerError('file-unwritable', 'The folder cannot be made.', { file: folder, cause });
  });
  const size = songs[0]?.embedding.length ?? 0;
  await writeAtomically(join(folder, embeddingsName), async (file) => {
    await file.writeFile(npyHeader([songs.length, size]));
    for (const { embedding } of songs) {
      await file.writeFile(new Uint8Array(embedding.buffer, embedding.byteOffset, embedding.byteLength));
    }
  });
  const repository = catalogue.find(({ kind, id }) => kind === 'encoder' && id === about.encoder.id)?.source;
  const metadata = {
    track_ids: songs.map(({ name }) => (/^\d{1,15}$/.test(name) ? Number(name) : name)),
    labels: songs.map(({ label, value, genre }) => ({
      banger_score: label,
      genre: genre ?? 'Unknown',
      listens: value,
    })),
    embedding_dim: size,
    num_tracks: songs.length,
    model: repository?.repository ?? about.encoder.id,
    sample_rate: about.sampleRateHz,
    device: about.device,
    audio_load_time_s: 0,
    inference_time_s: about.seconds,
    banger: {
      encoder: about.encoder,
      source: about.source,
      label: about.label,
      scale: about.scale,
      notes: about.notes,
      loudness_lufs: songs.map(({ loudness }) => loudness),
    },
  };
  await writeAtomically(join(folder, metadataName), (file) =>
    file.writeFile(`${JSON.stringify(metadata, null, 2)}\n`),
  );
}

/**
 * The songs with a label.
 *
 * @throws BangerError `file-missing`, `file-unreadable`, `data-unusable` where the files do not go together
 */
export async function readEmbeddingFolder(folder: string): Promise<TrainingData> {
  const { shape, data } = await readEmbeddings(join(folder, embeddingsName));
  const metadata = await readMetadata(join(folder, metadataName));
  const [songs = 0, size = 0] = shape;
  const { track_ids: ids, labels, banger } = metadata;
  if (
    shape.length !== 2 ||
    ids.length !== songs ||
    labels.length !== songs ||
    metadata.embedding_dim !== size
  ) {
    throw new BangerError('data-unusable', 'The embeddings and their metadata do not go together.', {
      file: folder,
      details: `shape ${shape.join(' × ')}, ${ids.length} ids, ${labels.length} labels, ${metadata.embedding_dim} values`,
    });
  }
  const rows: DataRow[] = [];
  let unlabelled = 0;
  for (const [row, id] of ids.entries()) {
    const stated = labels[row];
    if (stated?.banger_score == null) {
      unlabelled += 1;
      continue;
    }
    const genre = stated.genre === null || stated.genre === 'Unknown' ? null : stated.genre;
    rows.push({
      name: String(id),
      identity: String(id),
      embedding: data.subarray(row * size, (row + 1) * size),
      label: stated.banger_score,
      genre,
      loudness: banger?.loudness_lufs[row] ?? NaN,
    });
  }
  return assembleData(rows, {
    encoder: banger?.encoder ?? encoderOfModel(metadata.model),
    source: banger?.source ?? `The embeddings in ${folder}.`,
    label: banger?.label ?? 'listens',
    scale: banger?.scale ?? { method: 'none', minimum: null, maximum: null },
    notes: [
      ...(banger?.notes ?? []),
      ...(unlabelled > 0 ? [`Left out for lack of a label: ${countSongs(unlabelled)}.`] : []),
    ],
  });
}

async function readEmbeddings(file: string): Promise<Float32Npy> {
  try {
    return decodeNpy(await readFile(file));
  } catch (thrown) {
    if (!hasErrorCode(thrown, 'checkpoint-corrupt')) throw unreadable(file, thrown);
    throw new BangerError('data-unusable', thrown.message, { file, cause: thrown });
  }
}

async function readMetadata(file: string): Promise<z.infer<typeof metadataSchema>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (thrown) {
    throw unreadable(file, thrown);
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    const reason = /[:[,\s]-?(NaN|Infinity)\b/.test(text)
      ? 'it holds NaN or Infinity, which JSON has no word for'
      : 'it is no JSON';
    throw new BangerError('data-unusable', `The metadata cannot be read: ${reason}.`, { file, cause });
  }
  const metadata = metadataSchema.safeParse(content);
  if (metadata.success) return metadata.data;
  throw new BangerError('data-unusable', 'The metadata has another form than the reference project writes.', {
    file,
    details: z.prettifyError(metadata.error),
    nextStep: 'Make it with “banger embed”, or with embed_dataset.py of the reference project.',
  });
}

/** The encoder that a repository's name means; other names stand for themselves. */
function encoderOfModel(model: string): TrainingData['encoder'] {
  const known = catalogue.find(({ kind, source }) => kind === 'encoder' && source?.repository === model);
  return { id: known?.id ?? model, sha256: null };
}

function unreadable(file: string, cause: unknown): unknown {
  if (cause instanceof BangerError) return cause;
  if (isMissingFile(cause)) {
    return new BangerError('file-missing', 'There is no such file.', {
      file,
      cause,
      nextStep: 'Name a folder that holds embeddings.npy and metadata.json.',
    });
  }
  return new BangerError('file-unreadable', 'This file cannot be read.', {
    file,
    cause,
    details: String(cause),
  });
}
