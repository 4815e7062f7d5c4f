/** Makes training data of what a person judged in the library. */
import type { LibrarySource } from '../../shared/data-source.ts';
import type { EmbeddingSpace } from '../../shared/library.ts';
import type { Library } from '../library/library.ts';
import { assembleData, type DataEncoder, type DataRow, type TrainingData } from './training-data.ts';

/** Songs that are read before other work has its turn. */
const batchSize = 512;

/**
 * The judged songs that have an embedding in a space: rejected ones as 0 and kept ones as 10, or one star as 0 up to
 * five as 10. Songs that nobody judged are left out.
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
  let unjudged = 0;
  for (const { songIds, vectors } of library.embeddings.batches(space, { batchSize })) {
    const size = vectors.length / songIds.length;
    for (const [row, songId] of songIds.entries()) {
      const value = labelOf(library, songId, label);
      if (value === null) {
        unjudged += 1;
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
  return assembleData(rows, {
    encoder,
    source: 'Songs of the library.',
    label,
    scale: { method: 'none', minimum: null, maximum: null },
    notes:
      unjudged > 0
        ? [`${unjudged} songs have no ${label === 'stars' ? 'stars' : 'verdict'} and are left out.`]
        : [],
  });
}

function labelOf(library: Library, songId: number, label: LibrarySource['label']): number | null {
  const judgement = library.verdicts.get(songId);
  if (judgement === null) return null;
  if (label === 'stars') return judgement.stars === 0 ? null : (judgement.stars - 1) * 2.5;
  if (judgement.verdict === 'undecided') return null;
  return judgement.verdict === 'keep' ? 10 : 0;
}
