/** Learning as a person asks for it: data sets embedded, heads trained, judged, compared and exported. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataSource, EmbeddingProgress } from '../shared/data-source.ts';
import { BangerError } from '../shared/errors.ts';
import type { TrainedHeadReport, TrainingRequest } from '../shared/learn-commands.ts';
import {
  referenceRecipe,
  type TrainedEpochRecord,
  trainingRecipeSchema,
  type RecipeChanges,
  type TrainingRecipe,
} from '../shared/training-recipe.ts';
import type { Engine } from './engine.ts';
import { describeHead } from './learn/describe-head.ts';
import { countSongs } from './learn/count-songs.ts';
import { readEmbeddingFolder } from './learn/embedding-folder.ts';
import { writeHead } from './learn/head-file.ts';
import { readLabelledSongs } from './learn/labelled-songs.ts';
import { readLibraryData } from './learn/library-data.ts';
import { splitSongs, type SongSplit } from './learn/split-songs.ts';
import { trainHead } from './learn/train-head.ts';
import { TrainingCheckpoint } from './learn/training-checkpoint.ts';
import { assembleData, type DataRow, type TrainingData } from './learn/training-data.ts';
import { draftId } from './models/catalogue.ts';
import { isModelId, requireModelId } from './models/model-ids.ts';
import { prepareEncoder, type PreparedEncoder } from './models/prepared-encoder.ts';
import { scoreFiles } from './scoring/score-files.ts';
import type { ScoredSong } from './scoring/song-scorer.ts';

const defaultEncoder = 'mert-v1-330m';

/** Said of every head that is trained on the draft. */
const draftNote =
  'The draft measures sound (level, loudness, beat), not music: a head on it can learn little of taste.';

export interface LearnHooks {
  signal?: AbortSignal | undefined;
  /** Called while a large checkpoint is read for its fingerprint, which happens once. */
  onFingerprint?: ((progress: { bytesDone: number; bytesTotal: number }) => void) | undefined;
  onEmbedding?: ((progress: EmbeddingProgress) => void) | undefined;
  /** Called for every song that could not be embedded. */
  onFailure?: ((song: ScoredSong) => void) | undefined;
}

export interface TrainHooks extends LearnHooks {
  /** Called once the data is there, before the first epoch. */
  onData?: ((data: TrainingData, split: SongSplit, recipe: TrainingRecipe) => void) | undefined;
  onResume?: ((epochs: readonly TrainedEpochRecord[]) => void) | undefined;
  onEpoch?: ((record: TrainedEpochRecord, bestEpoch: number) => void) | undefined;
  /** Called when the last epoch is done and the head is judged. */
  onJudging?: (() => void) | undefined;
  /** Seconds of training that a crash may cost. */
  checkpointSeconds?: number | undefined;
}

/**
 * The reference recipe with what a person changes of it. One dropout for other widths is taken for every layer.
 *
 * @throws BangerError `usage`
 */
