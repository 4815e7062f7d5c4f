/** The nearest songs are those that a plain comparison of all centred embeddings finds. */
import { expect, it } from 'vitest';
import { findSimilarSongs } from '../../../src/engine/curate/similar-songs.ts';
import type { Library } from '../../../src/engine/library/library.ts';
import { openLibrary } from '../../../src/engine/library/open-library.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { modelNamed, spaceOf, storeSong } from '../../support/library-samples.ts';

const inFolder = useFreshFolder();
const count = 60;
/** Like embeddings that are means over time: a large common part, a small one of the song's own. */
const vectorOf = (index: number) =>
  Float32Array.from(
    { length: 4 },
    (_, position) => 10 * (position + 1) + Math.sin(index * 12.9898 + position * 78.233),
  );

async function withSongs(use: (library: Library, songIds: number[]) => Promise<void>): Promise<void> {
  const library = openLibrary(inFolder('library.sqlite'));
  try {
    const space = spaceOf(library.encoders.register(modelNamed('encoder')).id);
    const songIds = Array.from({ length: count }, (_, index) => {
      const songId = storeSong(library, `song ${index}`, `/music/${index}.mp3`, index);
      const key = { ...space, songId };
      library.embeddings.replace(key, vectorOf(index), 'cpu');
      library.scores.put(key, 1, { rawScore: 1, score: 1 });
      return songId;
    });
    await use(library, songIds);
  } finally {
    library.close();
  }
}

function plainNeighbours(ids: readonly number[], index: number): { songId: number; similarity: number }[] {
  const vectors = ids.map((_, other) => [...vectorOf(other)]);
  const mean = [0, 1, 2, 3].map(
    (position) => vectors.reduce((sum, vector) => sum + (vector[position] ?? 0), 0) / count,
  );
  const centred = vectors.map((vector) => vector.map((value, position) => value - (mean[position] ?? 0)));
  const dot = (a: number[], b: number[]) =>
    a.reduce((sum, value, position) => sum + value * (b[position] ?? 0), 0);
  const own = centred[index] ?? [];
  return ids
    .map((songId, other) => {
      const vector = centred[other] ?? [];
      return { songId, similarity: dot(own, vector) / Math.sqrt(dot(own, own) * dot(vector, vector)) };
    })
    .filter(({ songId }) => songId !== ids[index])
    .sort((a, b) => b.similarity - a.similarity || a.songId - b.songId);
}

const options = { limit: 7, includesMissing: false };

it('finds the same songs in the same order as a plain comparison', () =>
  withSongs(async (library, songIds) => {
    for (const index of [0, 17, 59]) {
      const found = await findSimilarSongs(library, songIds[index] ?? 0, options);
      const expected = plainNeighbours(songIds, index).slice(0, 7);
      expect(found.map(({ songId }) => songId)).toEqual(expected.map(({ songId }) => songId));
      for (const [place, { similarity }] of found.entries()) {
        expect(similarity).toBeCloseTo(expected[place]?.similarity ?? Number.NaN, 3);
      }
    }
  }));

it('passes over missing songs unless told', () =>
  withSongs(async (library, songIds) => {
    const [nearest] = plainNeighbours(songIds, 5);
    library.files.markMissing([`/music/${songIds.indexOf(nearest?.songId ?? 0)}.mp3`]);
    const present = await findSimilarSongs(library, songIds[5] ?? 0, options);
    expect(present.map(({ songId }) => songId)).not.toContain(nearest?.songId);
    const all = await findSimilarSongs(library, songIds[5] ?? 0, { ...options, includesMissing: true });
    expect(all[0]?.songId).toBe(nearest?.songId);
  }));

it('finds none for a song without an embedding, in a ranking that does not exist, or alone', () =>
  withSongs(async (library, songIds) => {
    expect(await findSimilarSongs(library, 999, options)).toEqual([]);
    const ranking = { spaceId: 99, headId: 99 };
    expect(await findSimilarSongs(library, songIds[0] ?? 0, { ...options, ranking })).toEqual([]);
  }));

it('can be cancelled', () =>
  withSongs(async (library, songIds) => {
    const signal = AbortSignal.abort();
    await expect(findSimilarSongs(library, songIds[0] ?? 0, { ...options, signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
  }));
