/** Exports of real files: names, sidecars, collisions, volumes, room, kills in the middle, and moving back. */
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exportFiles } from '../../../src/engine/curate/export-files.ts';
import { readEntry } from '../../../src/engine/curate/history-entry.ts';
import { foldedName } from '../../../src/shared/legal-file-name.ts';
import { redoNext, undoNewest } from '../../../src/engine/curate/undo-history.ts';
import type { Library } from '../../../src/engine/library/library.ts';
import { openLibrary } from '../../../src/engine/library/open-library.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { bytesFor, contentsOf, entriesOf, makeSong, namesIn } from '../../support/curate-library.ts';
import { LibraryProcess } from '../../support/library-process.ts';

const inFolder = useFreshFolder();
let library: Library;

beforeEach(() => {
  library = openLibrary(inFolder('library.sqlite'));
});
afterEach(() => {
  library.close();
});

/** A folder on another volume than the temporary folder, null where there is none. */
function folderOnOtherVolume(): string | null {
  const memory = '/dev/shm';
  if (!existsSync(memory) || statSync(memory).dev === statSync(inFolder()).dev) return null;
  return mkdtempSync(join(memory, 'banger-test-'));
}

/** Does what a process killed just after a file had moved leaves behind: the library has not heard of it. */
function moveNextFileOnly(target: Library): void {
  const stored = target.history.nextToUndo();
  if (stored === null) throw new Error('the move wrote no history');
  const { entry } = readEntry(stored);
  const next =
    entry.kind === 'moves' && entry.moves.find(({ role, from }) => role === 'song' && existsSync(from));
  if (!next) throw new Error('all files had moved');
  renameSync(next.from, next.to);
}

function outcomesOf({ files }: { files: { outcome: string }[] }): string[] {
  return files.map(({ outcome }) => outcome);
}

