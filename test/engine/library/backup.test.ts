/** Backups are whole and consistent while others write; restoring refuses what is not sound and keeps what was. */
import fs from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { findBackups } from '../../../src/engine/library/backup-files.ts';
import { openLibrary } from '../../../src/engine/library/open-library.ts';
import { restoreLibrary } from '../../../src/engine/library/restore-library.ts';
import { schemaVersion } from '../../../src/engine/library/schema-version.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { LibraryProcess } from '../../support/library-process.ts';
import { storeSong, withLibrary } from '../../support/library-samples.ts';

const inFolder = useFreshFolder();

function makeLibrary(name: string, songs: number): string {
  const file = inFolder(name);
  withLibrary(file, (library) => {
    for (let index = 0; index < songs; index += 1)
      storeSong(library, `song ${index}`, `/music/${index}.mp3`, index);
  });
  return file;
}

const songsIn = (file: string) => withLibrary(file, (library) => library.stats().songs);
const contentOf = (folder: string) =>
  Object.fromEntries(fs.readdirSync(folder).map((name) => [name, fs.readFileSync(path.join(folder, name))]));

describe('a backup', () => {
  it('made while another process writes is one moment of the library', async () => {
    const file = inFolder('library.sqlite');
    openLibrary(file).close();
    const writer = new LibraryProcess(['burst', file]);
    const written = () => writer.output.split('\n').length - 1;
    await writer.until(() => written() >= 30);
    const library = openLibrary(file);
    const before = written();
    const backup = await library.backUp({ file: inFolder('copies', 'copy.sqlite') });
    await writer.until(() => written() > before + 5);
    await writer.kill();
    library.close();
    expect(backup).toMatchObject({ file: inFolder('copies', 'copy.sqlite'), isAutomatic: false });
    expect(fs.readdirSync(inFolder('copies'))).toEqual(['copy.sqlite']);
    withLibrary(backup.file, (copy) => {
      expect(copy.findDamage()).toEqual([]);
      const { songs, files, embeddings, scores } = copy.stats();
      expect(songs).toBeGreaterThanOrEqual(before);
      expect([files, embeddings, scores]).toEqual([songs, songs, songs]);
      // Songs are written one after another, so a moment holds all up to one of them.
      for (let index = 0; index < songs; index += 1) {
        expect(copy.files.byPath(`/music/burst/${index}.mp3`)).not.toBeNull();
      }
    });
  });

  it('goes beside the library unless told, and is found there, the newest first', async () => {
    const file = makeLibrary('library.sqlite', 1);
    const library = openLibrary(file);
    const made: string[] = [];
    for (const nowMs of [1_000_000, 3_000_000, 2_000_000]) {
      made.push((await library.backUp({ now: () => nowMs })).file);
    }
    library.close();
    const [first = '', third = '', second = ''] = made;
    expect(findBackups(file).map((backup) => backup.file)).toEqual([third, second, first]);
    makeLibrary('library.sqlite2.backup-19700101T001640000Z.sqlite', 1);
    expect(findBackups(file)).toHaveLength(3);
  });

  it('never replaces a file', async () => {
    const file = makeLibrary('library.sqlite', 1);
    fs.writeFileSync(inFolder('mine.txt'), 'mine');
    const library = openLibrary(file);
    for (const target of [inFolder('mine.txt'), file]) {
      await expect(library.backUp({ file: target })).rejects.toMatchObject({ code: 'file-exists' });
    }
    library.close();
    expect(fs.readFileSync(inFolder('mine.txt'), 'utf8')).toBe('mine');
    expect(songsIn(file)).toBe(1);
  });

  it('that is cancelled leaves nothing behind', async () => {
    const library = openLibrary(makeLibrary('library.sqlite', 5));
    const signal = AbortSignal.abort();
    await expect(library.backUp({ file: inFolder('copies', 'x.sqlite'), signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
    library.close();
    expect(fs.readdirSync(inFolder('copies'))).toEqual([]);
  });

  it('of a damaged library is not kept', async () => {
    const file = makeLibrary('library.sqlite', 200);
    damageTable(file, 'scores');
    const library = openLibrary(file);
    await expect(library.backUp({ file: inFolder('copy.sqlite') })).rejects.toMatchObject({
      code: 'library-corrupt',
    });
    library.close();
    expect(fs.existsSync(inFolder('copy.sqlite'))).toBe(false);
  });
});

/** Overwrites the page in which a table begins. */
function damageTable(file: string, table: string): void {
  const database = new Database(file, { readonly: true });
  const page =
    database
      .prepare<[string], number>(`SELECT rootpage FROM sqlite_schema WHERE name = ?`)
      .pluck()
      .get(table) ?? 0;
  database.close();
  const bytes = fs.readFileSync(file);
  bytes.fill(0xa5, (page - 1) * 4096, page * 4096);
  fs.writeFileSync(file, bytes);
}

describe('before an upgrade', () => {
  const fixture = path.join(import.meta.dirname, '../../fixtures/library/schema-1.sql');

  function makeOldLibrary(): string {
    const file = inFolder('library.sqlite');
    const database = new Database(file);
    database.exec(fs.readFileSync(fixture, 'utf8'));
    database.close();
    return file;
  }

  it('a copy of the library as it was is put beside it, once', () => {
    const file = makeOldLibrary();
    openLibrary(file).close();
    openLibrary(file).close();
    const [backup, ...others] = findBackups(file);
    expect(others).toEqual([]);
    expect(backup).toMatchObject({ isAutomatic: true });
    const copy = new Database(backup?.file ?? '', { readonly: true });
    expect(copy.pragma('user_version', { simple: true })).toBe(1);
    expect(copy.prepare('SELECT count(*) FROM songs').pluck().get()).toBe(2);
    expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
    copy.close();
    restoreLibrary(file, backup?.file ?? '');
    expect(songsIn(file)).toBe(2);
  });

  it('only the last three of these are kept, and none that a person made is removed', () => {
    const names = [1, 2, 3, 4].map((day) => `library.auto-backup-2020010${day}T000000000Z.sqlite`);
    const mine = 'library.backup-20190101T000000000Z.sqlite';
    for (const name of [...names, mine]) fs.writeFileSync(inFolder(name), 'old');
    const file = makeOldLibrary();
    openLibrary(file).close();
    const kept = findBackups(file).map((backup) => path.basename(backup.file));
    expect(kept.slice(1)).toEqual([names[3], names[2], mine]);
    expect(kept[0]).toMatch(/^library\.auto-backup-/);
  });

  it('no copy, no upgrade', () => {
    const file = makeOldLibrary();
    const before = fs.readFileSync(file);
    // A copy needs this name for a moment, and a folder cannot be replaced by a file.
    const nowMs = Date.UTC(2026, 0, 1);
    fs.mkdirSync(inFolder(`library.auto-backup-20260101T000000000Z.sqlite.${process.pid}.partial`, 'x'), {
      recursive: true,
    });
    expect(() => openLibrary(file, { now: () => nowMs })).toThrow();
    expect(fs.readFileSync(file)).toEqual(before);
  });
});

describe('restoring', () => {
  it('puts the backup in place and keeps what was there', async () => {
    const file = makeLibrary('library.sqlite', 3);
    const library = openLibrary(file);
    const backup = await library.backUp();
    storeSong(library, 'later', '/music/later.mp3', 9);
    library.close();
    const { keptFile } = restoreLibrary(file, backup.file);
    expect(songsIn(file)).toBe(3);
    expect(songsIn(keptFile ?? '')).toBe(4);
    expect(fs.existsSync(backup.file)).toBe(true);
  });

  it('works where there is no library, and in place of a damaged one with its log', () => {
    const good = makeLibrary('good.sqlite', 2);
    expect(restoreLibrary(inFolder('new', 'library.sqlite'), good).keptFile).toBeNull();
    expect(songsIn(inFolder('new', 'library.sqlite'))).toBe(2);

    const damaged = inFolder('damaged', 'library.sqlite');
    fs.mkdirSync(path.dirname(damaged));
    fs.writeFileSync(damaged, 'SQLite format 3\0 and then nonsense'.padEnd(9000, 'x'));
    fs.writeFileSync(`${damaged}-wal`, 'a log');
    const { keptFile } = restoreLibrary(damaged, good);
    expect(songsIn(damaged)).toBe(2);
    expect(fs.readFileSync(`${keptFile ?? ''}-wal`, 'utf8')).toBe('a log');
    expect(fs.readFileSync(keptFile ?? '', 'utf8')).toContain('nonsense');
  });

  it.each([
    [
      'damaged',
      'library-corrupt',
      (file: string) => {
        makeLibrary(path.basename(file), 200);
        damageTable(file, 'songs');
      },
    ],
    [
      'cut off',
      'library-corrupt',
      (file: string) => {
        makeLibrary(path.basename(file), 200);
        fs.truncateSync(file, 40_000);
      },
    ],
    [
      'text',
      'library-corrupt',
      (file: string) => {
        fs.writeFileSync(file, 'hello '.repeat(1000));
      },
    ],
    [
      'of another program',
      'library-foreign',
      (file: string) => {
        new Database(file).exec('CREATE TABLE x (y)').close();
      },
    ],
    [
      'an empty database',
      'library-foreign',
      (file: string) => {
        new Database(file).exec('CREATE TABLE x (y); DROP TABLE x; VACUUM').close();
      },
    ],
    [
      'newer',
      'library-newer',
      (file: string) => {
        makeLibrary(path.basename(file), 1);
        new Database(file).exec(`PRAGMA user_version = ${schemaVersion + 1}`).close();
      },
    ],
    ['not there', 'file-missing', () => undefined],
    [
      'a folder',
      'library-failed',
      (file: string) => {
        fs.mkdirSync(file);
      },
    ],
  ])('refuses a backup that is %s, and changes nothing', (_, code, make) => {
    const file = makeLibrary('library.sqlite', 1);
    make(inFolder('backup.sqlite'));
    const isFolder =
      fs.statSync(inFolder('backup.sqlite'), { throwIfNoEntry: false })?.isDirectory() === true;
    const before = isFolder ? null : contentOf(inFolder());
    expect(() => restoreLibrary(file, inFolder('backup.sqlite'))).toThrow(expect.objectContaining({ code }));
    if (before !== null) expect(contentOf(inFolder())).toEqual(before);
    expect(songsIn(file)).toBe(1);
  });

  it('refuses while the library is in use', async () => {
    const file = makeLibrary('library.sqlite', 1);
    const library = openLibrary(file);
    const backup = await library.backUp();
    expect(() => restoreLibrary(file, backup.file)).toThrow(
      expect.objectContaining({ code: 'library-busy' }),
    );
    library.close();
    const writer = new LibraryProcess(['burst', file]);
    await writer.until(() => writer.output.length > 10);
    expect(() => restoreLibrary(file, backup.file)).toThrow(
      expect.objectContaining({ code: 'library-busy' }),
    );
    await writer.kill();
    expect(songsIn(file)).toBeGreaterThan(1);
    expect(restoreLibrary(file, backup.file).keptFile).not.toBeNull();
    expect(songsIn(file)).toBe(1);
  });
});

it('a damaged library is left as it is, and its newest backup offered', async () => {
  const file = makeLibrary('library.sqlite', 5);
  const library = openLibrary(file);
  const backup = await library.backUp();
  library.close();
  fs.writeFileSync(file, 'SQLite format 3\0 and then nonsense'.padEnd(9000, 'x'));
  const before = contentOf(inFolder());
  expect(() => openLibrary(file)).toThrow(
    expect.objectContaining({
      code: 'library-corrupt',
      nextStep: expect.stringContaining(backup.file) as string,
    }),
  );
  expect(contentOf(inFolder())).toEqual(before);
});
