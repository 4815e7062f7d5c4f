/** Lists of songs give what a plain filter over all songs gives, whatever is asked. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Library } from '../../../../src/engine/library/library.ts';
import { openLibrary } from '../../../../src/engine/library/open-library.ts';
import { untouchedJudgement } from '../../../../src/shared/judgement.ts';
import type { RankingKey, SongFilter, SongQuery, SongSort } from '../../../../src/shared/song-query.ts';
import {
  defaultSongSort,
  songQuerySchema,
  songSortColumns,
  verdictNames,
} from '../../../../src/shared/song-query.ts';
import type { ModelRankings, ModelSong } from '../../../support/model-songs.ts';
import { makeModelSongs, soundOf, storeModelSongs } from '../../../support/model-songs.ts';

const songs = makeModelSongs(300);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'banger-test-'));
let library: Library;
let rankings: ModelRankings;

beforeAll(() => {
  let nowMs = 0;
  library = openLibrary(path.join(folder, 'library.sqlite'), { now: () => nowMs });
  rankings = storeModelSongs(library, songs, (now) => {
    nowMs = now;
  });
});

afterAll(() => {
  library.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

const present = (song: ModelSong) => song.files.filter(({ isMissing }) => !isMissing);
const bestPath = (song: ModelSong) => {
  const files = present(song).length > 0 ? present(song) : song.files;
  return files.map((file) => file.path).sort()[0] ?? '';
};
const titleOf = (song: ModelSong) => song.title ?? path.basename(bestPath(song), '.mp3');
/** What the generator says comes first; of a song without parameters nothing is known but what was measured. */
const madeBy = (song: ModelSong) => ({
  prompt: song.generator === null ? null : song.prompt,
  ...soundOf(song),
});
const scoreIn = (song: ModelSong, key: RankingKey) => {
  const value = key.spaceId === rankings.model.spaceId ? song.score : song.draftScore;
  return value === null ? null : Math.min(10, value);
};
const fold = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
/** Marks on letters count in parts of one or two characters. */
const holds = (text: string, part: string) =>
  part.length < 3 ? text.toLowerCase().includes(part.toLowerCase()) : fold(text).includes(fold(part));
const isWithin = (value: number | null, range?: { min?: number | undefined; max?: number | undefined }) =>
  range === undefined ||
  (value !== null && value >= (range.min ?? -Infinity) && value <= (range.max ?? Infinity));
const isIn = (value: string | null, values?: readonly string[]) =>
  values === undefined || (value !== null && values.some((one) => one.toLowerCase() === value.toLowerCase()));

function matches(song: ModelSong, filter: SongFilter, key: RankingKey): boolean {
  const isMissing = present(song).length === 0;
  const { missing = 'hidden' } = filter;
  const { tempoBpm, musicalKey, prompt } = madeBy(song);
  const texts = [...song.files.map((file) => file.path), song.title, song.artist, song.genre, prompt];
  const files = missing === 'hidden' ? present(song) : song.files;
  const parts = (filter.text ?? '').split(' ').filter((part) => part !== '');
  const scored = {
    ranking: scoreIn(song, key) !== null,
    model: song.score !== null,
    'draft-only': song.score === null && song.draftScore !== null,
    nothing: song.score === null && song.draftScore === null,
  };
  return (
    (missing === 'shown' || isMissing === (missing === 'only')) &&
    parts.every((part) => holds(texts.filter((text) => text !== null).join('\n'), part)) &&
    isWithin(scoreIn(song, key), filter.score) &&
    (filter.verdicts?.includes(song.verdict) ?? true) &&
    isWithin(song.stars, filter.stars) &&
    (filter.hasNote === undefined || filter.hasNote === (song.note !== '')) &&
    (filter.folder === undefined ||
      files.some((file) => file.path.startsWith(`${filter.folder ?? ''}/`.replace('//', '/')))) &&
    (filter.flags === undefined || filter.flags.some((flag) => song.flags.includes(flag))) &&
    !(filter.withoutFlags ?? []).some((flag) => song.flags.includes(flag)) &&
    isWithin(song.durationSeconds, filter.durationSeconds) &&
    isWithin(tempoBpm, filter.tempoBpm) &&
    isIn(musicalKey, filter.musicalKeys) &&
    isIn(song.genre, filter.genres) &&
    isIn(song.generator, filter.generators) &&
    (filter.scoredBy === undefined || scored[filter.scoredBy]) &&
    isWithin(song.addedAtMs, filter.addedAtMs) &&
    (filter.songIds?.includes(song.id) ?? true)
  );
}

