/** Opening a library: what is created, what is refused and left alone, and what a person is told. */
import fs from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { Library } from '../../../src/engine/library/library.ts';
import { openLibrary } from '../../../src/engine/library/open-library.ts';
import { libraryApplicationId, schemaVersion } from '../../../src/engine/library/schema-version.ts';
import { Connection } from '../../../src/engine/library/sqlite-connection.ts';
import { fileWith, sampleProbe, stampOf, storeSong, withLibrary } from '../../support/library-samples.ts';
import { LibraryProcess } from '../../support/library-process.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';

const inFolder = useFreshFolder();

/** Every file in a folder with its bytes. */
function contentsOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    fs.readdirSync(folder).map((name) => [name, fs.readFileSync(path.join(folder, name)).toString('base64')]),
  );
}

function journalModeOf(file: string): unknown {
  const database = new Database(file, { readonly: true });
  try {
    return database.pragma('journal_mode', { simple: true });
  } finally {
    database.close();
  }
}

/** A library with some songs, closed, as one file. */
function makeLibrary(songs = 3): string {
  const file = inFolder('library.sqlite');
  withLibrary(file, (library) => {
    for (let index = 0; index < songs; index += 1)
      storeSong(library, `song ${index}`, `/music/${index}.mp3`, index);
  });
  return file;
}

describe('a new library', () => {
  it('is created with its folders and keeps everything until the next opening', () => {
    const file = inFolder('deep', 'er', 'library.sqlite');
    const songId = withLibrary(file, (library) => storeSong(library, 'song', '/music/a.mp3', 3));
    withLibrary(file, (library) => {
      expect(library.notices).toEqual([]);
      expect(library.stats()).toMatchObject({ songs: 1, files: 1, embeddings: 1, scores: 1 });
      expect(library.files.findUnchanged(stampOf('/music/a.mp3'))?.song).toMatchObject({
        id: songId,
        ...sampleProbe,
      });
      expect(library.findDamage()).toEqual([]);
    });
    expect(fs.readdirSync(path.dirname(file))).toEqual(['library.sqlite']);
  });

  it('is marked as ours, with its version, and uses the write-ahead log', () => {
    const file = makeLibrary();
    const database = new Database(file, { readonly: true });
    expect(database.pragma('application_id', { simple: true })).toBe(libraryApplicationId);
    expect(database.pragma('user_version', { simple: true })).toBe(schemaVersion);
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
    database.close();
  });

  it('takes an empty file for a new library', () => {
    fs.writeFileSync(inFolder('empty.sqlite'), '');
    withLibrary(inFolder('empty.sqlite'), (library) => {
      expect(library.stats().songs).toBe(0);
    });
  });

  it('may be closed more than once, and says so when it is used afterwards', () => {
    const library = openLibrary(makeLibrary());
    library.close();
    library.close();
    expect(() => library.stats()).toThrow(expect.objectContaining({ code: 'library-failed' }));
  });
});

