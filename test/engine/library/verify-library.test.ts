/** A check finds what differs between library, disk and itself, and repairs only what loses nothing, only when told. */
import fs from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { Library } from '../../../src/engine/library/library.ts';
import { verifyLibrary } from '../../../src/engine/library/verify-library.ts';
import { openLibrary } from '../../../src/engine/library/open-library.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { sampleProbe, storeSong, withLibrary } from '../../support/library-samples.ts';

const inFolder = useFreshFolder();

async function withVerified<Value>(use: (library: Library) => Promise<Value>): Promise<Value> {
  const library = openLibrary(inFolder('library.sqlite'));
  try {
    return await use(library);
  } finally {
    library.close();
  }
}

/** A file on disk with its song in the library. */
function addFile(library: Library, name: string): string {
  const file = inFolder(...name.split('/'));
  fs.mkdirSync(inFolder(...name.split('/').slice(0, -1)), { recursive: true });
  fs.writeFileSync(file, name);
  const { size, mtimeNs } = fs.statSync(file, { bigint: true });
  storeSong(library, name, file, 1);
  const known = library.files.byPath(file);
  library.files.record({
    stamp: { path: file, sizeBytes: Number(size), mtimeNs },
    identities: [library.songs.identitiesOf(known?.song?.id ?? 0)[0] ?? { scheme: 1, hash: name }],
    probe: sampleProbe,
  });
  return file;
}

/** Changes the database behind the library's back. */
function tamper(sql: string): void {
  const database = new Database(inFolder('library.sqlite'));
  database.pragma('foreign_keys = OFF');
  database.exec(sql);
  database.close();
}

describe('files', () => {
  it('that vanished, returned, changed or lie on a drive that is away are told apart', async () => {
    await withVerified(async (library) => {
      const [gone = '', back = '', changed = '', away = ''] = [
        'm/gone',
        'm/back',
        'm/changed',
        'drive/away',
      ].map((name) => addFile(library, name));
      addFile(library, 'm/same');
      library.watchedFolders.put(inFolder('drive'), []);
      fs.rmSync(gone);
      library.files.markMissing([back]);
      fs.appendFileSync(changed, 'more');
      fs.renameSync(inFolder('drive'), inFolder('unplugged'));

      const found = await verifyLibrary(library);
      const expected = [
        { kind: 'vanished', count: 1, examples: [gone], isRepairable: true },
        { kind: 'returned', count: 1, examples: [back], isRepairable: true },
        { kind: 'changed', count: 1, examples: [changed], isRepairable: false },
        { kind: 'unreachable', count: 1, examples: [away], isRepairable: false },
      ];
      expect(found).toEqual({
        filesChecked: 5,
        findings: expected.map((finding) => ({ ...finding, isRepaired: false })),
      });
      expect(library.files.byPath(gone)?.file.missingSinceMs).toBeNull();

      const repaired = await verifyLibrary(library, { repairs: true });
      expect(repaired.findings).toEqual(
        expected.map((finding) => ({ ...finding, isRepaired: finding.isRepairable })),
      );
      expect(library.files.byPath(gone)?.file.missingSinceMs).not.toBeNull();
      expect(library.files.byPath(back)?.file.missingSinceMs).toBeNull();
      expect(library.files.byPath(away)?.file.missingSinceMs).toBeNull();
      const left = await verifyLibrary(library);
      expect(left.findings.map(({ kind }) => kind)).toEqual(['changed', 'unreachable']);
    });
  });

  it('are looked through until cancelled', async () => {
    await withVerified(async (library) => {
      addFile(library, 'a');
      const signal = AbortSignal.abort();
      await expect(verifyLibrary(library, { signal })).rejects.toMatchObject({ code: 'cancelled' });
    });
  });
});

describe('the library itself', () => {
  it('is sound after every kind of ordinary work', async () => {
    await withVerified(async (library) => {
      addFile(library, 'a');
      expect(await verifyLibrary(library)).toEqual({ filesChecked: 1, findings: [] });
    });
  });

  it('has its lists, search and batches made anew', async () => {
    await withVerified((library) => {
      for (const name of ['neon', 'rain']) addFile(library, name);
      return Promise.resolve();
    });
    tamper(`
      DROP TRIGGER song_texts_updated;
      UPDATE song_list SET stars = 5, title = 'wrong' WHERE song_id = 1;
      DELETE FROM song_list WHERE song_id = 2;
      UPDATE song_texts SET text = 'something else' WHERE song_id = 1;
      DELETE FROM batch_songs WHERE song_id = 2;
      INSERT INTO song_search (song_search) VALUES ('delete-all');
    `);
    await withVerified(async (library) => {
      const found = await verifyLibrary(library);
      expect(found.findings.map(({ kind }) => kind)).toEqual(['list-outdated', 'ungrouped']);
      expect(found.findings.every(({ isRepairable, isRepaired }) => isRepairable && !isRepaired)).toBe(true);
      await verifyLibrary(library, { repairs: true });
      expect((await verifyLibrary(library)).findings).toEqual([]);
      expect(library.lists.count({ text: 'neon' })).toBe(1);
      expect(library.lists.count({ text: 'something' })).toBe(0);
      expect(library.batches.list().map(({ songCount }) => songCount)).toEqual([1, 1]);
    });
  });

  it('loses what was computed for songs that are gone, never what a person said', async () => {
    await withVerified((library) => {
      for (const name of ['a', 'b']) {
        const path = addFile(library, name);
        const songId = library.files.byPath(path)?.song?.id ?? 0;
        library.verdicts.put(songId, { verdict: 'keep', stars: 5, note: 'mine', changedAtMs: 1 });
      }
      return Promise.resolve();
    });
    tamper('DELETE FROM songs WHERE id = 1');
    await withVerified(async (library) => {
      const [found] = (await verifyLibrary(library)).findings;
      expect(found).toMatchObject({ kind: 'dangling', isRepairable: true, isRepaired: false });
      const [repaired] = (await verifyLibrary(library, { repairs: true })).findings;
      // The verdict is left, so not all is repaired.
      expect(repaired).toMatchObject({ kind: 'dangling', isRepaired: false });
      expect(library.care.findDangling()).toEqual([{ table: 'verdicts', rowId: 1 }]);
      expect(library.verdicts.get(1)).toMatchObject({ note: 'mine' });
      expect(library.files.byPath(inFolder('a'))).toMatchObject({ song: null });
      expect(library.stats()).toMatchObject({ songs: 1, embeddings: 1, scores: 1 });
      expect(library.files.byPath(inFolder('b'))?.song).not.toBeNull();
    });
  });

  it('is not written to when it is damaged', async () => {
    const file = inFolder('library.sqlite');
    withLibrary(file, (library) => {
      for (let index = 0; index < 200; index += 1)
        storeSong(library, `${index}`, `/music/${index}.mp3`, index);
    });
    const database = new Database(file, { readonly: true });
    const page =
      database
        .prepare<[], number>(`SELECT rootpage FROM sqlite_schema WHERE name = 'identities'`)
        .pluck()
        .get() ?? 0;
    database.close();
    const bytes = fs.readFileSync(file);
    bytes.fill(0xa5, (page - 1) * 4096, page * 4096);
    fs.writeFileSync(file, bytes);
    await withVerified(async (library) => {
      const { findings } = await verifyLibrary(library, { repairs: true });
      expect(findings).toMatchObject([{ kind: 'damaged', isRepairable: false, isRepaired: false }]);
    });
    expect(fs.readFileSync(file)).toEqual(bytes);
  });
});