/** Order as the database has it: text by its bytes, of which A to Z count as small letters. */
const compareText = (a: string, b: string) => {
  const small = (text: string) => Buffer.from(text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()));
  return Buffer.compare(small(a), small(b));
};
const comparePaths = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

const sortValues: Record<
  Exclude<SongSort['column'], 'batch'>,
  (song: ModelSong, key: RankingKey) => string | number | null
> = {
  score: scoreIn,
  title: titleOf,
  artist: (song) => song.artist,
  path: bestPath,
  duration: (song) => song.durationSeconds,
  loudness: (song) => song.loudnessLufs,
  added: (song) => song.addedAtMs,
  verdict: (song) => ['reject', 'undecided', 'keep'].indexOf(song.verdict),
  stars: (song) => song.stars,
  tempo: (song) => madeBy(song).tempoBpm,
  key: (song) => madeBy(song).musicalKey,
  genre: (song) => song.genre,
  generator: (song) => song.generator,
};

function plainList(filter: SongFilter, sort: SongSort, key: RankingKey): ModelSong[] {
  const column = sort.column === 'batch' ? 'added' : sort.column;
  const value = (song: ModelSong) => sortValues[column](song, key);
  const sign = sort.direction === 'ascending' ? 1 : -1;
  return songs
    .filter((song) => matches(song, filter, key))
    .sort((a, b) => {
      const [left, right] = [value(a), value(b)];
      if (left === null || right === null)
        return Number(left === null) - Number(right === null) || a.id - b.id;
      const order =
        typeof left === 'number'
          ? left - Number(right)
          : column === 'path'
            ? comparePaths(left, String(right))
            : compareText(left, String(right));
      return sign * order || a.id - b.id;
    });
}

const rangeOf = (min: number, max: number) =>
  fc
    .tuple(fc.option(fc.integer({ min, max })), fc.option(fc.integer({ min, max })))
    .map(([a, b]) => (a !== null && b !== null && a > b ? [b, a] : [a, b]))
    .map(([low, high]) => ({ ...(low != null && { min: low }), ...(high != null && { max: high }) }));
const parts = [
  'night',
  'IGH',
  'neon rain',
  'ZWOLF',
  'zwölf',
  'ub',
  '夜',
  '夜曲',
  '雨',
  'горо',
  'ГОРОД',
  'го',
  '%',
  '_',
  '0%',
  'a_b',
];
const filters: fc.Arbitrary<SongFilter> = fc.record(
  {
    text: fc.constantFrom(...parts, "it's", '(x)', 'c#', '', ' ', '.mp3', '-1.', '/music/a'),
    score: rangeOf(0, 11),
    verdicts: fc.subarray([...verdictNames]),
    stars: rangeOf(0, 5),
    hasNote: fc.boolean(),
    folder: fc.constantFrom('/music', '/music/a', '/music/a%b', '/music/a_b', '/musik', '/mus', '/'),
    flags: fc.subarray(['silent', 'clipped', 'cut-off'] as const).map((flags) => [...flags]),
    withoutFlags: fc.subarray(['silent', 'clipped'] as const).map((flags) => [...flags]),
    durationSeconds: rangeOf(0, 60),
    tempoBpm: rangeOf(70, 140),
    musicalKeys: fc.subarray(['a minor', 'C MAJOR', 'F# major', 'g major']),
    genres: fc.subarray(['AMBIENT', 'rock', '夜']),
    generators: fc.subarray(['ace-step-1.5', 'MusicGen']),
    missing: fc.constantFrom('hidden', 'shown', 'only'),
    scoredBy: fc.constantFrom('ranking', 'model', 'draft-only', 'nothing'),
    addedAtMs: rangeOf(1_700_000_000_000, 1_700_180_000_000),
    songIds: fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 200 }),
  },
  { requiredKeys: [] },
);
/** Filters with few conditions, since many let nothing through. */
const someFilters = fc
  .tuple(filters, fc.integer({ min: 0, max: 4 }), fc.integer())
  .map(([filter, count, turn]) => {
    const entries = Object.entries(filter);
    const start = entries.length === 0 ? 0 : Math.abs(turn) % entries.length;
    return Object.fromEntries([...entries.slice(start), ...entries].slice(0, count));
  });
