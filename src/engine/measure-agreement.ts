/** Compares the scores of another precision with those of fp32, on songs of the library. */
import { BangerError } from '../shared/errors.ts';
import type { EmbeddingSpace, Precision } from '../shared/library.ts';
import type { Agreement } from '../shared/precision-commands.ts';
import { agreementSongs } from '../shared/precision-commands.ts';
import { clampScore } from '../shared/score.ts';
import type { RankingKey } from '../shared/song-query.ts';
import type { ChosenModels } from './choose-models.ts';
import type { Engine } from './engine.ts';
import type { InferenceClient } from './inference/inference-client.ts';
import { spearman } from './insight/rank-correlation.ts';
import type { Library } from './library/library.ts';
import { scoreFiles } from './scoring/score-files.ts';

export interface AgreementOptions {
  precision: Precision;
  /** How many songs to compare at most. */
  songs?: number | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: { done: number; total: number }) => void) | undefined;
}

/** A song to compare, with its fp32 embedding where the library has it. */
interface ComparedSong {
  id: number;
  path: string;
  reference: Float32Array | null;
}

type ScoredModels = Pick<ChosenModels, 'encoder' | 'head'>;

/**
 * Encodes songs in both precisions and compares their scores. What fp32 made of a song before is taken from the
 * library; nothing else is, and nothing is kept, unless the engine runs in that precision anyway.
 *
 * @throws BangerError `usage` for a precision that cannot be had, `data-unusable` where no song can be compared, and
 *   what would meet every song alike, `cancelled` among it
 */
export async function measureAgreement(
  engine: Engine,
  models: ScoredModels,
  { precision, songs: maximum = agreementSongs, signal, onProgress }: AgreementOptions,
): Promise<Agreement> {
  if (precision === 'fp32' || !engine.precisionsOf(models.encoder).includes(precision)) {
    throw new BangerError('usage', `${precision} is nothing that could be compared with fp32 here.`, {
      nextStep: `Choose one of: ${engine.precisionsOf(models.encoder).slice(1).join(', ') || 'none'}.`,
    });
  }
  const { provider } = engine;
  const { space } = await engine.createScorer(models, engine.library, { precision: 'fp32' });
  const songs = chooseSongs(engine.library, space, models, maximum);
  const missing = songs.filter(({ reference }) => reference === null);
  const progress = { done: 0, total: songs.length + missing.length };
  const count = () => {
    progress.done += 1;
    onProgress?.({ ...progress });
  };
  onProgress?.({ ...progress });

  const isInUse = engine.precisionOf(models.encoder) === precision;
  const references = new Map(songs.flatMap(({ path, reference }) => (reference ? [[path, reference]] : [])));
  if (missing.length > 0) {
    // Ended before the other one loads: both at once would take the memory of two encoders.
    await withProcess(engine, async (inference) => {
      const encoded = embed(engine, models, missing, { precision: 'fp32', inference, library: null, signal });
      for await (const [path, embedding] of encoded) {
        if (embedding !== null) references.set(path, embedding);
        count();
      }
    });
  }
  const compare = async (inference: InferenceClient) => {
    const pairs: { reference: Float32Array; other: Float32Array }[] = [];
    const library = isInUse ? engine.library : null;
    const known = songs.filter(({ path }) => references.has(path));
    for await (const [path, other] of embed(engine, models, known, {
      precision,
      inference,
      library,
      signal,
    })) {
      const reference = references.get(path);
      if (reference !== undefined && other !== null) pairs.push({ reference, other });
      count();
    }
    if (pairs.length === 0) throw nothingToCompare();
    const head = { key: models.head.description.sha256, build: () => Promise.resolve(models.head.graph) };
    const scoresOf = (side: 'reference' | 'other') =>
      inference.score(head, joined(pairs.map((pair) => pair[side])), signal);
    return { reference: await scoresOf('reference'), other: await scoresOf('other') };
  };
  const scores = await (isInUse ? compare(engine.inference) : withProcess(engine, compare));
  if (engine.provider !== provider) {
    throw new BangerError('cancelled', 'The encoder runs elsewhere now, so the comparison means nothing.');
  }
  return {
    encoder: models.encoder.description.name,
    encoderSha256: models.encoder.description.sha256,
    head: models.head.description.name,
    headSha256: models.head.description.sha256,
    precision,
    provider,
    songs: scores.other.length,
    ...compareScores(scores.reference, scores.other),
    measuredAtMs: Date.now(),
  };
}

