/** What the export dialog asks of the engine, what it refuses to ask, and where it would write. */
import { describe, expect, it } from 'vitest';
import { songSelectionSchema } from '../../../src/shared/song-selection.ts';
import {
  choiceProblemOf,
  exportFormSchema,
  inFolder,
  selectionRequestOf,
  targetProblemsOf,
  withFormat,
  type ExportForm,
} from '../../../src/renderer/export/export-form.ts';

const source = { filter: { folder: '/music' }, ranking: { spaceId: 2, headId: 3 }, selectedIds: [5, 4] };
const formWith = (fields: Partial<ExportForm>): ExportForm => ({ ...exportFormSchema.parse({}), ...fields });

describe('the choice', () => {
  it.each<[Partial<ExportForm>, object]>([
    [{ scope: 'count', count: 12 }, { quota: { kind: 'count', count: 12 } }],
    [{ scope: 'percent', percent: 2.5 }, { quota: { kind: 'percent', percent: 2.5 } }],
    [
      { scope: 'over-score', minimumScore: 6.5 },
      { quota: { kind: 'all' }, minimumScore: 6.5 },
    ],
    [
      { scope: 'per-group', perCount: 2, per: 'genre' },
      { quota: { kind: 'count', count: 2 }, per: 'genre' },
    ],
    [{ scope: 'kept' }, { quota: { kind: 'all' }, filter: { folder: '/music', verdicts: ['keep'] } }],
    [{ scope: 'count', diverse: 0.2 }, { diverse: 0.2 }],
    [
      { scope: 'count', includesRejected: true, includesUnscored: true },
      { includesRejected: true, includesUnscored: true },
    ],
  ])('%j is asked within the list’s filter and ranking', (fields, expected) => {
    const asked = songSelectionSchema.parse(selectionRequestOf(formWith(fields), source));
    expect(asked).toMatchObject({ filter: { folder: '/music' }, ranking: source.ranking, ...expected });
  });

  it('of nothing different asks for no difference at all', () => {
    expect(selectionRequestOf(formWith({ diverse: 0 }), source)).not.toHaveProperty('diverse');
  });

  it('by hand is taken whatever filter and verdicts say', () => {
    const asked = songSelectionSchema.parse(
      selectionRequestOf(formWith({ scope: 'selection', diverse: 0.5 }), source),
    );
    expect(asked.filter).toEqual({ songIds: [5, 4] });
    expect(asked).toMatchObject({ includesRejected: true, includesUnscored: true, quota: { kind: 'all' } });
    expect(asked.diverse).toBeUndefined();
  });

  it.each<[Partial<ExportForm>, string]>([
    [{ scope: 'count', count: null }, 'count'],
    [{ scope: 'count', count: 1.5 }, 'count'],
    [{ scope: 'count', count: 0 }, 'count'],
    [{ scope: 'percent', percent: 0 }, 'percent'],
    [{ scope: 'percent', percent: 101 }, 'percent'],
    [{ scope: 'over-score', minimumScore: 10.5 }, 'minimumScore'],
    [{ scope: 'per-group', perCount: -1 }, 'perCount'],
  ])('%j is not asked', (fields, problem) => {
    const form = formWith(fields);
    expect(choiceProblemOf(form, source)).toBe(problem);
    expect(selectionRequestOf(form, source)).toBeNull();
  });

  it('of an empty selection is not asked', () => {
    expect(selectionRequestOf(formWith({ scope: 'selection' }), { ...source, selectedIds: [] })).toBeNull();
  });
});

describe('the target', () => {
  it.each<[Partial<ExportForm>, string[]]>([
    [{ playlistFile: '/out/best.m3u8' }, []],
    [{ playlistFile: 'C:\\out\\best.m3u8' }, []],
    [{ playlistFile: '' }, ['playlistFile']],
    [{ playlistFile: 'best.m3u8' }, ['playlistFile']],
    [{ playlistFile: '/out/' }, ['playlistFile']],
    [{ writesPlaylist: false, playlistFile: '' }, []],
    [{ writesPlaylist: false, files: 'copy', filesFolder: 'here' }, ['filesFolder']],
    [{ writesPlaylist: false, files: 'none', filesFolder: 'here' }, []],
  ])('%j lacks %j', (fields, problems) => {
    expect(targetProblemsOf(formWith(fields))).toEqual(problems);
  });

  it('follows the format, and nothing else of the name', () => {
    expect(withFormat('/out/my.best.m3u8', 'xspf')).toBe('/out/my.best.xspf');
    expect(withFormat('/out/my.best', 'csv')).toBe('/out/my.best.csv');
    expect(withFormat('', 'csv')).toBe('');
  });

  it('keeps its name in another folder, and has one where there was none', () => {
    expect(inFolder('/out/tonight.m3u8', '/elsewhere', 'm3u8')).toBe('/elsewhere/tonight.m3u8');
    expect(inFolder('', 'C:\\out', 'pls')).toBe('C:\\out\\best.pls');
  });
});
