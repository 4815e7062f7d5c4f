/** Gives every song of an embedding space its score by a head, without encoding anything. */
import { BangerError } from '../../shared/errors.ts';
import type { HeadGraph } from '../../shared/graphs.ts';
import type { EmbeddingBatch, EmbeddingSpace, SongScore } from '../../shared/library.ts';
import { clampScore } from '../../shared/score.ts';
import type { InferenceClient, ModelSource } from '../inference/inference-client.ts';
import type { Library } from '../library/library.ts';
import type { PreparedHead } from '../models/prepared-head.ts';

export interface RescoreOptions {
  /** Whether songs that have a score by this head are left out; they keep the one they have. */
  skipsScored?: boolean;
  signal?: AbortSignal | undefined;
  /** Called after each batch was stored. */
  onProgress?: ((progress: { done: number; total: number }) => void) | undefined;
}

/** 8 MB of embeddings of 1,024 values: large enough for the products, small enough to overlap with reading. */
const batchSize = 2048;

/**
 * Scores all embeddings of a space. While the model works on one batch, the next one is read and the one before is
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
  const total = library.embeddings.count(space, skipsScored ? headId : undefined);
  const batches = library.embeddings.batches(space, {
    batchSize,
    ...(skipsScored && { withoutScoreByHeadId: headId }),
  });
  let done = 0;
  const store = (scores: SongScore[]) => {
    library.scores.putAll(space, headId, scores);
    done += scores.length;
    onProgress?.({ done, total });
  };
  let running: Promise<SongScore[]> | null = null;
  try {
    for (const batch of batches) {
      if (signal?.aborted === true) throw new BangerError('cancelled', 'Scoring was cancelled.');
      const previous: Promise<SongScore[]> | null = running;
      running = scoreBatch(inference, source, batch, signal);
      // Its failure is met when its turn comes; until then it must not count as unhandled.
      running.catch(() => undefined);
      if (previous !== null) store(await previous);
    }
    if (running !== null) store(await running);
    return done;
  } finally {
    // Nothing goes on behind the caller's back.
    await running?.catch(() => undefined);
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
