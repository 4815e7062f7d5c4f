import { describe, expect, it } from 'vitest';
import {
  completeColumns,
  gridTemplate,
  moveColumn,
  placeColumn,
  resizeColumn,
  showColumn,
  shownColumns,
  sortAfterPress,
  totalWidth,
  widestColumn,
} from '../../../src/renderer/list/list-columns.ts';
import { usualListColumns } from '../../../src/shared/app-settings.ts';

const names = (columns: { name: string; isShown: boolean }[]) =>
  columns.filter(({ isShown }) => isShown).map(({ name }) => name);
const usual = ['rank', 'score', 'waveform', 'title', 'tempo', 'key', 'duration', 'verdict'];

describe('columns of the list', () => {
  it('come with those that a newer version brought, and none twice', () => {
    const kept = usualListColumns.filter(({ name }) => name !== 'stars' && name !== 'folder');
    const complete = completeColumns([...kept, ...kept.slice(0, 2)]);
    expect(complete.map(({ name }) => name)).toEqual([
      ...kept.map(({ name }) => name),
      ...['stars', 'folder'],
    ]);
  });

  it('move past their shown neighbour, over hidden ones, and stay at an end', () => {
    const moved = moveColumn(usualListColumns, 'verdict', -1);
    expect(names(moved)).toEqual([...usual.slice(0, 6), 'verdict', 'duration']);
    expect(names(moveColumn(usualListColumns, 'verdict', 1))).toEqual(usual);
    expect(names(moveColumn(usualListColumns, 'rank', -1))).toEqual(usual);
    const shown = showColumn(usualListColumns, 'folder', true);
    expect(names(moveColumn(shown, 'folder', -1)).slice(-2)).toEqual(['folder', 'verdict']);
    expect(moveColumn(shown, 'folder', -1)).toHaveLength(shown.length);
  });

  it('are dropped before or behind another one', () => {
    expect(names(placeColumn(usualListColumns, 'title', 'rank', false))[0]).toBe('title');
    expect(names(placeColumn(usualListColumns, 'rank', 'verdict', true)).at(-1)).toBe('rank');
    expect(names(placeColumn(usualListColumns, 'rank', 'rank', true))).toEqual(usual);
  });

  it('never hide the title', () => {
    expect(names(showColumn(usualListColumns, 'title', false))).toEqual(usual);
    expect(names(showColumn(usualListColumns, 'rank', false))).toEqual(usual.slice(1));
  });

  it('get widths that can be read, and what the settings can keep', () => {
    const width = (pixels: number | null) =>
      resizeColumn(usualListColumns, 'key', pixels).find(({ name }) => name === 'key')?.widthPixels;
    expect(width(99.6)).toBe(100);
    expect(width(3)).toBe(40);
    expect(width(5000)).toBe(widestColumn);
    expect(width(null)).toBeNull();
  });

  it('give way in a narrow list only as long as nobody arranged them', () => {
    expect(names(shownColumns(usualListColumns, 2000))).toEqual(usual);
    const narrow = shownColumns(usualListColumns, 520);
    expect(narrow.length).toBeLessThan(usual.length);
    expect(totalWidth(narrow)).toBeLessThanOrEqual(520);
    expect(names(narrow)).toEqual(expect.arrayContaining(['score', 'title', 'verdict']));
    const own = resizeColumn(usualListColumns, 'key', 90);
    expect(names(shownColumns(own, 520))).toEqual(usual);
  });

  it('leave the rest of the width to the title', () => {
    const template = gridTemplate(resizeColumn(shownColumns(usualListColumns, 2000), 'rank', 60));
    expect(template).toMatch(/^60px .* minmax\(\d+px, 1fr\) /);
    expect(template.split(/ (?![^(]*\))/)).toHaveLength(usual.length);
  });

  it('sort by their first direction, then by the other', () => {
    const first = sortAfterPress('score', { column: 'title', direction: 'ascending' });
    expect(first).toEqual({ column: 'score', direction: 'descending' });
    expect(first && sortAfterPress('score', first)).toEqual({ column: 'score', direction: 'ascending' });
    expect(sortAfterPress('folder', { column: 'score', direction: 'descending' })).toEqual({
      column: 'path',
      direction: 'ascending',
    });
    expect(sortAfterPress('waveform', { column: 'score', direction: 'descending' })).toBeNull();
  });
});
