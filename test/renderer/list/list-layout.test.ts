import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupHeightPixels, ListLayout, rowHeightPixels } from '../../../src/renderer/list/list-layout.ts';
import { songsAround } from '../../../src/renderer/list/row-window.ts';
import { scrollTopAfter } from '../../../src/renderer/list/scroll-anchor.ts';
import { SongOrder, type SongGroup } from '../../../src/renderer/state/song-order.ts';

const shown = (songIds: number[], groups: SongGroup[] = []) => {
  const order = new SongOrder(Int32Array.from(songIds), groups);
  return { order, layout: new ListLayout(order) };
};

describe('where songs stand', () => {
  it('counts headings in, whatever the groups', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 12 });
    fc.assert(
      fc.property(sizes, (counts) => {
        const total = counts.reduce((sum, count) => sum + count, 0);
        const groups = counts.map((count, place) => ({ name: String(place), count }));
        const layout = new ListLayout({ length: total, groups });
        // Drawn naively, one below the other.
        let top = 0;
        let item = 0;
        let songIndex = 0;
        for (const group of groups) {
          expect(layout.at(item)).toEqual({ kind: 'group', group });
          expect([layout.topOf(item), layout.heightOf(item)]).toEqual([top, groupHeightPixels]);
          item += 1;
          top += groupHeightPixels;
          for (let song = 0; song < group.count; song += 1) {
            expect(layout.at(item)).toEqual({ kind: 'song', songIndex });
            expect(layout.itemOfSong(songIndex)).toBe(item);
            expect([layout.topOf(item), layout.heightOf(item)]).toEqual([top, rowHeightPixels]);
            songIndex += 1;
            item += 1;
            top += rowHeightPixels;
          }
        }
        expect(layout.itemCount).toBe(item);
      }),
    );
  });

  it('is plain without groups', () => {
    const layout = new ListLayout({ length: 100_000, groups: [] });
    expect(layout.itemCount).toBe(100_000);
    expect(layout.at(99_999)).toEqual({ kind: 'song', songIndex: 99_999 });
    expect(layout.topOf(99_999)).toBe(99_999 * rowHeightPixels);
    expect(layout.itemOfSong(5)).toBe(5);
  });
});

describe('the view when another order comes', () => {
  const ids = Array.from({ length: 100 }, (_, index) => index + 1);
  const question = { before: shown(ids), visibleHeight: 10 * rowHeightPixels };

  it('keeps a visible cursor where it is when rows come in above it', () => {
    const after = shown([201, 202, 203, ...ids]);
    expect(scrollTopAfter({ ...question, after, scrollTop: 0, anchors: [4] })).toBe(3 * rowHeightPixels);
    expect(scrollTopAfter({ ...question, after, scrollTop: 500, anchors: [15] })).toBe(
      500 + 3 * rowHeightPixels,
    );
  });

  it('keeps the first visible song that is still there, when neither cursor nor player is in view', () => {
    const scrollTop = 20 * rowHeightPixels + 10;
    const after = shown([201, ...ids.filter((id) => id !== 21 && id !== 22)]);
    // Song 23 stood at 22 rows from the top and now stands at 21.
    expect(scrollTopAfter({ ...question, after, scrollTop, anchors: [90] })).toBe(
      scrollTop - rowHeightPixels,
    );
  });

  it('stays at the top where nothing is selected', () => {
    expect(scrollTopAfter({ ...question, after: shown([300, ...ids]), scrollTop: 0, anchors: [] })).toBe(0);
  });

  it('counts the headings of groups', () => {
    const after = shown(ids, [
      { name: 'a', count: 10 },
      { name: null, count: 90 },
    ]);
    const scrollTop = 30 * rowHeightPixels;
    expect(scrollTopAfter({ ...question, after, scrollTop, anchors: [] })).toBe(
      scrollTop + 2 * groupHeightPixels,
    );
  });
});

describe('the rows that are asked for', () => {
  const { order } = shown(Array.from({ length: 1000 }, (_, index) => 5000 + index));

  it('come in whole blocks around the screen', () => {
    expect(songsAround(order, 0, 25)).toEqual([...order.songIds.subarray(0, 100)]);
    expect(songsAround(order, 510, 535)).toEqual([...order.songIds.subarray(450, 600)]);
    expect(songsAround(order, 980, 999).at(-1)).toBe(5999);
  });

  it('stay the same while the view moves by a row or two', () => {
    expect(songsAround(order, 511, 536)).toEqual(songsAround(order, 510, 535));
  });
});
