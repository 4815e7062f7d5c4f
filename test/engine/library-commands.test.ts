/** Every command about the library, called by its name as window, page and command line do. */
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { libraryHandlers } from '../../src/engine/library-commands.ts';
import type { Library } from '../../src/engine/library/library.ts';
import { openLibrary } from '../../src/engine/library/open-library.ts';
import type { CommandRequest, CommandResponse } from '../../src/shared/call-command.ts';
import { callCommand } from '../../src/shared/call-command.ts';
import { libraryCommands } from '../../src/shared/library-commands.ts';
import { useFreshFolder } from '../support/fresh-folder.ts';
import { makeModelSongs, storeModelSongs, type ModelSong } from '../support/model-songs.ts';

const inFolder = useFreshFolder();
type Commands = typeof libraryCommands;
type Call = <Name extends keyof Commands>(
  name: Name,
  request: CommandRequest<Commands, Name>,
) => Promise<CommandResponse<Commands, Name>>;

interface World {
  library: Library;
  songs: ModelSong[];
  call: Call;
}

async function withSongs(use: (world: World) => Promise<void>): Promise<void> {
  let nowMs = 0;
  const library = openLibrary(inFolder('library.sqlite'), { now: () => nowMs });
  try {
    const songs = makeModelSongs(40, 7);
    storeModelSongs(library, songs, (now) => {
      nowMs = now;
    });
    const handlers = libraryHandlers(library);
    await use({
      library,
      songs,
      call: (name, request) => callCommand(libraryCommands, handlers, name, request),
    });
  } finally {
    library.close();
  }
}

describe('songs', () => {
  it('are listed, counted and counted by score', () =>
    withSongs(async ({ songs, call }) => {
      const filter = { missing: 'shown' as const };
      const page = await call('list-songs', { filter, limit: 7 });
      expect(page).toMatchObject({ total: songs.length, reference: null });
      expect(page.rows).toHaveLength(7);
      expect(await call('count-songs', { filter })).toEqual({ count: songs.length });
      const { counts, total, scoredTotal } = await call('get-histogram', { filter, bins: 10 });
      expect(total).toBe(songs.length);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(scoredTotal);
      expect(scoredTotal).toBe(songs.filter(({ score }) => score !== null).length);
      const order = await call('list-song-ids', { filter, rowCount: 7, groupBy: 'folder' });
      expect(order.songIds).toBeInstanceOf(Int32Array);
      expect([...order.songIds].sort()).toEqual(songs.map(({ id }) => id).sort());
      expect(order.groups.reduce((sum, { count }) => sum + count, 0)).toBe(songs.length);
      expect(order.rows.map(({ id }) => id)).toEqual([...order.songIds.slice(0, 7)]);
      expect((await call('list-song-ids', { filter })).rows).toEqual([]);
      const ids = page.rows.map(({ id }) => id).reverse();
      const rows = await call('get-song-rows', { songIds: [...ids, 999], filter });
      expect(rows).toEqual(page.rows.toReversed());
    }));

  it('tell everything about one of them', () =>
    withSongs(async ({ songs, library, call }) => {
      const song = songs.find(
        ({ score, draftScore, generator }) => score !== null && draftScore !== null && generator !== null,
      );
      if (song === undefined) throw new Error('no such song');
      library.songs.updateMeasurements(song.id, {
        loudness: { integratedLufs: -9.5, truePeakDbtp: -1 },
        peaks: new Uint8Array([255, 1, 129, 127]),
        flags: song.flags,
      });
      const details = await call('get-song', { songId: song.id });
      expect(details).toMatchObject({
        row: { id: song.id, score: Math.min(10, song.score ?? 0), loudnessLufs: -9.5 },
        truePeakDbtp: -1,
        identityCount: 1,
        generation: { generator: song.generator, tempoBpm: song.tempoBpm },
        judgement: { verdict: song.verdict, stars: song.stars, note: song.note },
      });
      expect(details.files.map(({ path }) => path)).toEqual(song.files.map(({ path }) => path).sort());
      expect(details.scores.map(({ ranking, rawScore }) => [ranking.isDraft, rawScore]).sort()).toEqual([
        [false, song.score],
        [true, song.draftScore],
      ]);
      expect(await call('get-peaks', { songId: song.id })).toEqual({ peaks: [-1, 1, -127, 127] });
      expect(await call('get-peaks', { songId: 999 })).toEqual({ peaks: null });
      const waveforms = await call('get-waveforms', { songIds: [999, song.id], spans: 8 });
      expect(waveforms.songIds).toEqual([song.id]);
      expect([...waveforms.heights]).toEqual([1, 1, 1, 1, 127, 127, 127, 127]);
      await expect(call('get-song', { songId: 999 })).rejects.toMatchObject({ code: 'song-unknown' });
    }));

  it('name the values to choose from, rankings and batches', () =>
    withSongs(async ({ songs, call }) => {
      const values = await call('list-filter-values', {});
      expect([...values.genres].sort()).toEqual(
        [...new Set(songs.flatMap(({ genre }) => genre ?? []))].sort(),
      );
      expect(values.generators.sort()).toEqual(['ace-step-1.5', 'musicgen']);
      const { rankings, default: chosen } = await call('list-rankings', {});
      expect(rankings.map(({ isDraft }) => isDraft).sort()).toEqual([false, true]);
      expect(chosen?.isDraft).toBe(false);
      const batches = await call('list-batches', {});
      expect(batches.reduce((sum, { songCount }) => sum + songCount, 0)).toBe(songs.length);
      expect(await call('regroup-batches', {})).toEqual(batches);
    }));
});

