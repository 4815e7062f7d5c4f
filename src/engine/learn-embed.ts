/** Embeds the songs of a folder and writes them in the reference project's form. */
import type { CsvSource } from '../shared/data-source.ts';
import { BangerError } from '../shared/errors.ts';
import type { Engine } from './engine.ts';
import { embedFiles, findEncoder, type LearnHooks } from './learn-songs.ts';
import { type FolderSong, writeEmbeddingFolder } from './learn/embedding-folder.ts';
import { type LabelledSongs, readLabelledSongs } from './learn/labelled-songs.ts';

export interface EmbedFolderRequest {
  audioFolder: string;
  /** Folder that receives both files. */
  out: string;
  /** Labels for the songs; null embeds every song of the folder without. */
  source: CsvSource | null;
  encoder: string | undefined;
}

export interface WrittenEmbeddings {
  songs: number;
  embeddingSize: number;
  encoder: string;
  /** What was left out and why, one sentence each. */
  notes: string[];
}

/**
 * Embeds and writes; songs come in the order of the table, or of their paths.
 *
 * @throws BangerError `data-unusable` where no song could be embedded, and what embedding and writing throw
 */
export async function embedFolder(
  engine: Engine,
  request: EmbedFolderRequest,
  hooks: LearnHooks,
): Promise<WrittenEmbeddings> {
  const { audioFolder, source, out } = request;
  const { files } = await engine.collectFiles([audioFolder], hooks.signal);
  const labelled = source && (await readLabelledSongs(source, files, hooks.signal));
  const wanted = new Map(labelled?.songs.map((song) => [song.file, song]));
  const encoder = await findEncoder(engine, request.encoder, hooks);
  const started = performance.now();
  const songs: FolderSong[] = [];
  for await (const { result, embedding } of embedFiles(
    engine,
    encoder,
    labelled ? [...wanted.keys()] : files,
    hooks,
  )) {
    const song = wanted.get(result.path);
    songs.push({
      name: song?.name ?? result.path,
      embedding,
      label: song?.label ?? null,
      value: song?.value ?? null,
      genre: song?.genre ?? null,
      loudness: result.loudnessLufs,
    });
  }
  if (songs.length === 0) {
    throw new BangerError('data-unusable', 'No song could be embedded.', { file: audioFolder });
  }
  const { name: id, sha256, embeddingSize } = encoder.description;
  const notes = labelled?.notes ?? [];
  await writeEmbeddingFolder(out, songs, {
    encoder: { id, sha256 },
    source: sourceSentence(audioFolder, source),
    label: labelled?.labelName ?? 'none',
    scale: labelled?.scale ?? { method: 'none', minimum: null, maximum: null },
    notes,
    sampleRateHz: encoder.sampleRateHz,
    device: engine.provider,
    seconds: (performance.now() - started) / 1000,
  });
  return { songs: songs.length, embeddingSize, encoder: id, notes: notesWith(labelled) };
}

function sourceSentence(folder: string, source: CsvSource | null): string {
  return source === null ? `Songs of ${folder}.` : `Songs of ${folder} with the labels of ${source.file}.`;
}

function notesWith(labelled: LabelledSongs | null): string[] {
  if (labelled === null) return ['The songs have no labels: name a CSV file with --csv to train on them.'];
  return labelled.notes;
}
