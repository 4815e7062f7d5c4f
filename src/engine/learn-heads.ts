/** Heads as a person deals with them: listed with their cards, judged, compared on the same songs, exported. */
import type { DataSource } from '../shared/data-source.ts';
import { BangerError } from '../shared/errors.ts';
import type { HeadComparison } from '../shared/head-comparison.ts';
import type { HeadEvaluation, ListedHead } from '../shared/learn-commands.ts';
import type { EmbeddingSpace } from '../shared/library.ts';
import { clampScore } from '../shared/score.ts';
import type { Engine } from './engine.ts';
import { loadData, type LearnHooks } from './learn-songs.ts';
import { compareRanks, type TwiceScoredSong } from './learn/compare-heads.ts';
import { evaluatePart } from './learn/describe-head.ts';
import { exportHead, requireHeadFileName } from './learn/head-file.ts';
import { hashSplit, splitSongs, type SongSplit } from './learn/split-songs.ts';
import type { TrainingData } from './learn/training-data.ts';
import { readHeadCard } from './models/head-card-file.ts';
import { prepareHead, type PreparedHead } from './models/prepared-head.ts';

/**
 * Judges a head by labelled songs: by the test part where the data is what it was trained with, else by all of them.
 *
 * @throws BangerError `checkpoint-mismatch` for embeddings of another encoder, `data-unusable`, `model-missing`
 */
export async function evaluateHead(
  engine: Engine,
  request: { head: string; source: DataSource; encoder?: string | undefined },
  hooks: LearnHooks = {},
): Promise<HeadEvaluation> {
  const head = await findHead(engine, request.head, hooks);
  const card = await cardOf(engine, request.head);
  const data = await loadData(engine, request.source, request.encoder ?? head.encoderId ?? undefined, hooks);
  requireSameEncoder(head, data);
  const scores = await engine.inference.score(sourceOf(head), data.embeddings, hooks.signal);
  const split = trainedSplit(card, data);
  const all = Int32Array.from(data.labels, (_, row) => row);
  return {
    head: head.description.name,
    card,
    part: split === null ? 'all' : 'test',
    notes: data.notes,
    evaluation: await evaluatePart(data, scores, split?.test ?? all, split?.train ?? null),
  };
}

/** Every head that is here, with its card. */
export async function listHeads(engine: Engine): Promise<ListedHead[]> {
  const heads = (await engine.models.listModels()).filter(({ kind }) => kind === 'head');
  return Promise.all(
    heads.map(async (listing) => ({
      listing,
      card:
        listing.state === 'installed' && listing.location !== null
          ? await readHeadCard(listing.location)
          : null,
    })),
  );
}

/** The card of a head, null where its file has none. @throws BangerError `model-missing` */
export async function cardOf(engine: Engine, head: string): Promise<ListedHead['card']> {
  const resolved = await engine.models.resolveHead(head);
  return resolved.source === 'built-in' ? null : readHeadCard(resolved.file);
}

/** Writes a head as a file of its own. @throws BangerError `usage`, `model-missing`, `file-unwritable`, `disk-full` */
export async function exportNamedHead(engine: Engine, head: string, file: string): Promise<void> {
  requireHeadFileName(file);
  const resolved = await engine.models.resolveHead(head);
  if (resolved.source === 'built-in') {
    throw new BangerError('usage', `The head “${head}” is built in and has no file.`);
  }
  await exportHead(resolved.file, file);
}

/**
 * Ranks the songs of the library by two heads; nothing is stored.
 *
 * @throws BangerError `checkpoint-mismatch` where no embeddings fit both
 */
