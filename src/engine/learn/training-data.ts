/** What a head is trained on or judged by: embeddings with labels, whatever they came from. */
import { BangerError } from '../../shared/errors.ts';
import type { LabelScale } from '../../shared/head-card.ts';
import { countSongs } from './count-songs.ts';

/** The encoder that made embeddings. */
export interface DataEncoder {
  id: string;
  /** Null where whoever made the embeddings did not say. */
  sha256: string | null;
}

export interface TrainingData {
  /** (songs, embeddingSize) in C order. */
  embeddings: Float32Array<ArrayBuffer>;
  embeddingSize: number;
  /** 0..10. */
  labels: Float64Array<ArrayBuffer>;
  /** What each song is called in its source. */
  names: string[];
  genres: (string | null)[];
  /** Integrated loudness in LUFS, NaN where it is not known. */
  loudness: Float64Array<ArrayBuffer>;
  encoder: DataEncoder;
  /** Where the songs came from, one sentence. */
  source: string;
  /** What the labels are, such as `listens`. */
  label: string;
  scale: LabelScale;
  /** What was left out and why, one sentence each. */
  notes: string[];
}

/** A song before it is known to be usable. */
export interface DataRow {
  name: string;
  /** What tells the same song under two names, such as its number in the library. */
  identity: string | number;
  embedding: Float32Array;
  label: number;
  genre: string | null;
  /** NaN where it is not known. */
  loudness: number;
}

/**
 * Puts rows into arrays. Songs that come again and embeddings that are not finite are left out and said: a song in
 * both the training and the test part would make the head look better than it is.
 *
 * @throws BangerError `data-unusable` where nothing is left, or all labels are equal
 */
export function assembleData(
  rows: readonly DataRow[],
  about: Omit<TrainingData, 'embeddings' | 'embeddingSize' | 'labels' | 'names' | 'genres' | 'loudness'>,
): TrainingData {
  const notes = [...about.notes];
  const seen = new Set<string | number>();
  let repeated = 0;
  let broken = 0;
  const kept = rows.filter(({ identity, embedding, label }) => {
    if (!embedding.every(Number.isFinite) || !Number.isFinite(label)) broken += 1;
    else if (seen.has(identity)) repeated += 1;
    else return seen.add(identity);
    return false;
  });
  if (broken > 0)
    notes.push(`Left out for an embedding or a label that is not finite: ${countSongs(broken)}.`);
  if (repeated > 0) notes.push(`Left out as the same audio as another song: ${countSongs(repeated)}.`);
  const embeddingSize = kept[0]?.embedding.length ?? 0;
  if (kept.length === 0) {
    throw new BangerError('data-unusable', 'No song is left to learn from.', { nextStep: notes.join(' ') });
  }
  const embeddings = new Float32Array(kept.length * embeddingSize);
  for (const [row, { embedding }] of kept.entries()) embeddings.set(embedding, row * embeddingSize);
  const labels = Float64Array.from(kept, ({ label }) => label);
  if (labels.every((label) => label === labels[0])) {
    throw new BangerError(
      'data-unusable',
      kept.length === 1
        ? 'One song alone has a label: there is nothing to learn from.'
        : `All ${kept.length} songs have the same label: there is nothing to learn from.`,
      {
        nextStep: notes.length > 0 ? notes.join(' ') : 'Judge some songs differently, or take another label.',
      },
    );
  }
  return {
    ...about,
    notes,
    embeddings,
    embeddingSize,
    labels,
    names: kept.map(({ name }) => name),
    genres: kept.map(({ genre }) => genre),
    loudness: Float64Array.from(kept, ({ loudness }) => loudness),
  };
}
