/** Where the songs and labels of a training or an evaluation come from, as a person names it. */
import { z } from 'zod';
import { labelScaleSchema } from './head-card.ts';

const pathSchema = z.string().min(1);

/** A folder of audio and a CSV file about it. */
export const csvSourceSchema = z.strictObject({
  kind: z.literal('csv'),
  /** `tracks.csv` of the Free Music Archive, or any CSV file with a header. */
  file: pathSchema,
  audioFolder: pathSchema,
  /**
   * Columns by name: of the label (`listens` for `tracks.csv`), of the song's path (guessed where it has a usual
   * name), of the genre.
   */
  labelColumn: z.string().optional(),
  pathColumn: z.string().optional(),
  genreColumn: z.string().optional(),
  /** Only rows whose column holds this value, as `subset` = `small` for `tracks.csv`. */
  onlyColumn: z.string().optional(),
  onlyValue: z.string().optional(),
  scale: labelScaleSchema.shape.method.default('log-minmax'),
  /** Whether a value of 0 is a label; the reference leaves such songs out. */
  keepsZero: z.boolean().default(false),
});
export type CsvSource = z.output<typeof csvSourceSchema>;

/** What a person did with songs of the library, as labels. */
export const libraryLabels = ['verdicts', 'stars', 'plays'] as const;
export type LibraryLabel = (typeof libraryLabels)[number];

/**
 * The person's own library:
 * - `verdicts`: rejected songs are 0 and kept ones 10
 * - `stars`: from one (0) to five (10)
 * - `plays`: how often each was heard, scaled as listens are: log1p, the smallest 0 and the largest 10
 */
export const librarySourceSchema = z.strictObject({
  kind: z.literal('library'),
  label: z.enum(libraryLabels),
});
export type LibrarySource = z.output<typeof librarySourceSchema>;

/** A folder with `embeddings.npy` and `metadata.json`, as the reference project and `banger embed` write it. */
export const embeddingsSourceSchema = z.strictObject({ kind: z.literal('embeddings'), folder: pathSchema });
export type EmbeddingsSource = z.output<typeof embeddingsSourceSchema>;

export const dataSourceSchema = z.discriminatedUnion('kind', [
  csvSourceSchema,
  librarySourceSchema,
  embeddingsSourceSchema,
]);
export type DataSource = z.output<typeof dataSourceSchema>;

/** How far the songs of a data set are embedded. */
export const embeddingProgressSchema = z.strictObject({
  done: z.int(),
  total: z.int(),
  failed: z.int(),
  /** Songs whose embedding was already in the library. */
  cached: z.int(),
  songsPerSecond: z.number().nullable(),
  etaSeconds: z.number().nullable(),
});
export type EmbeddingProgress = z.infer<typeof embeddingProgressSchema>;
