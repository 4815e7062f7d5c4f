/** Choices of songs: number, share, score, groups, ties, what is left out and why. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { judgeSongs } from '../../../src/engine/curate/judge-songs.ts';
import { selectSongs } from '../../../src/engine/curate/select-songs.ts';
import type { Library } from '../../../src/engine/library/library.ts';
import { openLibrary } from '../../../src/engine/library/open-library.ts';
import type { SelectedSongs, SongSelection } from '../../../src/shared/song-selection.ts';
import { songSelectionSchema } from '../../../src/shared/song-selection.ts';
import { makeSong } from '../../support/curate-library.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { fileWith, modelNamed, spaceOf } from '../../support/library-samples.ts';

const inFolder = useFreshFolder();
let library: Library;

beforeEach(() => {
  library = openLibrary(inFolder('library.sqlite'));
});
afterEach(() => {
  library.close();
});

/** Ten songs with scores 0..9, in two folders, three genres. */
function storeTen(): number[] {
  return Array.from({ length: 10 }, (_, index) =>
    makeSong(library, {
      path: inFolder(index % 2 === 0 ? 'even' : 'odd', `${index}.wav`),
      score: index,
      ...(index < 9 && { genre: ['Ambient', 'ambient', 'Techno'][index % 3] ?? '' }),
    }),
  );
}

function select(selection: Partial<SongSelection>): Promise<SelectedSongs> {
  return selectSongs(library, songSelectionSchema.parse(selection));
}

function scoresOf({ songs }: SelectedSongs): (number | null)[] {
  return songs.map(({ score }) => score);
}

describe('a choice', () => {
  it('takes the best, by number, share or score, and counts the rest', async () => {
    storeTen();
    const three = await select({ quota: { kind: 'count', count: 3 } });
    expect(scoresOf(three)).toEqual([9, 8, 7]);
    expect(three.leftOut).toEqual([{ reason: 'beyond-quota', count: 7 }]);
    expect(three.ranking).toMatchObject({ encoder: 'encoder', head: 'head', precision: 'fp32' });
    expect(scoresOf(await select({ quota: { kind: 'percent', percent: 25 } }))).toEqual([9, 8, 7]);
    expect(scoresOf(await select({ quota: { kind: 'percent', percent: 0.1 } }))).toEqual([9]);
    expect(scoresOf(await select({ quota: { kind: 'percent', percent: 70 } }))).toHaveLength(7);
    const good = await select({ minimumScore: 6 });
    expect(scoresOf(good)).toEqual([9, 8, 7, 6]);
    expect(good.leftOut).toEqual([{ reason: 'below-score', count: 6 }]);
    expect(scoresOf(await select({ minimumScore: 6, quota: { kind: 'count', count: 100 } }))).toHaveLength(4);
  });

  it('leaves out what is rejected, missing or without a score, unless it is asked for', async () => {
    const songIds = storeTen();
    judgeSongs(library, [songIds[9] ?? 0, songIds[0] ?? 0], { verdict: 'reject' });
    library.files.markMissing([inFolder('even', '8.wav')]);
    const unscored = library.files.record(fileWith('unscored', '/music/unscored.wav')).songId;
    const chosen = await select({ quota: { kind: 'count', count: 2 } });
    expect(scoresOf(chosen)).toEqual([7, 6]);
    expect(chosen.leftOut).toEqual([
      { reason: 'missing', count: 1 },
      { reason: 'rejected', count: 2 },
      { reason: 'unscored', count: 1 },
      { reason: 'beyond-quota', count: 5 },
    ]);
    const all = await select({ includesRejected: true, includesMissing: true, includesUnscored: true });
    expect(scoresOf(all)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0, null]);
    expect(all.songs.at(-1)?.id).toBe(unscored);
    expect(all.leftOut).toEqual([]);
    // A filter that names them asks for them.
    expect(scoresOf(await select({ filter: { verdicts: ['reject'] } }))).toEqual([9, 0]);
    expect(scoresOf(await select({ filter: { missing: 'only' } }))).toEqual([8]);
  });

  it('takes the quota of every group', async () => {
    storeTen();
    const byFolder = await select({ per: 'folder', quota: { kind: 'count', count: 2 } });
    expect(scoresOf(byFolder)).toEqual([9, 8, 7, 6]);
    const byGenre = await select({ per: 'genre', quota: { kind: 'count', count: 1 } });
    // Techno 8, ambient in either spelling 7, and 9 without a genre.
    expect(scoresOf(byGenre)).toEqual([9, 8, 7]);
    const half = await select({ per: 'folder', quota: { kind: 'percent', percent: 40 } });
    expect(scoresOf(half)).toEqual([9, 8, 7, 6]);
  });

  it('of explicit songs stands in the order of the ranking', async () => {
    const songIds = storeTen();
    const named = [2, 7, 4].map((index) => songIds[index] ?? 0);
    expect(scoresOf(await select({ filter: { songIds: named } }))).toEqual([7, 4, 2]);
  });

  it('resolves ties in the same way every time', async () => {
    const songIds = Array.from({ length: 30 }, (_, index) =>
      makeSong(library, { path: inFolder('ties', `${(index * 7) % 30}.wav`), score: index % 3 }),
    );
    const chosen = await select({ quota: { kind: 'count', count: 15 } });
    const expected = [2, 1]
      .flatMap((score) => songIds.filter((_, index) => index % 3 === score))
      .slice(0, 15);
    expect(chosen.songs.map(({ id }) => id)).toEqual(expected);
    library.close();
    library = openLibrary(inFolder('library.sqlite'));
    expect(await select({ quota: { kind: 'count', count: 15 } })).toEqual(chosen);
  });

  it('is made in one ranking, never across two', async () => {
    const songIds = storeTen();
    const other = library.heads.register(modelNamed('other head'));
    const encoder = library.encoders.register(modelNamed('encoder'));
    library.scores.put({ ...spaceOf(encoder.id), songId: songIds[0] ?? 0 }, other.id, {
      rawScore: 9.9,
      score: 9.9,
    });
    const rankings = library.rankings.list();
    expect(rankings).toHaveLength(2);
    for (const { spaceId, headId, head, songCount } of rankings) {
      const chosen = await select({ ranking: { spaceId, headId } });
      expect(chosen.ranking?.head).toBe(head);
      expect(chosen.songs).toHaveLength(songCount);
    }
    await expect(select({ ranking: { spaceId: 99, headId: 1 } })).rejects.toMatchObject({ code: 'usage' });
  });

  it('of an empty library is empty', async () => {
    expect(await select({ quota: { kind: 'count', count: 5 }, diverse: 0.05, per: 'batch' })).toEqual({
      ...{ songs: [], leftOut: [], ranking: null, distance: null },
    });
  });
});