it('saved filters are kept in a person’s order, with their counts', () =>
  withSongs(async ({ songs, library, call }) => {
    const names = async () => (await call('list-saved-filters', {})).map(({ name }) => name);
    const kept = await call('save-filter', {
      name: ' Kept ',
      filter: { verdicts: ['keep'], missing: 'shown' },
    });
    const loud = await call('save-filter', { name: 'Starred', filter: { stars: { min: 4 } } });
    await call('save-filter', { name: 'All', filter: {} });
    expect(await names()).toEqual(['Kept', 'Starred', 'All']);
    await call('reorder-saved-filters', { ids: [loud.id, 999] });
    expect(await names()).toEqual(['Starred', 'Kept', 'All']);
    expect(
      await call('save-filter', { name: 'Kept', filter: { verdicts: ['reject'], missing: 'shown' } }),
    ).toEqual(kept);
    const [, rejected] = await call('list-saved-filters', {});
    expect(rejected).toMatchObject({
      filter: { verdicts: ['reject'], missing: 'shown' },
      count: songs.filter(({ verdict }) => verdict === 'reject').length,
    });
    await call('rename-saved-filter', { id: kept.id, name: 'Rejected' });
    await expect(call('rename-saved-filter', { id: kept.id, name: 'All' })).rejects.toMatchObject({
      code: 'usage',
    });
    await expect(call('rename-saved-filter', { id: 999, name: 'x' })).rejects.toMatchObject({
      code: 'usage',
    });
    await call('delete-saved-filter', { id: loud.id });
    await expect(call('delete-saved-filter', { id: loud.id })).rejects.toMatchObject({ code: 'usage' });
    expect(await names()).toEqual(['Rejected', 'All']);
    // As a later version of the product might save it.
    library.savedFilters.save('Later', { moon: 'full' } as never);
    expect((await call('list-saved-filters', {})).at(-1)).toMatchObject({
      name: 'Later',
      filter: null,
      count: null,
    });
  }));

it('comparisons are recorded and listed', () =>
  withSongs(async ({ call }) => {
    const first = await call('record-comparison', { songA: 1, songB: 2, outcome: 'a', isBlind: true });
    const second = await call('record-comparison', { songA: 3, songB: 1, outcome: 'even', isBlind: false });
    expect(first).toMatchObject({ songA: 1, songB: 2, outcome: 'a', isBlind: true });
    expect(await call('list-comparisons', {})).toEqual([second, first]);
    expect(await call('list-comparisons', { songId: 1 })).toEqual([second, first]);
    expect(await call('list-comparisons', { songId: 2, limit: 1 })).toEqual([first]);
    const unknown = { songA: 1, songB: 999, outcome: 'b' as const, isBlind: false };
    await expect(call('record-comparison', unknown)).rejects.toMatchObject({ code: 'song-unknown' });
    await expect(call('record-comparison', { ...unknown, songB: 1 })).rejects.toMatchObject({
      code: 'usage',
    });
  }));

it('percentiles are stated against a reference only where the same models made it', () =>
  withSongs(async ({ call }) => {
    const reference = { name: 'a hundred songs', encoder: 'encoder', head: 'head', scores: [9, 1, 5, 3] };
    await call('set-reference-distribution', { reference });
    const page = await call('list-songs', { limit: 1000 });
    expect(page.reference).toBe('a hundred songs');
    for (const { score, referencePercentile } of page.rows) {
      const share = score === null ? null : 25 * [1, 3, 5, 9].filter((other) => other <= score).length;
      expect(referencePercentile).toBe(share);
    }
    const { rankings } = await call('list-rankings', {});
    const draft = rankings.find(({ isDraft }) => isDraft);
    const ranking = { spaceId: draft?.spaceId ?? 0, headId: draft?.headId ?? 0 };
    expect(await call('list-songs', { ranking })).toMatchObject({ reference: null });
    await call('set-reference-distribution', { reference: null });
    expect(await call('get-reference-distribution', {})).toEqual({ reference: null });
  }));