describe('what is refused stays as it is', () => {
  it.each([
    ['closed', 'delete'],
    ['with its log still beside it', 'wal'],
  ])('a database of a newer version, %s', (_, journalMode) => {
    const file = makeLibrary();
    const database = new Database(file);
    database.pragma(`journal_mode = ${journalMode}`);
    database.pragma(`user_version = ${schemaVersion + 1}`);
    if (journalMode === 'delete') database.close();
    const copy = inFolder('copy');
    // A copy made while the database is open has its log, as after a crash.
    const contents = fs.readdirSync(inFolder());
    fs.mkdirSync(copy);
    for (const name of contents) fs.copyFileSync(inFolder(name), path.join(copy, name));
    if (journalMode === 'wal') database.close();

    const copiedFile = path.join(copy, 'library.sqlite');
    // The index of the log is shared memory; it says nothing about the data and comes and goes.
    const durable = (files: Record<string, string>) =>
      Object.entries(files).filter(([name]) => !name.endsWith('-shm'));
    const before = durable(contentsOf(copy));
    expect(before.length).toBe(journalMode === 'wal' ? 2 : 1);
    for (const readOnly of [false, true])
      expect(() => openLibrary(copiedFile, { readOnly })).toThrow(
        expect.objectContaining({ code: 'library-newer' }),
      );
    expect(durable(contentsOf(copy))).toEqual(before);
  });

  it.each(['delete', 'wal'])('a database of another program in %s mode', (journalMode) => {
    const file = inFolder('other.sqlite');
    const database = new Database(file);
    database.pragma(`journal_mode = ${journalMode}`);
    database.exec('CREATE TABLE songs (id INTEGER PRIMARY KEY, secret TEXT)');
    database.pragma(`user_version = ${schemaVersion}`);
    database.close();
    const before = contentsOf(inFolder());
    expect(() => openLibrary(file)).toThrow(expect.objectContaining({ code: 'library-foreign' }));
    expect(contentsOf(inFolder())).toEqual(before);
  });

  it('a library whose version is not one', () => {
    const file = makeLibrary();
    const database = new Database(file);
    database.pragma('user_version = 0');
    database.close();
    const before = contentsOf(inFolder());
    expect(() => openLibrary(file)).toThrow(expect.objectContaining({ code: 'library-corrupt' }));
    expect(contentsOf(inFolder())).toEqual(before);
  });

  it.each<[string, (bytes: Buffer) => Buffer]>([
    ['a flipped bit in the signature', (bytes) => flipBit(bytes, 3)],
    ['a flipped bit in the page size', (bytes) => flipBit(bytes, 17)],
    [
      'a wiped first page',
      (bytes) => Buffer.concat([bytes.subarray(0, 100), bytes.subarray(100).fill(0xff)]),
    ],
    ['everything after the first page cut off', (bytes) => bytes.subarray(0, 4096)],
    ['half of it cut off', (bytes) => bytes.subarray(0, Math.floor(bytes.length / 2))],
    ['no more than a piece of the header', (bytes) => bytes.subarray(0, 60)],
    ['a text instead', () => Buffer.from('These are not the songs you are looking for.\n'.repeat(200))],
  ])('a damaged library: %s', (_, damage) => {
    const file = makeLibrary();
    fs.writeFileSync(file, damage(fs.readFileSync(file)));
    const before = contentsOf(inFolder());
    expect(() => openLibrary(file)).toThrow(expect.objectContaining({ code: 'library-corrupt', file }));
    expect(contentsOf(inFolder())).toEqual(before);
  });

  it('an emptied database whose log is still there', () => {
    const file = makeLibrary();
    fs.writeFileSync(file, '');
    fs.writeFileSync(`${file}-wal`, 'what is left');
    const before = contentsOf(inFolder());
    expect(() => openLibrary(file)).toThrow(expect.objectContaining({ code: 'library-corrupt' }));
    expect(contentsOf(inFolder())).toEqual(before);
  });

  it('damage deep inside, which is met only on use', () => {
    const file = makeLibrary(200);
    const database = new Database(file, { readonly: true });
    const page = database
      .prepare(`SELECT rootpage FROM sqlite_schema WHERE name = 'identities'`)
      .pluck()
      .get();
    database.close();
    const bytes = fs.readFileSync(file);
    bytes.fill(0xa5, (Number(page) - 1) * 4096, Number(page) * 4096);
    fs.writeFileSync(file, bytes);
    withLibrary(file, (library) => {
      expect(library.findDamage()).not.toEqual([]);
    });
  });

  it('a folder, and a path through a file', () => {
    fs.mkdirSync(inFolder('folder.sqlite'));
    fs.writeFileSync(inFolder('file'), 'x');
    for (const file of [inFolder('folder.sqlite'), inFolder('file', 'library.sqlite')])
      expect(() => openLibrary(file)).toThrow(expect.objectContaining({ code: 'library-failed', file }));
  });

  it('a name that SQLite would cut', () => {
    expect(() => openLibrary('')).toThrow(expect.objectContaining({ code: 'usage' }));
    expect(() => openLibrary(inFolder('library '))).toThrow(expect.objectContaining({ code: 'usage' }));
    expect(fs.readdirSync(inFolder())).toEqual([]);
  });
});

