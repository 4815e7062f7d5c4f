/** A new head scores a whole library from its embeddings, with the reference's numbers and through the real process. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InferenceClient } from '../../../src/engine/inference/inference-client.ts';
import type { Library } from '../../../src/engine/library/library.ts';
import { openLibrary } from '../../../src/engine/library/open-library.ts';
import type { PreparedHead } from '../../../src/engine/models/prepared-head.ts';
import { prepareHead } from '../../../src/engine/models/prepared-head.ts';
import { rescoreAll } from '../../../src/engine/scoring/rescore-library.ts';
import type { EmbeddingSpace } from '../../../src/shared/library.ts';
import { clampScore } from '../../../src/shared/score.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { fileWith, modelNamed, spaceOf } from '../../support/library-samples.ts';
import { parityFolder, readParityArray } from '../../support/parity.ts';
import { useTemporaryFolders } from '../../support/temporary-folder.ts';

const inFolder = useFreshFolder();
const newFolder = useTemporaryFolders();
const inference = new InferenceClient();
afterAll(() => inference.close());

const embeddings = readParityArray('head', 'embeddings.npy');
const expected = readParityArray('head', 'expected.raw_scores.npy').data;
const [, size = 0] = embeddings.shape;
const vectorAt = (index: number) => {
  const row = index % expected.length;
  return embeddings.data.slice(row * size, (row + 1) * size);
};
let head: PreparedHead;

beforeAll(async () => {
  const file = join(parityFolder, 'head', 'scorer_model.pt');
  const cacheFolder = await newFolder();
  head = await prepareHead({ source: 'file', id: 'banger', file, encoderId: null }, { cacheFolder });
});

interface World {
  library: Library;
  space: EmbeddingSpace;
  songIds: number[];
}

async function withSongs(count: number, use: (world: World) => Promise<void>): Promise<void> {
  const library = openLibrary(inFolder('library.sqlite'));
  try {
    const space = spaceOf(library.encoders.register(modelNamed('encoder', size)).id);
    const songIds = library.transaction(() =>
      Array.from({ length: count }, (_, index) => {
        const { songId } = library.files.record(fileWith(`song ${index}`, `/music/${index}.mp3`));
        library.embeddings.put({ ...space, songId }, vectorAt(index), 'cpu');
        return songId;
      }),
    );
    await use({ library, space, songIds });
  } finally {
    library.close();
  }
}

function expectReferenceScores({ library, space, songIds }: World): void {
  const headId = library.heads.register(head.description).id;
  for (const [index, songId] of songIds.entries()) {
    const reference = expected[index % expected.length] ?? Number.NaN;
    const stored = library.scores.get({ ...space, songId }, headId);
    expect(stored?.rawScore).toBeCloseTo(reference, 4);
    expect(stored?.score).toBeCloseTo(clampScore(reference), 4);
  }
}

describe('a new head', () => {
  it('scores every embedding as the reference does, over several batches', () =>
    withSongs(4500, async (world) => {
      const { library, space } = world;
      const progress: number[] = [];
      const onProgress = ({ done, total }: { done: number; total: number }) => {
        expect(total).toBe(4500);
        progress.push(done);
      };
      expect(await rescoreAll(library, inference, space, head, { onProgress })).toBe(4500);
      expect(progress.at(-1)).toBe(4500);
      expectReferenceScores(world);
      expect(library.rankings.findDefault()).toMatchObject({ head: 'banger', songCount: 4500 });
    }));

  it('leaves out what it has scored, when told', () =>
    withSongs(20, async (world) => {
      const { library, space, songIds } = world;
      const headId = library.heads.register(head.description).id;
      library.scores.put({ ...space, songId: songIds[3] ?? 0 }, headId, { rawScore: 1.25, score: 1.25 });
      expect(await rescoreAll(library, inference, space, head, { skipsScored: true })).toBe(19);
      expect(library.scores.get({ ...space, songId: songIds[3] ?? 0 }, headId)?.score).toBe(1.25);
      expect(await rescoreAll(library, inference, space, head, { skipsScored: true })).toBe(0);
      expect(await rescoreAll(library, inference, space, head)).toBe(20);
      expectReferenceScores(world);
    }));

  it('has nothing to do in a space without embeddings', () =>
    withSongs(1, async ({ library, space }) => {
      expect(await rescoreAll(library, inference, { ...space, precision: 'int8' }, head)).toBe(0);
    }));

  it('can be cancelled, and the next call works', () =>
    withSongs(4500, async (world) => {
      const { library, space } = world;
      const controller = new AbortController();
      const running = rescoreAll(library, inference, space, head, { signal: controller.signal });
      setImmediate(() => {
        controller.abort();
      });
      await expect(running).rejects.toMatchObject({ code: 'cancelled' });
      await rescoreAll(library, inference, space, head);
      expectReferenceScores(world);
    }));
});
