/** Gives every song of an embedding space its score by a head, without encoding anything. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BangerError } from '../../shared/errors.ts';
import type { HeadGraph } from '../../shared/graphs.ts';
import type { EmbeddingBatch, EmbeddingSpace, SongScore } from '../../shared/library.ts';
import { clampScore } from '../../shared/score.ts';
import type { InferenceClient, ModelSource } from '../inference/inference-client.ts';
import type { Library } from '../library/library.ts';
import type { EmbeddingReader } from '../library/tables/embeddings-table.ts';
import type { PreparedHead } from '../models/prepared-head.ts';

export interface RescoreOptions {
  /** Whether songs that have a score by this head are left out; they keep the one they have. */
  skipsScored?: boolean;
  signal?: AbortSignal | undefined;
  /** Called whenever scores were stored. */
  onProgress?: ((progress: { done: number; total: number }) => void) | undefined;
}

/** Songs that the model is given at once: 16 MB of embeddings of 1,024 values. */
const batchSize = 4096;

/** Songs that are read before other work has its turn, above all handing embeddings on to the model's process. */
const portionSize = 64;

/**
 * Songs whose scores are stored at once. In order of rank a batch's scores lie all over the index, so that small
 * transactions would write the same pages again and again.
 */
const storedAtOnce = 16_384;

/**
 * Scores all embeddings of a space. While the model works on one batch, the next one is read and earlier ones are
 * stored; what was stored stays when it ends early.
 *
 * @returns how many songs were scored
 * @throws BangerError `cancelled`, `inference-…`, `library-…`, `disk-full`
 */
export async function rescoreAll(
  library: Library,
  inference: InferenceClient,
  space: EmbeddingSpace,
  head: PreparedHead,
  options: RescoreOptions = {},
): Promise<number> {
  const { skipsScored = false, signal, onProgress } = options;
  const { id: headId } = library.heads.register(head.description);
  const source: ModelSource<HeadGraph> = {
    key: head.description.sha256,
    build: () => Promise.resolve(head.graph),
  };
  library.scores.markUsed(space, headId);
  const total = library.embeddings.count(space, skipsScored ? headId : undefined);
  let done = 0;
  let pending: SongScore[] = [];
  const store = (scores: readonly SongScore[], atLeast: number) => {
    pending = pending.concat(scores);
    if (pending.length < atLeast) return;
    library.scores.putAll(space, headId, pending);
    done += pending.length;
    pending = [];
    onProgress?.({ done, total });
  };
  let running: Promise<SongScore[]> | null = null;
  try {
    const reader = library.embeddings.reader(space, skipsScored ? { withoutScoreByHeadId: headId } : {});
    for await (const batch of readBatches(reader)) {
      if (signal?.aborted === true) throw new BangerError('cancelled', 'Scoring was cancelled.');
      const previous: Promise<SongScore[]> | null = running;
      running = scoreBatch(inference, source, batch, signal);
      // Its failure is met when its turn comes; until then it must not count as unhandled.
      running.catch(() => undefined);
      if (previous !== null) store(await previous, storedAtOnce);
    }
    if (running !== null) store(await running, 1);
    return done;
  } finally {
    // Nothing goes on behind the caller's back.
    await running?.catch(() => undefined);
  }
}

/** Batches that are read a little at a time, with a turn for other work in between. */
async function* readBatches(reader: EmbeddingReader): AsyncGenerator<EmbeddingBatch, void> {
  const { embeddingSize } = reader;
  for (;;) {
    const vectors = new Float32Array(batchSize * embeddingSize);
    const songIds: number[] = [];
    while (songIds.length < batchSize) {
      const count = Math.min(portionSize, batchSize - songIds.length);
      const portion = reader.read(vectors, songIds.length, count);
      songIds.push(...portion);
      await nextTurn();
      if (portion.length < count) break;
    }
    if (songIds.length > 0) yield { songIds, vectors: vectors.subarray(0, songIds.length * embeddingSize) };
    if (songIds.length < batchSize) return;
  }
}

async function scoreBatch(
  inference: InferenceClient,
  source: ModelSource<HeadGraph>,
  { songIds, vectors }: EmbeddingBatch,
  signal: AbortSignal | undefined,
): Promise<SongScore[]> {
  const rawScores = await inference.score(source, vectors, signal);
  return songIds.map((songId, index) => {
    const rawScore = rawScores[index] ?? Number.NaN;
    return { songId, rawScore, score: clampScore(rawScore) };
  });
}