const sorts = fc.record({
  column: fc.constantFrom(...songSortColumns.filter((column) => column !== 'batch')),
  direction: fc.constantFrom('ascending', 'descending'),
}) as fc.Arbitrary<SongSort>;

describe('any filter, order and window', () => {
  it('gives what a plain filter over all songs gives', () => {
    fc.assert(
      fc.property(
        someFilters,
        sorts,
        fc.nat(320),
        fc.nat(60),
        fc.boolean(),
        (filter, sort, offset, limit, isDraft) => {
          const ranking = isDraft ? rankings.draft : rankings.model;
          const expected = plainList(filter, sort, ranking);
          const page = library.lists.page({ filter, sort, offset, limit, ranking });
          expect(page.rows.map(({ id }) => id)).toEqual(
            expected.slice(offset, offset + limit).map(({ id }) => id),
          );
          const scores = expected.flatMap((song) => scoreIn(song, ranking) ?? []);
          expect(page).toMatchObject({ total: expected.length, scoredTotal: scores.length });
          expect(library.lists.count(filter, ranking)).toBe(expected.length);
          const histogram = library.lists.histogram(filter, 5, ranking);
          expect(histogram).toEqual(
            [0, 1, 2, 3, 4].map(
              (bin) => scores.filter((score) => Math.min(4, Math.floor(score / 2)) === bin).length,
            ),
          );
          for (const row of page.rows) {
            const score = row.score;
            if (score === null) expect(row).toMatchObject({ rank: null, percentile: null, rawScore: null });
            else {
              expect(row.rank).toBe(1 + scores.filter((other) => other > score).length);
              expect(row.percentile).toBeCloseTo(
                (100 * scores.filter((other) => other <= score).length) / scores.length,
              );
            }
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it('gives the whole order as ids, groups standing together', () => {
    fc.assert(
      fc.property(
        someFilters,
        sorts,
        fc.constantFrom(undefined, 'folder', 'prompt'),
        fc.nat(20),
        fc.boolean(),
        (filter, sort, groupBy, rowCount, isDraft) => {
          const ranking = isDraft ? rankings.draft : rankings.model;
          const plain = plainList(filter, sort, ranking);
          const groupOf = (song: ModelSong) =>
            groupBy === 'folder' ? path.dirname(bestPath(song)) : madeBy(song).prompt;
          const groups = Map.groupBy(plain, groupBy === undefined ? () => null : groupOf);
          const expected = [...groups.values()].flat().map(({ id }) => id);
          const order = library.lists.order({ filter, sort, groupBy, rowCount, ranking });
          expect([...order.songIds]).toEqual(expected);
          expect(order.groups).toEqual(
            groupBy === undefined
              ? []
              : [...groups].map(([name, members]) => ({ name, count: members.length })),
          );
          expect(order.rows).toEqual(library.lists.rowsOf(expected.slice(0, rowCount), filter, ranking));
          expect(order.scoredTotal).toBe(plain.filter((song) => scoreIn(song, ranking) !== null).length);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('shows every fact of a song', () => {
    const page = library.lists.page(everything());
    expect(page.rows).toHaveLength(songs.length);
    const byId = new Map(songs.map((song) => [song.id, song]));
    for (const row of page.rows) {
      const song = byId.get(row.id);
      if (song === undefined) throw new Error('an unknown song');
      const made = madeBy(song);
      expect(row).toMatchObject({
        title: titleOf(song),
        artist: song.artist,
        path: bestPath(song),
        folder: path.dirname(bestPath(song)),
        score: scoreIn(song, rankings.model),
        rawScore: song.score,
        isDraft: false,
        durationSeconds: song.durationSeconds,
        loudnessLufs: song.loudnessLufs,
        flags: song.flags,
        verdict: song.verdict,
        stars: song.stars,
        hasNote: song.note !== '',
        genre: song.genre,
        tempoBpm: made.tempoBpm,
        musicalKey: made.musicalKey,
        prompt: made.prompt,
        generator: song.generator,
        addedAtMs: song.addedAtMs,
        isMissing: present(song).length === 0,
      });
    }
  });
});

function everything(): SongQuery {
  return songQuerySchema.parse({ filter: { missing: 'shown' }, limit: 1000 });
}

it('takes any text without an error', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), wildText),
      (text) => {
        library.lists.page(songQuerySchema.parse({ filter: { text: text.slice(0, 1000) } }));
      },
    ),
    { numRuns: 300 },
  );
});

const wildText = fc
  .array(
    fc.constantFrom(
      '"',
      "'",
      '*',
      'NEAR(',
      ')',
      'AND',
      'OR',
      'NOT',
      '^',
      ':',
      '-',
      '\0',
      '\ud800',
      ' ',
      '%',
      '_',
      '\\',
      'ab',
      '夜',
    ),
  )
  .map((pieces) => pieces.join(''));

it('finds a quoted part as it stands', () => {
  const [song] = songs.filter((one) => one.title?.includes(' '));
  const title = song?.title ?? '';
  const found = library.lists.songIds(
    { filter: { text: `"${title}"`, missing: 'shown' }, sort: defaultSongSort, offset: 0, limit: 1000 },
    rankings.model,
  );
  expect(found).toContain(song?.id);
  for (const id of found) {
    const one = songs.find((other) => other.id === id);
    const texts = [...(one?.files ?? []).map((file) => file.path), one?.title, one?.prompt].join('\n');
    expect(fold(texts)).toContain(fold(title));
  }
});

it('sees at once what was changed since a list was asked for', () => {
  const order = () =>
    library.lists.order({ filter: {}, sort: { column: 'stars', direction: 'descending' }, rowCount: 0 });
  const starred = () => library.lists.count({ stars: { min: 5 } });
  const before = order();
  const count = starred();
  const [last = 0] = before.songIds.slice(-1);
  const judgement = library.verdicts.get(last);
  const put = (stars: number) =>
    library.verdicts.put(last, { ...untouchedJudgement, changedAtMs: 0, ...judgement, stars });
  put(5);
  expect(order().revision).toBeGreaterThan(before.revision);
  expect(order().songIds.indexOf(last)).toBeLessThan(before.songIds.length - 1);
  expect(starred()).toBe(count + 1);
  expect(() =>
    library.transaction(() => {
      put(0);
      expect(starred()).toBe(count);
      throw new Error('taken back');
    }),
  ).toThrow('taken back');
  expect(starred()).toBe(count + 1);
  library.verdicts.put(last, judgement);
  expect([...order().songIds]).toEqual([...before.songIds]);
});

it('takes the model over the draft as the default, and never mixes them', () => {
  expect(library.rankings.findDefault()).toMatchObject({ ...rankings.model, isDraft: false });
  const page = library.lists.page(everything());
  expect(page.ranking).toMatchObject(rankings.model);
  expect(page.rows.filter(({ score }) => score === null).length).toBe(
    songs.filter(({ score }) => score === null).length,
  );
  const none = library.lists.page({ ...everything(), ranking: { spaceId: 99, headId: 99 } });
  expect(none.ranking).toBeNull();
  expect(none.rows.every(({ score }) => score === null)).toBe(true);
  expect(none.total).toBe(songs.length);
});