describe('copying', () => {
  it('takes sidecars along under the new name, keeps the time, and overwrites nothing', async () => {
    const songId = makeSong(library, { path: inFolder('in', 'a.wav'), title: 'A/B: C?', score: 7.256 });
    for (const suffix of ['.json', '.lrc', '.JPG', '_input_params.json'])
      writeFileSync(inFolder('in', `a${suffix}`), suffix);
    writeFileSync(inFolder('in', 'ab.json'), 'of another song');
    utimesSync(inFolder('in', 'a.wav'), 1_000_000, 1_000_000);
    mkdirSync(inFolder('out'));
    writeFileSync(inFolder('out', '001 7.26 A_B_ C_.wav'), 'somebody else’s');

    const request = {
      ...{ entries: entriesOf(library, [songId]), folder: inFolder('out'), mode: 'copy' as const },
      pattern: '{rank:03} {score} {title}',
    };
    const report = await exportFiles(library, request);
    expect(report).toMatchObject({ songCount: 1, failedSongCount: 0, historyId: null });
    expect(contentsOf(inFolder('out'))).toEqual({
      '001 7.26 A_B_ C_.wav': 'somebody else’s',
      '001 7.26 A_B_ C_ (2).wav': `song at ${inFolder('in', 'a.wav')}`,
      '001 7.26 A_B_ C_ (2).json': '.json',
      '001 7.26 A_B_ C_ (2).lrc': '.lrc',
      '001 7.26 A_B_ C_ (2).JPG': '.JPG',
      '001 7.26 A_B_ C_ (2)_input_params.json': '_input_params.json',
    });
    expect(statSync(inFolder('out', '001 7.26 A_B_ C_ (2).wav')).mtimeMs).toBe(1e9);
    expect(namesIn(inFolder('in'))).toHaveLength(6);

    const again = await exportFiles(library, request);
    expect(new Set(outcomesOf(again))).toEqual(new Set(['already-there']));
    expect(namesIn(inFolder('out'))).toHaveLength(6);
  });

  it('numbers songs of one name, also where only case or composition differs', async () => {
    const titles = ['Same', 'same', 'Caf\u00e9', 'Cafe\u0301', 'Same'];
    const songIds = titles.map((title, index) =>
      makeSong(library, { path: inFolder('in', `${index}.wav`), title }),
    );
    const folder = inFolder('out');
    const report = await exportFiles(library, {
      ...{ entries: entriesOf(library, songIds), folder, mode: 'copy', pattern: '{title}' },
    });
    expect(report.files.map(({ target }) => basename(target))).toEqual([
      ...['Same.wav', 'same (2).wav', 'Caf\u00e9.wav', 'Caf\u00e9 (2).wav', 'Same (3).wav'],
    ]);
  });

  it('keeps an edited sidecar and does not export its song again', async () => {
    const songId = makeSong(library, { path: inFolder('in', 'a.wav') });
    writeFileSync(inFolder('in', 'a.txt'), 'lyrics');
    const request = {
      ...{ entries: entriesOf(library, [songId]), folder: inFolder('out') },
      ...{ mode: 'copy' as const, pattern: '{name}' },
    };
    await exportFiles(library, request);
    writeFileSync(inFolder('out', 'a.txt'), 'better lyrics');
    expect(outcomesOf(await exportFiles(library, request))).toEqual(['already-there', 'left']);
    expect(readFileSync(inFolder('out', 'a.txt'), 'utf8')).toBe('better lyrics');
    expect(namesIn(inFolder('out'))).toEqual(['a.txt', 'a.wav']);
  });

  it('fits names of 255 bytes with the longest sidecar, without cutting a character', async () => {
    const songId = makeSong(library, { path: inFolder('in', 'a.wav'), title: '漢'.repeat(300) });
    writeFileSync(inFolder('in', 'a_input_params.json'), '{}');
    const entries = entriesOf(library, [songId, songId]);
    await exportFiles(library, { entries, folder: inFolder('out'), mode: 'copy', pattern: '{title}' });
    const names = namesIn(inFolder('out'));
    expect(names).toHaveLength(2);
    for (const name of names) expect(name).toMatch(/^漢{70,}(\.wav|_input_params\.json)$/);
  });

  it('tells which song could not be read and goes on with the others', async () => {
    const paths = ['a.wav', 'b.wav', 'c.wav'].map((name) => inFolder('in', name));
    const songIds = paths.map((path) => makeSong(library, { path }));
    const entries = entriesOf(library, songIds);
    rmSync(paths[1] ?? '');
    const report = await exportFiles(library, {
      entries,
      folder: inFolder('out'),
      mode: 'copy',
      pattern: '{name}',
    });
    expect(report).toMatchObject({ songCount: 2, failedSongCount: 1 });
    expect(report.files[1]).toMatchObject({
      outcome: 'failed',
      error: { code: 'file-missing', file: paths[1] },
    });
    expect(namesIn(inFolder('out'))).toEqual(['a.wav', 'c.wav']);
  });

  it('starts nothing when the pattern is wrong or the files do not fit', async () => {
    const songId = makeSong(library, { path: inFolder('in', 'a.wav'), content: bytesFor('a', 5000) });
    const entries = entriesOf(library, [songId]);
    const request = { entries, folder: inFolder('out'), mode: 'copy' as const, pattern: '{titel}' };
    await expect(exportFiles(library, request)).rejects.toMatchObject({ code: 'usage' });
    expect(existsSync(inFolder('out'))).toBe(false);
    const fitting = { ...request, pattern: '{title}' };
    const findFreeBytes = () => Promise.resolve(4999);
    await expect(exportFiles(library, fitting, { findFreeBytes })).rejects.toMatchObject({
      code: 'disk-full',
    });
    expect(namesIn(inFolder('out'))).toEqual([]);
    await exportFiles(library, fitting, { findFreeBytes: () => Promise.resolve(5000) });
    expect(namesIn(inFolder('out'))).toEqual(['a.wav']);
  });

  it('stops when it is told to, leaves no half file, and goes on later', async () => {
    const songIds = Array.from({ length: 5 }, (_, index) =>
      makeSong(library, {
        path: inFolder('in', `${index}.wav`),
        content: bytesFor(String(index), 3_000_000),
      }),
    );
    const entries = entriesOf(library, songIds);
    const request = { entries, folder: inFolder('out'), mode: 'copy' as const, pattern: '{name}' };
    const controller = new AbortController();
    const stopped = exportFiles(library, request, {
      signal: controller.signal,
      onProgress: ({ doneBytes }) => {
        if (doneBytes > 4_000_000) controller.abort();
      },
    });
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
    const done = namesIn(inFolder('out'));
    expect(done).not.toHaveLength(5);
    for (const name of done) expect(statSync(inFolder('out', name)).size).toBe(3_000_000);
    expect(outcomesOf(await exportFiles(library, request))).toEqual(
      songIds.map((_, index) => (done.includes(`${index}.wav`) ? 'already-there' : 'copied')),
    );
  });

  it('remembers what it made, so that a copy is never taken for the song', async () => {
    const songId = makeSong(library, { path: inFolder('music', 'z.wav') });
    const out = inFolder('music', 'best');
    await exportFiles(library, {
      entries: entriesOf(library, [songId]),
      folder: out,
      mode: 'copy',
      pattern: '{name}',
    });
    const { size, mtimeNs } = statSync(join(out, 'z.wav'), { bigint: true });
    const known = library.files.byPath(inFolder('music', 'z.wav'));
    const identities = library.songs.identitiesOf(songId);
    const [identity] = identities;
    if (known?.song == null || identity === undefined) throw new Error('the song is not there');
    const stamp = { path: join(out, 'z.wav'), sizeBytes: Number(size), mtimeNs };
    library.files.record({ stamp, identities: [identity], probe: known.song });
    expect(entriesOf(library, [songId])).toMatchObject([{ path: inFolder('music', 'z.wav') }]);
  });
});