describe('change notices', () => {
  it('tell the topics that another connection has changed, and nothing when nothing has', () =>
    withSongs(async ({ library, songs, call }) => {
      const before = await call('get-revisions', {});
      const other = openLibrary(library.file);
      const changesBy = async (work: () => unknown) => {
        const since = await call('get-revisions', {});
        work();
        return (await call('list-changes', { since })).topics.sort();
      };
      const [song] = songs;
      const songId = song?.id ?? 0;
      const path = song?.files[0]?.path ?? '';
      const judgement = { verdict: 'keep', stars: 1, note: 'new', changedAtMs: 5 } as const;
      expect(await changesBy(() => other.verdicts.put(songId, judgement))).toEqual(['songs', 'verdicts']);
      expect(
        await changesBy(() => {
          other.files.markMissing(songs.flatMap(({ files }) => files.map((file) => file.path)));
        }),
      ).toEqual(['songs']);
      expect(
        await changesBy(() => {
          other.files.markSeen([path]);
        }),
      ).toEqual(['songs']);
      expect(
        await changesBy(() => {
          other.files.markSeen([path]);
        }),
      ).toEqual([]);
      expect(
        await changesBy(() => {
          other.watchedFolders.put('/music', []);
        }),
      ).toEqual(['folders']);
      expect(await changesBy(() => other.savedFilters.save('x', {}))).toEqual(['filters']);
      const [ranking] = other.rankings.list();
      const space = other.embeddings.spaceById(ranking?.spaceId ?? 0);
      if (space === null) throw new Error('no space');
      const score = (value: number) => {
        other.scores.put({ ...space, songId }, ranking?.headId ?? 0, { rawScore: value, score: value });
      };
      other.embeddings.put({ ...space, songId }, new Float32Array(4), 'cpu');
      expect(
        await changesBy(() => {
          score(3.25);
        }),
      ).toEqual(['songs']);
      expect(
        await changesBy(() => {
          score(3.25);
        }),
      ).toEqual([]);
      expect(await changesBy(() => call('list-songs', {}))).toEqual([]);
      other.close();
      expect((await call('list-changes', { since: before })).topics.sort()).toEqual([
        'filters',
        'folders',
        'songs',
        'verdicts',
      ]);
    }));

  it('and lists are right after each of them, whoever made it', () =>
    withSongs(async ({ library, call }) => {
      const other = openLibrary(library.file);
      const filter = { verdicts: ['keep' as const], missing: 'shown' as const };
      const before = await call('list-songs', { filter, limit: 1000 });
      const undecided = await call('list-songs', { filter: { verdicts: ['undecided'], missing: 'shown' } });
      const songId = undecided.rows[0]?.id ?? 0;
      other.verdicts.put(songId, { verdict: 'keep', stars: 0, note: '', changedAtMs: 1 });
      const after = await call('list-songs', { filter, limit: 1000 });
      expect(after.total).toBe(before.total + 1);
      expect(after.revision).toBeGreaterThan(before.revision);
      // What is taken back again must not stay in what was kept for the next list.
      expect(() =>
        library.transaction(() => {
          library.verdicts.put(songId, null);
          expect(library.lists.count(filter)).toBe(before.total);
          expect(
            library.lists.page({
              filter,
              sort: { column: 'score', direction: 'descending' },
              offset: 0,
              limit: 1,
            }).total,
          ).toBe(before.total);
          throw new Error('taken back');
        }),
      ).toThrow('taken back');
      expect((await call('list-songs', { filter })).total).toBe(after.total);
      other.close();
    }));
});

it('statistics, backups and the check', () =>
  withSongs(async ({ library, songs, call }) => {
    expect(await call('get-library-stats', {})).toMatchObject({ file: library.file, songs: songs.length });
    expect(await call('list-backups', {})).toEqual([]);
    const backup = await call('back-up-library', {});
    expect(fs.existsSync(backup.file)).toBe(true);
    expect((await call('list-backups', {})).map(({ file }) => file)).toEqual([backup.file]);
    const { filesChecked, findings } = await call('verify-library', {});
    expect(filesChecked).toBe(songs.flatMap(({ files }) => files).length);
    // None of the made-up files is there.
    expect(findings.map(({ kind }) => kind)).toEqual(['vanished']);
  }));

it.each([
  ['list-songs', { limit: 1001 }],
  ['list-songs', { filter: { moon: 'full' } }],
  ['list-songs', { filter: { stars: { min: 3, max: 2 } } }],
  ['get-histogram', { bins: 0 }],
  ['save-filter', { name: '  ', filter: {} }],
])('refuses %s with %j', (name, request) =>
  withSongs(async ({ call }) => {
    await expect(call(name as 'list-songs', request as never)).rejects.toMatchObject({ code: 'usage' });
  }),
);
