/** A library of every schema version that was ever released opens in this one and keeps everything. */
import fs from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { migrate, migrations } from '../../../src/engine/library/migrate.ts';
import { openLibrary } from '../../../src/engine/library/open-library.ts';
import { schemaVersion } from '../../../src/engine/library/schema-version.ts';
import { Connection } from '../../../src/engine/library/sqlite-connection.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import {
  identityOf,
  modelNamed,
  spaceOf,
  stampOf,
  vectorFor,
  withLibrary,
} from '../../support/library-samples.ts';

const inFolder = useFreshFolder();
const versions = Array.from({ length: schemaVersion }, (_, index) => index + 1);

/** A library as that version of the product left it. */
function makeLibraryOfVersion(version: number): string {
  const fixture = path.join(import.meta.dirname, `../../fixtures/library/schema-${version}.sql`);
  const file = inFolder('library.sqlite');
  const database = new Database(file);
  database.exec(fs.readFileSync(fixture, 'utf8'));
  database.close();
  return file;
}

/** All tables and indexes with the SQL that made them. */
function schemaOf(file: string): unknown[] {
  const database = new Database(file, { readonly: true });
  try {
    return database.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').all();
  } finally {
    database.close();
  }
}

it('has one migration for each version', () => {
  expect(migrations).toHaveLength(schemaVersion);
});

describe.each(versions)('a library of schema version %i', (version) => {
  it('opens and keeps everything', () => {
    withLibrary(makeLibraryOfVersion(version), (library) => {
      expect(library.findDamage()).toEqual([]);
      expect(library.stats()).toMatchObject({
        songs: 2,
        files: 4,
        missingFiles: 1,
        failedFiles: 1,
        embeddings: 2,
        scores: 2,
      });
      const known = library.files.findUnchanged(stampOf('/music/night/song one.mp3'));
      expect(known).toMatchObject({
        file: { flags: [], failure: null, missingSinceMs: null },
        song: {
          durationSeconds: 123.456,
          tags: { title: 'Ein Lied', artist: 'Ж', genre: 'ambient' },
          loudness: { integratedLufs: -13.5, truePeakDbtp: -0.25 },
          flags: ['clipped'],
        },
      });
      const songId = known?.song?.id ?? 0;
      expect(library.songs.identitiesOf(songId)).toEqual(
        [2, 1].map((scheme) => identityOf('night song', scheme)),
      );
      expect([...(library.songs.peaksOf(songId) ?? [])]).toEqual([0, 127, 255]);
      expect(library.files.byPath("/music/it's a copy.wav")).toMatchObject({
        file: { songId, sizeBytes: 4242, flags: ['wrong-extension'] },
      });
      expect(library.files.byPath('/music/broken.mp3')?.file.failure).toMatchObject({
        error: { code: 'corrupt-audio', nextStep: 'Make it again.', details: 'stderr' },
        attempts: 1,
      });
      const encoder = library.encoders.bySha256(modelNamed('encoder').sha256);
      const head = library.heads.bySha256(modelNamed('head').sha256);
      const key = { ...spaceOf(encoder?.id ?? 0), songId };
      expect(library.embeddings.get(key)).toMatchObject({ vector: vectorFor(7.25), provider: 'cpu' });
      expect(library.scores.get(key, head?.id ?? 0)).toEqual({
        rawScore: 7.25,
        score: 7.25,
      });
    });
  });

  it('is listed, found and grouped', () => {
    withLibrary(makeLibraryOfVersion(version), (library) => {
      const shown = { missing: 'shown' as const };
      expect(library.lists.count(shown)).toBe(2);
      expect(library.lists.count({ ...shown, text: 'ZWEI' })).toBe(1);
      expect(library.lists.count({ ...shown, text: '♫ flac' })).toBe(1);
      expect(library.lists.within(shown, library.rankings.findDefault())).toMatchObject({
        total: 2,
        scoredTotal: 2,
      });
      expect(library.batches.list().reduce((sum, { songCount }) => sum + songCount, 0)).toBe(2);
      expect([library.care.countOutdated(), library.care.countUngrouped()]).toEqual([0, 0]);
    });
  });

  it('ends with the same schema as a new one', () => {
    const file = makeLibraryOfVersion(version);
    openLibrary(file).close();
    openLibrary(inFolder('new.sqlite')).close();
    expect(schemaOf(file)).toEqual(schemaOf(inFolder('new.sqlite')));
  });
});

it('a migration that fails leaves the file as it was', () => {
  const file = inFolder('library.sqlite');
  fs.writeFileSync(file, '');
  const connection = new Connection(file, { readOnly: false, busyTimeoutMs: 100 });
  connection.pragma('max_page_count = 10');
  expect(() => {
    migrate(connection);
  }).toThrow(expect.objectContaining({ code: 'disk-full' }));
  connection.close();
  expect(fs.readFileSync(file)).toEqual(Buffer.alloc(0));
  openLibrary(file).close();
});
