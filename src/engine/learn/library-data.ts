/** Makes training data of what a person did with the songs of the library. */
import type { LibraryLabel, LibrarySource } from '../../shared/data-source.ts';
import type { LabelScale } from '../../shared/head-card.ts';
import type { EmbeddingSpace } from '../../shared/library.ts';
import type { Library } from '../library/library.ts';
import { countSongs } from './count-songs.ts';
import { scaleLabels, scaleOver } from './scale-labels.ts';
import { assembleData, type DataEncoder, type DataRow, type TrainingData } from './training-data.ts';

/** Songs that are read before other work has its turn. */
const batchSize = 512;

const withoutLabel: Record<LibraryLabel, string> = {
  verdicts: 'Left out for lack of a verdict',
  stars: 'Left out for lack of stars',
  plays: 'Left out since they were never played',
};

/**
 * The labelled songs that have an embedding in a space: rejected ones as 0 and kept ones as 10; one star as 0 up to
 * five as 10; or plays, by their logarithm. Songs without are left out: one that was never heard is not a bad one.
 *
 * @throws BangerError `data-unusable` where nothing can be learned from them, `library-…`
 */
export function readLibraryData(
  library: Library,
  space: EmbeddingSpace,
  { label }: LibrarySource,
  encoder: DataEncoder,
): TrainingData {
  const rows: DataRow[] = [];
  let unlabelled = 0;
  for (const { songIds, vectors } of library.embeddings.batches(space, { batchSize })) {
    const size = vectors.length / songIds.length;
    for (const [row, songId] of songIds.entries()) {
      const value = valueOf(library, songId, label);
      if (value === null) {
        unlabelled += 1;
        continue;
      }
      const song = library.songs.byId(songId);
      rows.push({
        // Numbers of a library outlive renames; the split and its hash go by them.
        name: String(songId),
        identity: songId,
        embedding: vectors.slice(row * size, (row + 1) * size),
        label: value,
        genre: song?.tags.genre ?? null,
        loudness: song?.loudness?.integratedLufs ?? NaN,
      });
    }
  }
  // In order of song, not of when each was embedded, so that the split stays the same.
  rows.sort((a, b) => Number(a.identity) - Number(b.identity));
  const { scale, labelled } = scaleRows(rows, label);
  return assembleData(labelled, {
    encoder,
    source: 'Songs of the library.',
    label,
    scale,
    notes: unlabelled > 0 ? [`${withoutLabel[label]}: ${countSongs(unlabelled)}.`] : [],
  });
}

/** Verdicts and stars are 0 to 10 already; plays become so as the reference's listens do. */
function scaleRows(rows: DataRow[], label: LibraryLabel): { scale: LabelScale; labelled: DataRow[] } {
  if (label !== 'plays' || rows.length === 0) {
    return { scale: { method: 'none', minimum: null, maximum: null }, labelled: rows };
  }
  const counts = rows.map((row) => row.label);
  const scale = scaleOver('log-minmax', counts);
  const labels = scaleLabels(counts, scale);
  return { scale, labelled: rows.map((row, index) => ({ ...row, label: labels[index] ?? NaN })) };
}

/** What the library says of a song, null where it says nothing. */
function valueOf(library: Library, songId: number, label: LibraryLabel): number | null {
  if (label === 'plays') return library.plays.ofSong(songId).count || null;
  const judgement = library.verdicts.get(songId);
  if (judgement === null) return null;
  if (label === 'stars') return judgement.stars === 0 ? null : (judgement.stars - 1) * 2.5;
  if (judgement.verdict === 'undecided') return null;
  return judgement.verdict === 'keep' ? 10 : 0;
}
