/** Playlists as text: paths on every system, and names that try to break out of their line, element or cell. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPlaylist, ownBeginnings } from '../../../../src/engine/curate/playlists/format-playlist.ts';
import type { PlaylistPlace } from '../../../../src/engine/curate/playlists/playlist-location.ts';
import { playlistFormats } from '../../../../src/shared/export-entry.ts';
import { entryWith } from '../../../support/export-entries.ts';

const posix: PlaylistPlace = { folder: '/music/lists', style: 'relative', rules: 'posix' };
const windows: PlaylistPlace = { folder: 'D:\\Music\\Lists', style: 'relative', rules: 'windows' };

/** The location lines of an M3U8 playlist. */
function m3uLocations(path: string, place: PlaylistPlace): string[] {
  const { text } = formatPlaylist([entryWith({ path })], 'm3u8', place);
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('M3U8', () => {
  it('begins with its mark and names length, artist and title', () => {
    const { text } = formatPlaylist(
      [
        entryWith({ path: '/music/a.wav', artist: 'Ж', title: 'Line\r\nbreak, comma' }),
        entryWith({ path: '/music/b.wav', durationSeconds: null }),
      ],
      'm3u8',
      posix,
    );
    expect(text).toBe(
      '#EXTM3U\n# Written by Banger Scorer\n#EXTINF:61,Ж - Line break, comma\n../a.wav\n#EXTINF:-1,Song\n../b.wav\n',
    );
  });

  it.each([
    ['/music/lists/sub/100%.wav', posix, 'sub/100%.wav'],
    ['/music/lists/#1 hit.wav', posix, './#1 hit.wav'],
    ['/music/lists/ leading.wav', posix, './ leading.wav'],
    ['/music/lists/http:/x.wav', posix, './http:/x.wav'],
    ['/other/x.wav', posix, '../../other/x.wav'],
    ['/other/x.wav', { ...posix, style: 'absolute' }, '/other/x.wav'],
    ['/music/new\nline #?%.wav', posix, 'file:///music/new%0Aline%20%23%3F%25.wav'],
    ['/music/trailing.wav ', posix, 'file:///music/trailing.wav%20'],
    ['D:\\Music\\x.wav', windows, '../x.wav'],
    ['D:\\Music\\Lists\\c#.wav', windows, 'c#.wav'],
    ['E:\\Other drive\\x.wav', windows, 'E:\\Other drive\\x.wav'],
    ['\\\\server\\share\\x.wav', windows, '\\\\server\\share\\x.wav'],
    ['D:\\Music\\x.wav', { ...windows, style: 'absolute' }, 'D:\\Music\\x.wav'],
  ] satisfies [string, PlaylistPlace, string][])('names %j as %3$j', (path, place, expected) => {
    expect(m3uLocations(path, place)).toEqual([expected]);
  });
});

describe('XSPF', () => {
  it.each([
    ['/music/lists/a #1?%&.wav', posix, 'a%20%231%3F%25%26.wav'],
    ['/music/<b>.wav', { ...posix, style: 'absolute' }, 'file:///music/%3Cb%3E.wav'],
    ['E:\\Other\\x y.wav', windows, 'file:///E:/Other/x%20y.wav'],
  ] satisfies [string, PlaylistPlace, string][])('names %j as %3$j', (path, place, expected) => {
    const { text } = formatPlaylist([entryWith({ path })], 'xspf', place);
    expect(text).toContain(`<location>${expected}</location>`);
  });
});

describe('CSV', () => {
  it('lets no cell be taken for a formula', () => {
    const { text } = formatPlaylist([entryWith({ title: '=cmd()', note: '@x', prompt: '+1' })], 'csv', posix);
    expect(text).toContain(",'=cmd(),");
    expect(text).toContain(",'@x,");
    expect(text).toContain(",'+1,");
  });
});

describe('any form', () => {
  it.each(playlistFormats)('%s begins as ours, with and without songs', (format) => {
    expect(formatPlaylist([], format, posix).text.startsWith(ownBeginnings[format])).toBe(true);
    expect(formatPlaylist([entryWith({})], format, posix).text.startsWith(ownBeginnings[format])).toBe(true);
  });

  it.each(playlistFormats)('%s reports songs whose path is no text', (format) => {
    const { text, skipped } = formatPlaylist(
      [entryWith({ songId: 1, path: '/music/\ud800.wav' }), entryWith({ songId: 2 })],
      format,
      posix,
    );
    expect(skipped.map(({ songId }) => songId)).toEqual([1]);
    expect(text.isWellFormed()).toBe(true);
  });

  it('has one line for each song and title in M3U8 and PLS, whatever they hold', () => {
    const wild = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(wild, wild, wild, (name, title, artist) => {
        const entry = entryWith({ path: `/music/x${name}`, title, artist });
        const m3u = formatPlaylist([entry, entry], 'm3u8', posix);
        if (m3u.skipped.length > 0) return;
        expect(m3u.text.split(/\r\n|[\r\n]/)).toHaveLength(2 + 2 * 2 + 1);
        const pls = formatPlaylist([entry, entry], 'pls', posix);
        expect(pls.text.split(/\r\n|[\r\n]/)).toHaveLength(2 + 2 * 3 + 2 + 1);
      }),
    );
  });
});