/** @param reference raw scores, each beside that of the same song in `other` */
export function compareScores(
  reference: ArrayLike<number>,
  other: ArrayLike<number>,
): Pick<Agreement, 'spearman' | 'maximumDifference'> {
  let maximumDifference = 0;
  for (let song = 0; song < reference.length; song++) {
    const difference = clampScore(reference[song] ?? NaN) - clampScore(other[song] ?? NaN);
    maximumDifference = Math.max(maximumDifference, Math.abs(difference));
  }
  return { spearman: spearman(reference, other)?.value ?? null, maximumDifference };
}

/** Each path with its embedding, null where the song could not be embedded. */
async function* embed(
  engine: Engine,
  { encoder }: ScoredModels,
  songs: readonly ComparedSong[],
  {
    precision,
    inference,
    library,
    signal,
  }: {
    precision: Precision;
    inference: InferenceClient;
    library: Library | null;
    signal: AbortSignal | undefined;
  },
): AsyncGenerator<[string, Float32Array | null], void, undefined> {
  const scorer = await engine.createScorer({ encoder, head: null }, library, { precision, inference });
  const paths = songs.map(({ path }) => path);
  for await (const { result, embedding } of scoreFiles(scorer, paths, { aheadCount: 2, signal })) {
    yield [result.path, embedding];
  }
}

async function withProcess<Value>(
  engine: Engine,
  work: (inference: InferenceClient) => Promise<Value>,
): Promise<Value> {
  const inference = engine.openInference();
  try {
    return await work(inference);
  } finally {
    await inference.close();
  }
}

/** Songs whose files are there: those with a score in fp32 spread over its range, then others. */
function chooseSongs(
  library: Library,
  space: EmbeddingSpace,
  { head }: ScoredModels,
  maximum: number,
): ComparedSong[] {
  const ranking = findRanking(library, space, library.heads.register(head.description).id);
  const best = { column: 'score', direction: 'descending' } as const;
  const scored =
    ranking === null ? [] : idsOf(library, { ...best, ranking, filter: { scoredBy: 'ranking' } });
  const chosen = spread(scored, maximum);
  if (chosen.length < maximum) {
    const known = new Set(scored);
    const others = idsOf(library, { column: 'added', direction: 'descending', filter: {} });
    chosen.push(
      ...spread(
        others.filter((id) => !known.has(id)),
        maximum - chosen.length,
      ),
    );
  }
  return library.lists.rowsOf(chosen).flatMap(({ id, path }) => {
    if (path === null) return [];
    return [{ id, path, reference: library.embeddings.get({ ...space, songId: id })?.vector ?? null }];
  });
}

function idsOf(
  library: Library,
  {
    filter,
    ranking,
    ...sort
  }: {
    column: 'score' | 'added';
    direction: 'descending';
    filter: { scoredBy?: 'ranking' };
    ranking?: RankingKey;
  },
): number[] {
  return [...library.lists.order({ filter, sort, ranking, rowCount: 0 }).songIds];
}

function findRanking(library: Library, space: EmbeddingSpace, headId: number): RankingKey | null {
  const found = library.rankings.list().find((ranking) => {
    const other = ranking.headId === headId ? library.embeddings.spaceById(ranking.spaceId) : null;
    return other !== null && isSameSpace(other, space);
  });
  return found === undefined ? null : { spaceId: found.spaceId, headId };
}

function isSameSpace(a: EmbeddingSpace, b: EmbeddingSpace): boolean {
  return (
    a.encoderId === b.encoderId &&
    a.precision === b.precision &&
    a.decodeRecipe === b.decodeRecipe &&
    a.window.startSeconds === b.window.startSeconds &&
    a.window.lengthSeconds === b.window.lengthSeconds
  );
}

/** Up to so many of some values, first and last among them, evenly apart. */
function spread<Value>(values: readonly Value[], maximum: number): Value[] {
  if (values.length <= maximum) return [...values];
  const step = (values.length - 1) / Math.max(1, maximum - 1);
  return Array.from({ length: maximum }, (_, place) => values[Math.round(place * step)]).filter(
    (value) => value !== undefined,
  );
}

function joined(vectors: readonly Float32Array[]): Float32Array {
  const size = vectors[0]?.length ?? 0;
  const all = new Float32Array(vectors.length * size);
  for (const [row, vector] of vectors.entries()) all.set(vector, row * size);
  return all;
}

function nothingToCompare(): BangerError {
  return new BangerError('data-unusable', 'No song of the library can be compared.', {
    nextStep: 'Score some songs first.',
  });
}
