/** Judges a head that was just trained and writes its model card. */
import { createHash } from 'node:crypto';
import type { Evaluation } from '../../shared/evaluation.ts';
import type { HeadCard } from '../../shared/head-card.ts';
import { clampScore } from '../../shared/score.ts';
import type { TrainingRecipe } from '../../shared/training-recipe.ts';
import type { InferenceClient } from '../inference/inference-client.ts';
import { buildHeadGraph } from '../models/head-graph.ts';
import { evaluateScores, type EvaluateOptions, percentiles } from './evaluate-scores.ts';
import { memoryCheckpoint } from './memory-checkpoint.ts';
import { hashSplit, type SongSplit } from './split-songs.ts';
import type { TrainedHead } from './train-head.ts';
import type { TrainingData } from './training-data.ts';

export interface DescribedHead {
  card: HeadCard;
  /** On the test songs. */
  evaluation: Evaluation;
}

/**
 * Scores all songs with the head as it will be used, and judges it by those that it was not trained on.
 *
 * @throws BangerError `inference-…`, `cancelled`
 */
export async function describeHead(
  name: string,
  { tensors, epochs, bestEpoch }: TrainedHead,
  data: TrainingData,
  split: SongSplit,
  recipe: TrainingRecipe,
  inference: InferenceClient,
  signal?: AbortSignal,
): Promise<DescribedHead> {
  const shape = { inputSize: data.embeddingSize, widths: recipe.widths };
  const graph = await buildHeadGraph(memoryCheckpoint(shape, tensors));
  const key = createHash('sha256').update(graph.onnx).digest('hex');
  const scores = await inference.score({ key, build: () => Promise.resolve(graph) }, data.embeddings, signal);
  const evaluation = await evaluatePart(data, scores, split.test, split.train);
  const validation = await evaluatePart(data, scores, split.validation, split.train, { maximumPoints: 0 });
  const card: HeadCard = {
    format: 1,
    name,
    createdAt: new Date().toISOString(),
    encoder: { ...data.encoder, embeddingSize: data.embeddingSize },
    data: {
      source: data.source,
      label: data.label,
      scale: data.scale,
      songs: data.labels.length,
      notes: data.notes,
      trainSongs: split.train.length,
      validationSongs: split.validation.length,
      testSongs: split.test.length,
      splitSha256: hashSplit(split, data.names),
    },
    recipe,
    epochsRun: epochs.length,
    bestEpoch,
    validation: validation.metrics,
    test: evaluation.metrics,
    baselines: evaluation.baselines,
    labelPercentiles: percentiles(data.labels),
    scorePercentiles: percentiles(scores.map(clampScore)),
  };
  return { card, evaluation };
}

/**
 * Judges the scores of some of the songs; they are taken before the clamp, as the reference does.
 *
 * @param trained rows that baselines learn from, null for none
 */
export function evaluatePart(
  data: TrainingData,
  scores: Float32Array,
  rows: Int32Array,
  trained: Int32Array | null,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const take = (values: ArrayLike<number>, which: Int32Array) =>
    Float64Array.from(which, (row) => values[row] ?? NaN);
  return evaluateScores(
    {
      predicted: take(scores, rows),
      actual: take(data.labels, rows),
      names: Array.from(rows, (row) => data.names[row] ?? ''),
      genres: Array.from(rows, (row) => data.genres[row] ?? null),
      loudness: take(data.loudness, rows),
    },
    trained && { actual: take(data.labels, trained), loudness: take(data.loudness, trained) },
    options,
  );
}