describe('linking', () => {
  it('gives a second name on the same volume', async () => {
    const songId = makeSong(library, { path: inFolder('in', 'a.wav') });
    const request = {
      ...{ entries: entriesOf(library, [songId]), folder: inFolder('out') },
      ...{ mode: 'link' as const, pattern: '{name}' },
    };
    expect(outcomesOf(await exportFiles(library, request))).toEqual(['linked']);
    expect(statSync(inFolder('out', 'a.wav')).ino).toBe(statSync(inFolder('in', 'a.wav')).ino);
    expect(outcomesOf(await exportFiles(library, request))).toEqual(['already-there']);
  });

  it('copies to another volume, and says so', async ({ skip }) => {
    const folder = folderOnOtherVolume();
    if (folder === null) skip('needs /dev/shm as a volume of its own');
    try {
      const songId = makeSong(library, { path: inFolder('in', 'a.wav') });
      const entries = entriesOf(library, [songId]);
      const report = await exportFiles(library, {
        entries,
        folder: folder ?? '',
        mode: 'link',
        pattern: '{name}',
      });
      expect(outcomesOf(report)).toEqual(['copied']);
    } finally {
      rmSync(folder ?? '', { recursive: true });
    }
  });
});

describe('names', () => {
  it('made of wild titles never leave the folder and never meet', async () => {
    const songIds = Array.from({ length: 12 }, (_, index) =>
      makeSong(library, { path: inFolder('in', `${index}.wav`) }),
    );
    const plain = entriesOf(library, songIds);
    const wild = fc.oneof(
      fc.constantFrom(
        '../../x',
        '..',
        '/etc/passwd',
        'C:\\x',
        'CON',
        'a',
        'A',
        'a.wav',
        ' a. ',
        '.hidden',
        '漢'.repeat(200),
      ),
      fc.string({ unit: 'binary', maxLength: 20 }),
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(wild, { minLength: 12, maxLength: 12 }), async (titles) => {
        const folder = inFolder('out', String((run += 1)));
        const entries = plain.map((entry, index) => ({ ...entry, title: titles[index] ?? '' }));
        const report = await exportFiles(library, { entries, folder, mode: 'link', pattern: '{title}' });
        expect(new Set(report.files.map(({ target }) => dirname(target)))).toEqual(new Set([folder]));
        expect(namesIn(folder)).toHaveLength(12);
        expect(namesIn(folder).every((name) => !name.startsWith('.'))).toBe(true);
        expect(new Set(namesIn(folder).map(foldedName)).size).toBe(12);
        expect(
          new Set(
            outcomesOf(await exportFiles(library, { entries, folder, mode: 'link', pattern: '{title}' })),
          ),
        ).toEqual(new Set(['already-there']));
      }),
      { numRuns: 25 },
    );
    expect(namesIn(inFolder('out'))).toHaveLength(run);
  });
});

