/** A head's own model card: what it was trained on and how, and how it did; kept inside its file. */
import { z } from 'zod';
import { scoreMetricsSchema } from './evaluation.ts';
import { trainingRecipeSchema } from './training-recipe.ts';

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

/** The name of the card in a safetensors header, and of its entry in a PyTorch file. */
export const headCardKey = 'banger.card';

/** How labels were made from what the data states. */
export const labelScaleSchema = z.strictObject({
  /**
   * - `log-minmax`: log1p, then the smallest becomes 0 and the largest 10
   * - `minmax`: the smallest becomes 0 and the largest 10
   * - `none`: taken as they are
   */
  method: z.enum(['log-minmax', 'minmax', 'none']),
  /** The values, before any logarithm, that become 0 and 10; null where labels are taken as they are. */
  minimum: z.number().nullable(),
  maximum: z.number().nullable(),
});
export type LabelScale = z.infer<typeof labelScaleSchema>;

export const headCardSchema = z.object({
  format: z.literal(1),
  name: z.string(),
  createdAt: z.iso.datetime(),
  encoder: z.object({
    id: z.string(),
    /** Over weights and configuration, as embeddings are kept by; null where the embeddings' maker did not say. */
    sha256: sha256Schema.nullable(),
    embeddingSize: z.int().positive(),
  }),
  data: z.object({
    /** Where the songs came from, one sentence. */
    source: z.string(),
    /** What the labels are, such as `listens`. */
    label: z.string(),
    scale: labelScaleSchema,
    songs: z.int(),
    /** What was left out and why, one sentence each. */
    notes: z.array(z.string()),
    trainSongs: z.int(),
    validationSongs: z.int(),
    testSongs: z.int(),
    /** SHA-256 over which song is in which part; an evaluation knows the test songs by it. */
    splitSha256: sha256Schema,
  }),
  recipe: trainingRecipeSchema,
  epochsRun: z.int(),
  bestEpoch: z.int(),
  /** On songs that training never saw. The validation songs chose the epoch. */
  validation: scoreMetricsSchema,
  test: scoreMetricsSchema,
  baselines: z.array(z.object({ name: z.enum(['mean', 'loudness']), metrics: scoreMetricsSchema })),
  /** The 0th to the 100th percentile of the labels, and of the head's scores of the same songs. */
  labelPercentiles: z.array(z.number()).length(101),
  scorePercentiles: z.array(z.number()).length(101),
});
export type HeadCard = z.infer<typeof headCardSchema>;