describe('a diverse choice', () => {
  /** A direction near one of the axes, on top of a mean that all share and that dwarfs it. */
  function embeddingNear(axis: number, deviation: number, size = 16): number[] {
    return Array.from(
      { length: size },
      (_, index) => 100 + (index === axis ? 1 : 0) + deviation * Math.sin(index * 3.7),
    );
  }

  it('takes the best of songs that are alike and passes over the others', async () => {
    for (let axis = 0; axis < 16; axis += 1) {
      for (let variation = 0; variation < 4; variation += 1) {
        makeSong(library, {
          path: inFolder('songs', `${axis}-${variation}.wav`),
          score: 9 - axis * 0.5 + variation * 0.1,
          embedding: embeddingNear(axis, variation * 0.01),
        });
      }
    }
    const plain = await select({ quota: { kind: 'count', count: 4 } });
    expect(plain.songs.map(({ title }) => title)).toEqual(['0-3', '0-2', '0-1', '0-0']);
    const diverse = await select({ quota: { kind: 'count', count: 4 }, diverse: 0.05 });
    expect(diverse.songs.map(({ title }) => title)).toEqual(['0-3', '1-3', '2-3', '3-3']);
    expect(diverse.leftOut).toEqual([
      { reason: 'too-similar', count: 9 },
      { reason: 'beyond-quota', count: 51 },
    ]);
    expect(diverse.distance?.medianDistance).toBeCloseTo(1, 0);
    expect(diverse.distance?.minimumDistance).toBeCloseTo(0.05 * (diverse.distance?.medianDistance ?? 0), 10);
    // The measure is kept, and made anew when the library grows.
    const [ranking] = library.rankings.list();
    expect(library.spaceStatistics.get(ranking?.spaceId ?? 0)?.embeddingCount).toBe(64);
    makeSong(library, { path: inFolder('songs', 'new.wav'), embedding: embeddingNear(3, 0.3) });
    makeSong(library, { path: inFolder('songs', 'newer.wav'), embedding: embeddingNear(4, 0.3) });
    await select({ diverse: 0.05 });
    expect(library.spaceStatistics.get(ranking?.spaceId ?? 0)?.embeddingCount).toBe(66);
  });

  it('can be stopped', async () => {
    storeTen();
    const selection = songSelectionSchema.parse({ diverse: 0.05 });
    await expect(selectSongs(library, selection, AbortSignal.abort())).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});