describe('moving', () => {
  it('is one change that undo takes back and redo does again, sidecars and library included', async () => {
    const paths = ['a.wav', 'b.wav', 'c.wav'].map((name) => inFolder('in', name));
    const songIds = paths.map((path) => makeSong(library, { path }));
    writeFileSync(inFolder('in', 'a.json'), '{}');
    const before = contentsOf(inFolder('in'));
    const entries = entriesOf(library, songIds);
    const report = await exportFiles(library, {
      entries,
      folder: inFolder('out'),
      mode: 'move',
      pattern: '{rank} {name}',
    });
    expect(outcomesOf(report)).toEqual(['moved', 'moved', 'moved', 'moved']);
    expect(namesIn(inFolder('in'))).toEqual([]);
    expect(namesIn(inFolder('out'))).toEqual(['1 a.json', '1 a.wav', '2 b.wav', '3 c.wav']);
    expect(library.files.ofSong(songIds[1] ?? 0)).toMatchObject([
      { path: inFolder('out', '2 b.wav'), missingSinceMs: null },
    ]);
    expect(library.history.list(10)).toMatchObject([
      { id: report.historyId, label: 'Move 3 songs into out' },
    ]);

    const undone = await undoNewest(library);
    expect(undone?.files.map(({ outcome }) => outcome)).toEqual(Array(4).fill('moved'));
    expect(contentsOf(inFolder('in'))).toEqual(before);
    expect(namesIn(inFolder('out'))).toEqual([]);
    expect(library.files.ofSong(songIds[1] ?? 0)).toMatchObject([{ path: paths[1] }]);
    await redoNext(library);
    expect(namesIn(inFolder('out'))).toEqual(['1 a.json', '1 a.wav', '2 b.wav', '3 c.wav']);
    // Where they went is kept in mind: the same export again, with the songs under their new names, does nothing.
    const again = await exportFiles(library, {
      ...{
        entries: entriesOf(library, songIds),
        folder: inFolder('out'),
        mode: 'move',
        pattern: '{rank} {name}',
      },
    });
    expect(new Set(outcomesOf(again))).toEqual(new Set(['already-there']));
    expect(again.historyId).toBeNull();
  });

  it('back finds its place taken: the songs come back under a number, and redo finds them there', async () => {
    const songId = makeSong(library, { path: inFolder('in', 'a.wav'), content: 'mine' });
    writeFileSync(inFolder('in', 'a.txt'), 'lyrics');
    const entries = entriesOf(library, [songId]);
    await exportFiles(library, { entries, folder: inFolder('out'), mode: 'move', pattern: '{name}' });
    writeFileSync(inFolder('in', 'a.wav'), 'another');
    await undoNewest(library);
    expect(contentsOf(inFolder('in'))).toEqual({
      'a.wav': 'another',
      'a (2).wav': 'mine',
      'a (2).txt': 'lyrics',
    });
    expect(library.files.ofSong(songId)).toMatchObject([{ path: inFolder('in', 'a (2).wav') }]);
    await redoNext(library);
    expect(contentsOf(inFolder('in'))).toEqual({ 'a.wav': 'another' });
    expect(contentsOf(inFolder('out'))).toEqual({ 'a.wav': 'mine', 'a.txt': 'lyrics' });
  });

  it('that is undone halfway knows where the files are, and never takes another song for them', async () => {
    const songIds = ['a.wav', 'b.wav', 'c.wav'].map((name) =>
      makeSong(library, { path: inFolder('in', name) }),
    );
    const entries = entriesOf(library, songIds);
    await exportFiles(library, { entries, folder: inFolder('out'), mode: 'move', pattern: '{name}' });
    // Another song takes the place of the first one, and is known to the library.
    makeSong(library, { path: inFolder('in', 'a.wav'), content: 'another' });
    const controller = new AbortController();
    const signal = Object.assign(controller.signal, { reads: 0 });
    Object.defineProperty(signal, 'aborted', { get: () => (signal.reads += 1) > 1 });
    await expect(undoNewest(library, { signal })).rejects.toMatchObject({ code: 'cancelled' });
    expect(namesIn(inFolder('in'))).toEqual(['a (2).wav', 'a.wav']);
    expect(namesIn(inFolder('out'))).toEqual(['b.wav', 'c.wav']);
    await undoNewest(library);
    expect(namesIn(inFolder('in'))).toEqual(['a (2).wav', 'a.wav', 'b.wav', 'c.wav']);
    await redoNext(library);
    expect(contentsOf(inFolder('in'))).toEqual({ 'a.wav': 'another' });
    expect(namesIn(inFolder('out'))).toEqual(['a.wav', 'b.wav', 'c.wav']);
    // A file that took the place of an exported one stays.
    renameSync(inFolder('out', 'b.wav'), inFolder('b elsewhere.wav'));
    makeSong(library, { path: inFolder('out', 'b.wav'), content: 'a third one' });
    const undone = await undoNewest(library);
    expect(undone?.files.map(({ outcome }) => outcome)).toEqual(['moved', 'gone', 'moved']);
    expect(contentsOf(inFolder('out'))).toEqual({ 'b.wav': 'a third one' });
  });

  it('leaves a sidecar that another song may need, and a link where it is', async () => {
    const songId = makeSong(library, { path: inFolder('in', 'a.wav') });
    writeFileSync(inFolder('in', 'a.mp3'), 'another song');
    writeFileSync(inFolder('in', 'a.json'), '{}');
    const linked = makeSong(library, { path: inFolder('elsewhere', 'x.wav') });
    symlinkSync(inFolder('elsewhere', 'x.wav'), inFolder('in', 'link.wav'));
    const entries = entriesOf(library, [songId, linked]).map((entry) =>
      entry.songId === linked ? { ...entry, path: inFolder('in', 'link.wav') } : entry,
    );
    const report = await exportFiles(library, {
      entries,
      folder: inFolder('out'),
      mode: 'move',
      pattern: '{name}',
    });
    expect(outcomesOf(report)).toEqual(['moved', 'left', 'failed']);
    expect(namesIn(inFolder('in'))).toEqual(['a.json', 'a.mp3', 'link.wav']);
    expect(namesIn(inFolder('out'))).toEqual(['a.wav']);
  });

  it('goes to another volume and back', async ({ skip }) => {
    const folder = folderOnOtherVolume();
    if (folder === null) skip('needs /dev/shm as a volume of its own');
    const out = folder ?? '';
    try {
      const songId = makeSong(library, { path: inFolder('in', 'a.wav'), content: bytesFor('a', 2_500_000) });
      utimesSync(inFolder('in', 'a.wav'), 1_000_000, 1_000_000);
      const entries = entriesOf(library, [songId]);
      await exportFiles(library, { entries, folder: out, mode: 'move', pattern: '{name}' });
      expect(namesIn(inFolder('in'))).toEqual([]);
      expect(statSync(join(out, 'a.wav'))).toMatchObject({ size: 2_500_000, mtimeMs: 1e9 });
      await undoNewest(library);
      expect(namesIn(out)).toEqual([]);
      expect(readFileSync(inFolder('in', 'a.wav')).equals(bytesFor('a', 2_500_000))).toBe(true);
    } finally {
      rmSync(out, { recursive: true });
    }
  });

  it('ends what a killed one left between two names of one file', async () => {
    const songId = makeSong(library, { path: inFolder('in', 'a.wav'), content: 'mine' });
    const entries = entriesOf(library, [songId]);
    mkdirSync(inFolder('out'));
    linkSync(inFolder('in', 'a.wav'), inFolder('out', 'a.wav'));
    await exportFiles(library, { entries, folder: inFolder('out'), mode: 'move', pattern: '{name}' });
    expect(namesIn(inFolder('in'))).toEqual([]);
    expect(contentsOf(inFolder('out'))).toEqual({ 'a.wav': 'mine' });
    await undoNewest(library);
    expect(contentsOf(inFolder('in'))).toEqual({ 'a.wav': 'mine' });
    expect(namesIn(inFolder('out'))).toEqual([]);
  });
});

