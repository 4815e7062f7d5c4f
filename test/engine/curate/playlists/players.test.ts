/** Playlists with the worst of names, read back by a real player and a real XML parser. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { writePlaylist } from '../../../../src/engine/curate/write-playlist.ts';
import type { ExportEntry, PathStyle, PlaylistFormat } from '../../../../src/shared/export-entry.ts';
import { entryWith } from '../../../support/export-entries.ts';
import { useFreshFolder } from '../../../support/fresh-folder.ts';
import { hasProgram } from '../../../support/installed-program.ts';
import { writeWav } from '../../../support/make-audio.ts';
import { playedBy } from '../../../support/music-player.ts';

const inFolder = useFreshFolder();
const run = promisify(execFile);

/** Names that mean something else in a playlist, an address, XML, an INI file or a shell. */
const names = [
  'plain.wav',
  '#1 hit.wav',
  '100% sure%20.wav',
  'a & b <c> "d".wav',
  'line\nbreak.wav',
  ' leading and trailing .wav ',
  'question?mark;semi=colon.wav',
  '[brackets].wav',
  'Ünïcödé 漢字 𝄞 e\u0301.wav',
  'file:', // a folder below
  "quote's $HOME `x`.wav",
];

/** A song of a tenth of a second under each name, as entries. */
async function makeSongs(): Promise<ExportEntry[]> {
  const paths = names.map((name) => inFolder('songs', name === 'file:' ? 'http:/x.wav' : name));
  mkdirSync(inFolder('songs', 'http:'), { recursive: true });
  for (const path of paths) await writeWav(path, new Int16Array(8820).fill(100));
  return paths.map((path, index) =>
    entryWith({
      ...{ rank: index + 1, songId: index + 1, path, durationSeconds: 0.1 },
      ...{ title: `]]> & ${basename(path)} \u0007`, artist: index % 2 === 0 ? '<Ж>' : null },
    }),
  );
}

const styles: PathStyle[] = ['relative', 'absolute'];

async function write(entries: ExportEntry[], format: PlaylistFormat, pathStyle: PathStyle): Promise<string> {
  const file = inFolder('lists', `best.${format}`);
  const written = await writePlaylist({ entries, file, format, pathStyle, replacesOthers: false });
  expect(written).toEqual({ file, songCount: entries.length, skipped: [] });
  return file;
}

describe.runIf(hasProgram('mpv', '--version', 'Debian: apt-get install mpv'))('mpv', () => {
  it.each([
    ['m3u8', 'relative'],
    ['m3u8', 'absolute'],
    ['pls', 'absolute'],
  ] as const)('plays every song of a %s playlist with %s paths', async (format, style) => {
    const entries = await makeSongs();
    const played = await playedBy(await write(entries, format, style), inFolder());
    expect(played).toEqual(entries.map(({ path }) => path));
  });
});

describe.runIf(hasProgram('xmllint', '--version', 'Debian: apt-get install libxml2-utils'))('xmllint', () => {
  it.each(styles)('finds every song in an XSPF playlist with %s addresses', async (style) => {
    const entries = await makeSongs();
    const file = await write(entries, 'xspf', style);
    await run('xmllint', ['--noout', file]);
    const read = async (element: string): Promise<string[]> => {
      const values: string[] = [];
      for (let index = 1; index <= entries.length; index += 1) {
        const track = `//*[local-name()="track"][${index}]/*[local-name()="${element}"]`;
        const { stdout } = await run('xmllint', ['--xpath', `string(${track})`, file]);
        values.push(stdout.replace(/\n$/, ''));
      }
      return values;
    };
    const base = pathToFileURL(`${dirname(file)}/`);
    const locations = (await read('location')).map((address) => fileURLToPath(new URL(address, base)));
    expect(locations.map((path) => realpathSync(path))).toEqual(
      entries.map(({ path }) => realpathSync(path)),
    );
    expect(await read('title')).toEqual(entries.map(({ title }) => title.replace('\u0007', '\ufffd')));
    expect(await read('duration')).toEqual(entries.map(() => '100'));
  });
});

describe('a playlist file', () => {
  it('is replaced when it is ours, and left alone when it is somebody else’s', async () => {
    const entries = [entryWith({ path: inFolder('a.wav') })];
    for (const format of ['m3u8', 'xspf', 'pls', 'csv', 'json'] as const) {
      const file = await write(entries, format, 'relative');
      await write([...entries, ...entries], format, 'relative');
      writeFileSync(file, format === 'm3u8' ? '#EXTM3U\nmine.mp3\n' : 'mine');
      const request = { entries, file, format, pathStyle: 'relative', replacesOthers: false } as const;
      await expect(writePlaylist(request)).rejects.toMatchObject({ code: 'file-exists', file });
      expect(readFileSync(file, 'utf8')).toContain('mine');
      await writePlaylist({ ...request, replacesOthers: true });
      expect(readFileSync(file, 'utf8')).not.toContain('mine');
    }
  });

  it('that cannot be written says so', async () => {
    writeFileSync(inFolder('file'), '');
    const file = inFolder('file', 'best.m3u8');
    await expect(
      writePlaylist({ entries: [], file, format: 'm3u8', pathStyle: 'relative', replacesOthers: false }),
    ).rejects.toMatchObject({ code: expect.stringMatching(/^file-/) as string, file });
  });
});
