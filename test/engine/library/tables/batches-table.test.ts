/** Songs that arrive together form a batch, in whatever order they come and whatever their files' times become. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Library } from '../../../../src/engine/library/library.ts';
import { defaultBatchGapMs } from '../../../../src/engine/library/tables/batches-table.ts';
import type { Generation } from '../../../../src/shared/generation.ts';
import { useFreshFolder } from '../../../support/fresh-folder.ts';
import { fileWith, withLibrary } from '../../../support/library-samples.ts';

const inFolder = useFreshFolder();
const hourMs = 3_600_000;
const startMs = Date.UTC(2026, 0, 1);

interface Arrival {
  hour: number;
  run: string | null;
}

function generationOf(runKey: string | null): Generation {
  const nothing = { prompt: null, lyrics: null, tempoBpm: null, musicalKey: null, timeSignature: null };
  const unsaid = {
    seed: null,
    guidanceScale: null,
    inferenceSteps: null,
    model: null,
    generationSeconds: null,
  };
  return { generator: 'other', sourceFile: '/x.json', runKey, ...nothing, ...unsaid, raw: '{}' };
}

function addSong(library: Library, index: number, { hour, run }: Arrival): number {
  const mtimeNs = BigInt(startMs + hour * hourMs) * 1_000_000n;
  const { songId } = library.files.record(fileWith(`song ${index}`, `/music/${index}.mp3`, { mtimeNs }));
  if (run !== null) library.generations.put(songId, generationOf(run));
  return songId;
}

/** Groups of indexes as the rule says, found by joining whatever belongs together until nothing changes. */
function plainGroups(arrivals: readonly Arrival[]): number[][] {
  const gapHours = defaultBatchGapMs / hourMs;
  let groups = arrivals.map((_, index) => [index]);
  const isNear = (a: Arrival, b: Arrival) =>
    Math.abs(a.hour - b.hour) <= gapHours * (a.run !== null && a.run === b.run ? 4 : 1);
  const spanOf = (group: number[]) => {
    const hours = group.map((index) => arrivals[index]?.hour ?? 0);
    return [Math.min(...hours), Math.max(...hours)] as const;
  };
  const belong = (one: number[], other: number[]) => {
    const [from, until] = spanOf(one);
    const [start, end] = spanOf(other);
    const overlap = from <= end && start <= until;
    return (
      overlap || one.some((a) => other.some((b) => isNear(arrivals[a] as Arrival, arrivals[b] as Arrival)))
    );
  };
  for (;;) {
    const pair = groups.flatMap((one) =>
      groups.filter((other) => other !== one && belong(one, other)).map((other) => [one, other] as const),
    )[0];
    if (pair === undefined) return groups.map((group) => group.sort((a, b) => a - b));
    const [one, other] = pair;
    groups = [...groups.filter((group) => group !== one && group !== other), [...one, ...other]];
  }
}

function storedGroups(library: Library, ids: readonly number[]): number[][] {
  return library.batches
    .list()
    .map(({ id }) =>
      ids.flatMap((songId, index) =>
        library.lists.rowsOf([songId], { missing: 'shown' })[0]?.batchId === id ? [index] : [],
      ),
    );
}

const sorted = (groups: number[][]) => groups.toSorted((a, b) => (a[0] ?? 0) - (b[0] ?? 0));

const arrivalLists = fc.array(
  fc.record({
    hour: fc.integer({ min: 0, max: 80 }),
    run: fc.constantFrom(null, null, 'first run', 'second run'),
  }),
  { minLength: 1, maxLength: 12 },
);

describe('any songs in any order', () => {
  it('are grouped as the rule says, at once and anew', () => {
    let run = 0;
    fc.assert(
      fc.property(arrivalLists, (arrivals) => {
        const file = inFolder(`${(run += 1)}.sqlite`);
        withLibrary(file, (library) => {
          const ids = library.transaction(() =>
            arrivals.map((arrival, index) => addSong(library, index, arrival)),
          );
          const expected = sorted(plainGroups(arrivals));
          expect(sorted(storedGroups(library, ids))).toEqual(expected);
          const before = library.batches.list();
          library.batches.regroup();
          expect(sorted(storedGroups(library, ids))).toEqual(expected);
          expect(library.batches.list()).toEqual(before);
        });
      }),
      { numRuns: 60 },
    );
  });
});

it('takes last night’s songs by `latest`, with start, end and count', () => {
  withLibrary(inFolder('library.sqlite'), (library) => {
    const ids = [30, 0, 31, 1].map((hour, index) => addSong(library, index, { hour, run: null }));
    expect(library.batches.list()).toEqual([
      {
        id: expect.any(Number) as number,
        startedAtMs: startMs + 30 * hourMs,
        endedAtMs: startMs + 31 * hourMs,
        songCount: 2,
      },
      { id: expect.any(Number) as number, startedAtMs: startMs, endedAtMs: startMs + hourMs, songCount: 2 },
    ]);
    const latest = library.lists.songIds(
      {
        filter: { batch: 'latest' },
        sort: { column: 'added', direction: 'ascending' },
        offset: 0,
        limit: 10,
      },
      null,
    );
    expect(latest).toEqual([ids[0], ids[2]]);
  });
});

it('keeps a song in its batch when its tags, and so its file’s time, change', () => {
  withLibrary(inFolder('library.sqlite'), (library) => {
    const songId = addSong(library, 0, { hour: 0, run: null });
    const before = library.batches.list();
    const later = BigInt(startMs + 500 * hourMs) * 1_000_000n;
    expect(library.files.record(fileWith('song 0', '/music/0.mp3', { mtimeNs: later })).songId).toBe(songId);
    library.batches.regroup();
    expect(library.batches.list()).toEqual(before);
  });
});

it.each([
  ['before the year 2000', 5n],
  ['in the future', BigInt(Date.UTC(2090, 0, 1)) * 1_000_000n],
])('does not believe a file’s time %s', (_, mtimeNs) => {
  withLibrary(
    inFolder('library.sqlite'),
    (library) => {
      library.files.record(fileWith('song', '/music/song.mp3', { mtimeNs }));
      expect(library.batches.list()).toMatchObject([{ startedAtMs: startMs, endedAtMs: startMs }]);
    },
    { now: () => startMs },
  );
});