export function recipeWith(changes: RecipeChanges): TrainingRecipe {
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  const recipe = trainingRecipeSchema.safeParse({ ...referenceRecipe, ...given });
  if (recipe.success) return recipe.data;
  const [issue] = recipe.error.issues;
  throw new BangerError(
    'usage',
    `The recipe is not valid: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim(),
  );
}

/**
 * The encoder by its id or folder.
 *
 * @throws BangerError `model-missing` and what reading its files throws
 */
export async function findEncoder(
  engine: Engine,
  id = defaultEncoder,
  { signal, onFingerprint }: LearnHooks = {},
): Promise<PreparedEncoder> {
  const { cacheFolder } = engine.folders;
  const resolved = await engine.models.resolveEncoder(id);
  return prepareEncoder(resolved, { cacheFolder, signal, onProgress: onFingerprint });
}

/**
 * Embeds files one after another; those that the library knows take no time, so that a run that was killed goes on
 * where it was.
 *
 * @throws BangerError what would meet every song alike, `cancelled` among it
 */
export async function* embedFiles(
  engine: Engine,
  encoder: PreparedEncoder,
  files: readonly string[],
  { signal, onEmbedding, onFailure }: LearnHooks = {},
): AsyncGenerator<ScoredSong & { embedding: Float32Array }, void, undefined> {
  const scorer = await engine.createScorer({ encoder, head: null }, engine.library);
  const outcomes = scoreFiles(scorer, files, {
    aheadCount: engine.aheadCount,
    signal,
    onProgress: ({ done, total, failed, cached, songsPerSecond, etaSeconds }) => {
      onEmbedding?.({ done, total, failed, cached, songsPerSecond, etaSeconds });
    },
  });
  for await (const song of outcomes) {
    const { embedding } = song;
    if (embedding === null) onFailure?.(song);
    else yield { ...song, embedding };
  }
}

/**
 * The data that a source means, with embeddings of all its songs.
 *
 * @throws BangerError `data-unusable` where nothing can be learned from it, and what embedding throws
 */
export async function loadData(
  engine: Engine,
  source: DataSource,
  encoderId: string | undefined,
  hooks: LearnHooks = {},
): Promise<TrainingData> {
  if (source.kind === 'embeddings') return readEmbeddingFolder(source.folder);
  const encoder = await findEncoder(engine, encoderId, hooks);
  const about = { id: encoder.description.name, sha256: encoder.description.sha256 };
  if (source.kind === 'library') {
    const scorer = await engine.createScorer({ encoder, head: null }, engine.library);
    return readLibraryData(engine.library, scorer.space, source, about);
  }
  const { files } = await engine.collectFiles([source.audioFolder], hooks.signal);
  const labelled = await readLabelledSongs(source, files, hooks.signal);
  const byFile = new Map(labelled.songs.map((song) => [song.file, song]));
  const rows: DataRow[] = [];
  let failed = 0;
  const onFailure = (song: ScoredSong) => {
    failed += 1;
    hooks.onFailure?.(song);
  };
  for await (const { result, songId, embedding } of embedFiles(engine, encoder, [...byFile.keys()], {
    ...hooks,
    onFailure,
  })) {
    const song = byFile.get(result.path);
    if (song === undefined) continue;
    const { name, label, genre } = song;
    rows.push({
      name,
      identity: songId ?? name,
      embedding,
      label,
      genre,
      loudness: result.loudnessLufs ?? NaN,
    });
  }
  return assembleData(rows, {
    encoder: about,
    source: `Songs of ${source.audioFolder} with the labels of ${source.file}.`,
    label: labelled.labelName,
    scale: labelled.scale,
    notes: [
      ...labelled.notes,
      ...(failed > 0 ? [`Left out since they could not be embedded: ${countSongs(failed)}.`] : []),
    ],
  });
}

/**
 * Trains a head, judges it, and puts it into the list of heads under its name. The same request goes on where an
 * earlier run was ended.
 *
 * @throws BangerError `usage` for a name that is taken, `data-unusable`, `cancelled`, and what training throws
 */
export async function trainNamedHead(
  engine: Engine,
  request: TrainingRequest,
  hooks: TrainHooks = {},
): Promise<TrainedHeadReport> {
  const { name, source } = request;
  const { signal } = hooks;
  await requireFreeName(engine, name);
  const recipe = recipeWith(request.recipe);
  const data = await loadData(engine, source, request.encoder, hooks);
  if (data.encoder.id === draftId) data.notes.push(draftNote);
  const split = splitSongs(data.labels.length, recipe);
  hooks.onData?.(data, split, recipe);
  const folder = join(engine.folders.cacheFolder, 'training');
  const checkpoint = new TrainingCheckpoint(join(folder, `${name}.checkpoint`));
  const inference = engine.openInference();
  try {
    const trained = await trainHead({
      inference,
      embeddings: data.embeddings,
      labels: data.labels,
      split,
      recipe,
      checkpoint,
      signal,
      onResume: hooks.onResume,
      onEpoch: hooks.onEpoch,
      ...(hooks.checkpointSeconds !== undefined && { checkpointSeconds: hooks.checkpointSeconds }),
    });
    hooks.onJudging?.();
    const { card, evaluation } = await describeHead(name, trained, data, split, recipe, inference, signal);
    await mkdir(folder, { recursive: true });
    const staged = join(folder, `${name}.safetensors`);
    const shape = { inputSize: data.embeddingSize, widths: recipe.widths };
    await writeHead(staged, shape, trained.tensors, trained.bestSteps, card);
    const encoderId = isModelId(data.encoder.id) ? data.encoder.id : undefined;
    const listing = await engine.models.importModel(staged, { id: name, encoderId, signal });
    await rm(staged, { force: true });
    await checkpoint.remove();
    return { id: name, file: listing.location ?? '', card, evaluation };
  } finally {
    await inference.close();
  }
}

async function requireFreeName(engine: Engine, name: string): Promise<void> {
  requireModelId(name);
  const taken = (await engine.models.listModels()).find(({ id }) => id === name);
  if (taken === undefined) return;
  const nextStep =
    taken.origin === 'imported'
      ? `Choose another name, or run “banger heads remove ${name}” first.`
      : 'Choose another name.';
  throw new BangerError('usage', `There is a model “${name}” already.`, { nextStep });
}