describe.each(['copy', 'move'] as const)('an export that is killed while it goes to %s 50 files', (mode) => {
  it.each([3, 21])('goes on after the kill at file %i without doing anything twice', async (killAfter) => {
    const songIds = Array.from({ length: 50 }, (_, index) => {
      const path = inFolder('in', `${index}.wav`);
      const songId = makeSong(library, {
        path,
        title: `Title ${index % 10}`,
        content: bytesFor(path, 400_000 + index),
      });
      writeFileSync(inFolder('in', `${index}.json`), `{"seed":${index}}`);
      return songId;
    });
    const before = contentsOf(inFolder('in'));
    const out = inFolder('out');
    const child = new LibraryProcess(['export', library.file, out, mode, String(killAfter)]);
    await child.until(() => child.output.includes('standing still'));
    await child.kill();
    if (mode === 'copy') expect(namesIn(out).filter((name) => name.endsWith('.partial'))).toHaveLength(1);
    else moveNextFileOnly(library);

    const pattern = '{rank:03} {title} {name}';
    const report = await exportFiles(library, {
      entries: entriesOf(library, songIds),
      folder: out,
      mode,
      pattern,
    });
    expect(report).toMatchObject({ songCount: 50, failedSongCount: 0 });
    const expected = Object.fromEntries(
      Object.entries(before).map(([name, content]) => {
        const index = Number(name.split('.')[0]);
        return [`${String(index + 1).padStart(3, '0')} Title ${index % 10} ${name}`, content];
      }),
    );
    expect(contentsOf(out)).toEqual(expected);
    const outcomes = Map.groupBy(report.files, ({ outcome }) => outcome);
    expect(outcomes.get('already-there')?.length).toBeGreaterThanOrEqual(killAfter);
    expect(outcomes.get(mode === 'copy' ? 'copied' : 'moved')?.length).toBeGreaterThan(0);
    for (const songId of songIds) expect(library.files.ofSong(songId)).toHaveLength(1);

    if (mode === 'copy') {
      expect(contentsOf(inFolder('in'))).toEqual(before);
      return;
    }
    expect(namesIn(inFolder('in'))).toEqual([]);
    expect(library.history.list(10)).toMatchObject([{ label: 'Move 50 songs into out' }]);
    await undoNewest(library);
    expect(contentsOf(inFolder('in'))).toEqual(before);
    expect(namesIn(out)).toEqual([]);
    expect(await undoNewest(library)).toBeNull();
  });
});
