/** Judgements and their history: every change is one step that undo and redo restore exactly, whoever else writes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeSongs } from '../../../src/engine/curate/judge-songs.ts';
import { redoNext, undoNewest } from '../../../src/engine/curate/undo-history.ts';
import { openLibrary } from '../../../src/engine/library/open-library.ts';
import type { Library } from '../../../src/engine/library/library.ts';
import type { JudgementChange, StoredJudgement } from '../../../src/shared/judgement.ts';
import { judgementChangeSchema } from '../../../src/shared/judgement.ts';
import { fileWith, withLibrary } from '../../support/library-samples.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { LibraryProcess } from '../../support/library-process.ts';

const inFolder = useFreshFolder();

function storeSongs(library: Library, count: number): number[] {
  return library.transaction(() =>
    Array.from({ length: count }, (_, index) =>
      library.files.record(fileWith(`song ${index}`, `/music/${index}.mp3`)),
    ).map(({ songId }) => songId),
  );
}

function judgementsOf(library: Library, songIds: readonly number[]): (StoredJudgement | null)[] {
  return songIds.map((songId) => library.verdicts.get(songId));
}

/** Opens the library anew for each use, as a restart does. */
async function reopened<T>(use: (library: Library) => T | Promise<T>): Promise<T> {
  const library = openLibrary(inFolder('library.sqlite'));
  try {
    return await use(library);
  } finally {
    library.close();
  }
}

describe('a change of 5,000 songs', () => {
  it('is one entry, and is undone and redone exactly after a restart', async () => {
    const songIds = await reopened((library) => storeSongs(library, 5000));
    await reopened((library) => judgeSongs(library, songIds.slice(0, 10), { stars: 3 }, () => 1));
    const before = await reopened((library) => judgementsOf(library, songIds));
    const judged = await reopened((library) =>
      judgeSongs(library, songIds, { verdict: 'keep', note: 'for the album' }, () => 2),
    );
    expect(judged.changedCount).toBe(5000);
    const after = await reopened((library) => judgementsOf(library, songIds));
    expect(new Set(after.map((judgement) => judgement?.verdict))).toEqual(new Set(['keep']));

    const undone = await reopened((library) => undoNewest(library));
    expect(undone).toMatchObject({ songCount: 5000, item: { isUndone: true } });
    expect(await reopened((library) => judgementsOf(library, songIds))).toEqual(before);
    const redone = await reopened((library) => redoNext(library));
    expect(redone).toMatchObject({ songCount: 5000, item: { isUndone: false } });
    expect(await reopened((library) => judgementsOf(library, songIds))).toEqual(after);
    expect(await reopened((library) => library.history.list(10))).toMatchObject([
      { label: 'Keep 5,000 songs, Change the note of 5,000 songs', isUndone: false },
      { label: 'Give 10 songs 3 stars', isUndone: false },
    ]);
  });
});

describe('a change', () => {
  it('that changes nothing is no entry and keeps what can be redone', async () => {
    await reopened(async (library) => {
      const [songId = 0] = storeSongs(library, 1);
      judgeSongs(library, [songId], { verdict: 'keep' });
      await undoNewest(library);
      expect(judgeSongs(library, [songId], { verdict: 'undecided', stars: 0 })).toEqual({
        historyId: null,
        changedCount: 0,
      });
      expect((await redoNext(library))?.songCount).toBe(1);
      expect(library.verdicts.get(songId)?.verdict).toBe('keep');
    });
  });

  it('after undo drops what could be redone', async () => {
    await reopened(async (library) => {
      const [songId = 0] = storeSongs(library, 1);
      judgeSongs(library, [songId], { verdict: 'keep' });
      await undoNewest(library);
      judgeSongs(library, [songId], { stars: 5 });
      expect(await redoNext(library)).toBeNull();
      expect(library.history.list(10)).toMatchObject([{ label: 'Give 1 song 5 stars' }]);
    });
  });

  it('that names an unknown song changes nothing at all', () => {
    withLibrary(inFolder('library.sqlite'), (library) => {
      const songIds = storeSongs(library, 2);
      expect(() => judgeSongs(library, [...songIds, 999], { verdict: 'reject' })).toThrow(
        expect.objectContaining({ code: 'song-unknown' }),
      );
      expect(() => judgeSongs(library, [...songIds, 999], { verdict: 'undecided' })).toThrow(
        expect.objectContaining({ code: 'song-unknown' }),
      );
      expect(judgementsOf(library, songIds)).toEqual([null, null]);
      expect(library.history.list(10)).toEqual([]);
    });
  });

  it('must say something', () => {
    expect(judgementChangeSchema.safeParse({}).success).toBe(false);
    expect(judgementChangeSchema.safeParse({ stars: 6 }).success).toBe(false);
    expect(judgementChangeSchema.safeParse({ stars: 0 }).success).toBe(true);
  });
});