describe('reading only', () => {
  it('reads, beside a writer too, and refuses to write', () => {
    const file = makeLibrary();
    withLibrary(file, (writer) => {
      withLibrary(
        file,
        (reader) => {
          storeSong(writer, 'one more', '/music/more.mp3', 5);
          expect(reader.stats().songs).toBe(4);
          expect(() => {
            reader.files.markSeen(['/music/0.mp3']);
          }).toThrow(expect.objectContaining({ code: 'library-read-only' }));
        },
        { readOnly: true },
      );
    });
  });

  it('creates nothing', () => {
    expect(() => openLibrary(inFolder('none', 'library.sqlite'), { readOnly: true })).toThrow(
      expect.objectContaining({ code: 'file-missing' }),
    );
    expect(fs.readdirSync(inFolder())).toEqual([]);
  });

  it.runIf(process.platform !== 'win32').each([
    ['file', 0o444, 0o777],
    ['folder', 0o666, 0o555],
  ])('a write-protected %s is named as the reason', async (_, fileMode, folderMode) => {
    const file = makeLibrary();
    fs.chmodSync(file, fileMode);
    fs.chmodSync(inFolder(), folderMode);
    const child = new LibraryProcess(['open', file], { unprivileged: true });
    expect(await child.message()).toMatchObject({ code: 'library-read-only', file });
    await child.exited();
    fs.chmodSync(inFolder(), 0o700);
  });
});

describe('a network drive', () => {
  it('is kept without a write-ahead log, and the person is told', () => {
    const file = inFolder('library.sqlite');
    const isNetworkDrive = (folder: string) => folder === inFolder();
    withLibrary(
      file,
      (library) => {
        storeSong(library, 'song', '/music/a.mp3', 1);
        expect(library.notices).toEqual([expect.stringContaining('network drive')]);
        expect(fs.existsSync(`${file}-wal`)).toBe(false);
      },
      { isNetworkDrive },
    );
    expect(journalModeOf(file)).toBe('delete');
  });

  it('changes the journal of a library that was moved there, and back', () => {
    const file = makeLibrary();
    openLibrary(file, { isNetworkDrive: () => true }).close();
    expect(journalModeOf(file)).toBe('delete');
    withLibrary(file, (library) => {
      expect(library.notices).toEqual([]);
      expect(library.stats().songs).toBe(3);
    });
    expect(journalModeOf(file)).toBe('wal');
  });
});

describe('a full disk', () => {
  it('is reported, loses nothing that was stored, and needs no restart once there is room', () => {
    const file = makeLibrary();
    // SQLite's own limit stands for the disk's; it belongs to the connection, so this test builds on its own one.
    const connection = new Connection(file, { readOnly: false, busyTimeoutMs: 1000 });
    const library = new Library(connection, [], Date.now);
    let stored = 3;
    try {
      connection.pragma('max_page_count = 60');
      expect(() => {
        for (; stored < 10_000; stored += 1)
          storeSong(library, `song ${stored}`, `/music/${stored}.mp3`, stored);
      }).toThrow(expect.objectContaining({ code: 'disk-full', file }));
      expect(library.stats()).toMatchObject({ songs: stored, embeddings: stored, scores: stored });
      connection.pragma('max_page_count = 10000');
      storeSong(library, 'the rest', '/music/rest.mp3', 1);
      expect(library.stats().songs).toBe(stored + 1);
      expect(library.findDamage()).toEqual([]);
    } finally {
      library.close();
    }
  });
});

describe('transactions', () => {
  it('store all or nothing, nested ones too', () => {
    withLibrary(inFolder('library.sqlite'), (library) => {
      expect(() =>
        library.transaction(() => {
          library.files.record(fileWith('a', '/music/a.mp3'));
          library.transaction(() => library.files.record(fileWith('b', '/music/b.mp3')));
          throw new Error('stop');
        }),
      ).toThrow('stop');
      expect(library.stats().files).toBe(0);
    });
  });
});

function flipBit(bytes: Buffer, offset: number): Buffer {
  const flipped = Buffer.from(bytes);
  flipped.writeUInt8(flipped.readUInt8(offset) ^ 0x04, offset);
  return flipped;
}