export async function compareHeads(
  engine: Engine,
  request: { first: string; second: string; topCount: number; limit: number },
  { signal }: LearnHooks = {},
): Promise<HeadComparison> {
  const first = await findHead(engine, request.first, { signal });
  const second = await findHead(engine, request.second, { signal });
  const { library } = engine;
  const { space, encoder } = findSharedSpace(engine, first, second);
  const songs: TwiceScoredSong[] = [];
  for (const { songIds, vectors } of library.embeddings.batches(space, { batchSize: 2048 })) {
    const firstScores = await engine.inference.score(sourceOf(first), vectors, signal);
    const secondScores = await engine.inference.score(sourceOf(second), vectors, signal);
    for (const [row, songId] of songIds.entries()) {
      const scores = {
        first: clampScore(firstScores[row] ?? NaN),
        second: clampScore(secondScores[row] ?? NaN),
      };
      songs.push({ songId, ...scores });
    }
  }
  const { changes, ...figures } = compareRanks(songs, request.topCount);
  const shown = changes.slice(0, request.limit);
  const rows = new Map(library.lists.rowsOf(shown.map(({ songId }) => songId)).map((row) => [row.id, row]));
  return {
    first: first.description.name,
    second: second.description.name,
    encoder,
    songs: songs.length,
    ...figures,
    rows: shown.map((change) => {
      const row = rows.get(change.songId);
      return { ...change, title: row?.title ?? '', path: row?.path ?? null };
    }),
  };
}

async function findHead(engine: Engine, head: string, { signal }: LearnHooks): Promise<PreparedHead> {
  const { cacheFolder } = engine.folders;
  return prepareHead(await engine.models.resolveHead(head), { cacheFolder, signal });
}

function sourceOf({ description, graph }: PreparedHead) {
  return { key: description.sha256, build: () => Promise.resolve(graph) };
}

/** @throws BangerError `checkpoint-mismatch` with the reason */
function requireSameEncoder(
  { description, encoderId, encoderSha256 }: PreparedHead,
  data: TrainingData,
): void {
  const { encoder, embeddingSize } = data;
  const nextStep = 'Embed the songs with the encoder of this head, or judge another head.';
  if (description.embeddingSize !== embeddingSize) {
    throw new BangerError(
      'checkpoint-mismatch',
      `The head “${description.name}” takes embeddings of ${description.embeddingSize} values; these have ${embeddingSize}.`,
      { nextStep },
    );
  }
  const isOther =
    encoderSha256 !== null && encoder.sha256 !== null
      ? encoderSha256 !== encoder.sha256
      : encoderId !== null && encoderId !== encoder.id;
  if (!isOther) return;
  throw new BangerError(
    'checkpoint-mismatch',
    `The head “${description.name}” was trained on ${encoderId ?? 'another encoder'}; these embeddings are by ${encoder.id}${encoderId === encoder.id ? ' with other weights' : ''}.`,
    { nextStep },
  );
}

/** The split that the head was trained with, null where the data is another. */
function trainedSplit(card: ListedHead['card'], data: TrainingData): SongSplit | null {
  if (card?.data.songs !== data.labels.length) return null;
  const split = splitSongs(data.labels.length, card.recipe);
  return hashSplit(split, data.names) === card.data.splitSha256 ? split : null;
}

/** The largest space of embeddings that both heads can score. */
function findSharedSpace(
  { library }: Engine,
  first: PreparedHead,
  second: PreparedHead,
): { space: EmbeddingSpace; encoder: string } {
  const fitting = library.embeddings.spaces().flatMap(({ space, embeddings }) => {
    const encoder = library.encoders.byId(space.encoderId);
    const fits = [first, second].every(({ description, encoderId, encoderSha256 }) => {
      if (encoder === null || description.embeddingSize !== encoder.embeddingSize) return false;
      if (description.isDraft !== encoder.isDraft) return false;
      if (encoderSha256 !== null) return encoderSha256 === encoder.sha256;
      return encoderId === null || encoderId === encoder.name;
    });
    return fits && encoder !== null ? [{ space, embeddings, encoder: encoder.name }] : [];
  });
  const [largest] = fitting.sort((a, b) => b.embeddings - a.embeddings);
  if (largest !== undefined) return largest;
  throw new BangerError(
    'checkpoint-mismatch',
    `The library has no embeddings that both “${first.description.name}” and “${second.description.name}” can score.`,
    {
      nextStep: 'Heads can be compared when they were trained on one encoder and songs were scored with it.',
    },
  );
}