describe('the history', () => {
  it('says that it cannot read what a newer version wrote', async () => {
    await reopened(async (library) => {
      library.history.add({ label: 'Fold 3 songs', isUndoable: true, entry: { kind: 'origami' } });
      await expect(undoNewest(library)).rejects.toMatchObject({ code: 'library-newer' });
    });
  });

  it('equals a model of undo and redo after any sequence of changes', async () => {
    const change: fc.Arbitrary<JudgementChange> = fc
      .record(
        {
          verdict: fc.constantFrom('keep', 'reject', 'undecided'),
          stars: fc.integer({ min: 0, max: 5 }),
          note: fc.constantFrom('', 'loud', 'ちょうど いい 𝄞'),
        },
        { requiredKeys: [] },
      )
      .filter((value) => Object.keys(value).length > 0);
    const operation = fc.oneof(
      { weight: 4, arbitrary: fc.record({ songs: fc.subarray([0, 1, 2, 3, 4], { minLength: 1 }), change }) },
      { weight: 3, arbitrary: fc.constant('undo' as const) },
      { weight: 2, arbitrary: fc.constant('redo' as const) },
      { weight: 1, arbitrary: fc.constant('restart' as const) },
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 40 }), async (operations) => {
        const file = inFolder(`model-${(run += 1)}.sqlite`);
        let library = openLibrary(file);
        try {
          const songIds = storeSongs(library, 5);
          const snapshot = () => judgementsOf(library, songIds);
          /** Every state that was ever reached along the current branch, and where in it we are. */
          let states = [snapshot()];
          let position = 0;
          for (const [time, step] of operations.entries()) {
            if (step === 'restart') {
              library.close();
              library = openLibrary(file);
            } else if (step === 'undo') {
              const done = await undoNewest(library);
              expect(done === null).toBe(position === 0);
              position = Math.max(0, position - 1);
            } else if (step === 'redo') {
              const done = await redoNext(library);
              expect(done === null).toBe(position === states.length - 1);
              position = Math.min(states.length - 1, position + 1);
            } else {
              const ids = step.songs.map((index) => songIds[index] ?? 0);
              const { historyId } = judgeSongs(library, ids, step.change, () => 1000 + time);
              if (historyId !== null) {
                states = [...states.slice(0, position + 1), snapshot()];
                position += 1;
              }
            }
            expect(snapshot()).toEqual(states[position]);
          }
        } finally {
          library.close();
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('four processes that judge and undo at once', () => {
  it('leave a history that leads back to the beginning', async () => {
    const file = inFolder('library.sqlite');
    const songIds = withLibrary(file, (library) => storeSongs(library, 20));
    const children = Array.from(
      { length: 4 },
      (_, index) => new LibraryProcess(['judge', file, String(index)]),
    );
    try {
      for (const child of children) expect(await child.message()).toBe('ready');
      for (const child of children) child.send('go');
      for (const child of children) expect(await child.message()).toBe('done');
    } finally {
      await Promise.all(children.map((child) => child.kill()));
    }
    await reopened(async (library) => {
      // The last acts may have been undos: from the very end every step leads back.
      while ((await redoNext(library)) !== null);
      const end = judgementsOf(library, songIds);
      let steps = 0;
      while ((await undoNewest(library)) !== null) steps += 1;
      expect(steps).toBeGreaterThan(0);
      expect(judgementsOf(library, songIds)).toEqual(songIds.map(() => null));
      while ((await redoNext(library)) !== null) steps -= 1;
      expect(steps).toBe(0);
      expect(judgementsOf(library, songIds)).toEqual(end);
      expect(library.findDamage()).toEqual([]);
    });
  });
});
