/** Files and songs: identity outlives every change of path, and what came of a file is remembered. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Library } from '../../../../src/engine/library/library.ts';
import { openLibrary } from '../../../../src/engine/library/open-library.ts';
import type { ErrorRecord } from '../../../../src/shared/errors.ts';
import { useFreshFolder } from '../../../support/fresh-folder.ts';
import { fileWith, identityOf, sampleProbe, stampOf, withLibrary } from '../../../support/library-samples.ts';

const inFolder = useFreshFolder();
const broken: ErrorRecord = { code: 'corrupt-audio', message: 'It breaks off.', nextStep: 'Make it again.' };

function withNewLibrary<T>(use: (library: Library) => T): T {
  return withLibrary(inFolder('library.sqlite'), use, { now: clock() });
}

const TWO_HOURS_MS = 7_200_000;

/** A clock that goes on by two hours each time it is read, so that no song counts as young. */
function clock(): () => number {
  let now = 1000;
  return () => (now += TWO_HOURS_MS);
}

describe('record', () => {
  it('gives a renamed, a moved and a copied file the song it had', () => {
    withNewLibrary((library) => {
      const first = library.files.record(fileWith('song', '/music/a.mp3'));
      expect(first.isNewSong).toBe(true);
      for (const path of ['/music/b.mp3', '/elsewhere/a.mp3', '/music/copy of a.mp3']) {
        const again = library.files.record(fileWith('song', path));
        expect(again).toMatchObject({ songId: first.songId, isNewSong: false });
      }
      expect(library.files.ofSong(first.songId)).toHaveLength(4);
      expect(library.stats()).toMatchObject({ songs: 1, files: 4 });
    });
  });

  it('gives a path whose content was replaced another song, and keeps the old one', () => {
    withNewLibrary((library) => {
      const before = library.files.record(fileWith('before', '/music/a.mp3'));
      const after = library.files.record(fileWith('after', '/music/a.mp3', { sizeBytes: 2000 }));
      expect(after).toEqual({ fileId: before.fileId, songId: before.songId + 1, isNewSong: true });
      expect(library.songs.byId(before.songId)).not.toBeNull();
      expect(library.files.ofSong(before.songId)).toEqual([]);
    });
  });

  it('takes over edited tags but keeps the measurements and a decoded length', () => {
    withNewLibrary((library) => {
      const { songId } = library.files.record(fileWith('song', '/music/a.mp3'));
      const loudness = { integratedLufs: -14.25, truePeakDbtp: null };
      const peaks = Uint8Array.of(1, 2, 255);
      library.songs.updateMeasurements(songId, { loudness, peaks, flags: ['clipped'], durationSeconds: 9.5 });
      const probe = { ...sampleProbe, durationSeconds: null, tags: { title: 'New', comment: 'edited' } };
      library.files.record({ ...fileWith('song', '/music/a.mp3'), probe });
      expect(library.songs.byId(songId)).toMatchObject({
        tags: probe.tags,
        durationSeconds: 9.5,
        loudness,
        flags: ['clipped'],
      });
      expect(library.songs.byId(songId)?.tags).toEqual(probe.tags);
      expect([...(library.songs.peaksOf(songId) ?? [])]).toEqual([...peaks]);
    });
  });

  it('keeps flags of a file’s name with the file', () => {
    withNewLibrary((library) => {
      library.files.record({ ...fileWith('song', '/music/a.mp3'), flags: ['wrong-extension'] });
      library.files.record(fileWith('song', '/music/a.wav'));
      expect(library.files.byPath('/music/a.mp3')?.file.flags).toEqual(['wrong-extension']);
      expect(library.files.byPath('/music/a.wav')).toMatchObject({
        file: { flags: [] },
        song: { flags: [] },
      });
    });
  });

  it('keeps paths exactly: composed or not, with newlines and rare characters', () => {
    withNewLibrary((library) => {
      const paths = ['/m/\u00e9.mp3', '/m/e\u0301.mp3', '/m/E\u0301.mp3', '/m/a\nb\t"\'%_.mp3', '/m/🎵𝄞.mp3'];
      for (const path of paths) library.files.record(fileWith(path, path));
      for (const path of paths) expect(library.files.byPath(path)?.file.path).toBe(path);
      expect(library.stats().songs).toBe(paths.length);
    });
  });

  it('refuses a name that is not text, and a path that is not absolute', () => {
    withNewLibrary((library) => {
      for (const path of ['/m/\ud834.mp3', '/m/a\0.mp3'])
        expect(() => library.files.record(fileWith('song', path))).toThrow(
          expect.objectContaining({ code: 'file-unreadable' }),
        );
      expect(() => library.files.record(fileWith('song', 'a.mp3'))).toThrow(
        expect.objectContaining({ code: 'internal' }),
      );
      expect(library.stats()).toMatchObject({ songs: 0, files: 0 });
    });
  });
});

describe('findUnchanged', () => {
  it('tells one nanosecond and one byte, whatever the date and the size', () => {
    withNewLibrary((library) => {
      const times = [0n, -5n, 1_700_000_000_123_456_789n, 2n ** 63n - 2n];
      const sizes = [0, 2 ** 31, 2 ** 40 + 1];
      for (const mtimeNs of times) {
        for (const sizeBytes of sizes) {
          const stamp = stampOf(`/m/${mtimeNs} ${sizeBytes}.mp3`, sizeBytes, mtimeNs);
          library.files.record({ stamp, identities: [identityOf('song')], probe: sampleProbe });
          expect(library.files.findUnchanged(stamp)?.file).toMatchObject(stamp);
          expect(library.files.findUnchanged({ ...stamp, mtimeNs: mtimeNs + 1n })).toBeNull();
          expect(library.files.findUnchanged({ ...stamp, sizeBytes: sizeBytes + 1 })).toBeNull();
        }
      }
    });
  });

  it('knows a file again whose date lies beyond what can be stored', () => {
    withNewLibrary((library) => {
      const file = fileWith('song', '/m/a.mp3', { mtimeNs: 2n ** 64n });
      library.files.record(file);
      expect(library.files.findUnchanged(file.stamp)).not.toBeNull();
    });
  });
});

describe('recordFailure', () => {
  it('remembers why, counts attempts on the same content, and starts anew when it changed', () => {
    withNewLibrary((library) => {
      const stamp = stampOf('/m/a.mp3');
      library.files.recordFailure(stamp, broken);
      library.files.recordFailure(stamp, broken);
      expect(library.files.findUnchanged(stamp)).toMatchObject({
        file: { failure: { error: { ...broken, file: stamp.path }, attempts: 2 } },
        song: null,
      });
      library.files.recordFailure({ ...stamp, sizeBytes: 5 }, broken);
      expect(library.files.byPath(stamp.path)?.file.failure?.attempts).toBe(1);
      library.files.record(fileWith('song', '/m/a.mp3'));
      expect(library.files.byPath(stamp.path)?.file.failure).toBeNull();
      expect(library.stats()).toMatchObject({ files: 1, failedFiles: 0 });
    });
  });

  it('keeps the song of a file that did not change, and lets go of it when it did', () => {
    withNewLibrary((library) => {
      const file = fileWith('song', '/m/a.mp3');
      const { songId } = library.files.record(file);
      library.files.recordFailure(file.stamp, { code: 'timed-out', message: 'Too slow.' });
      expect(library.files.byPath('/m/a.mp3')?.song?.id).toBe(songId);
      library.files.recordFailure({ ...file.stamp, mtimeNs: 7n }, broken);
      expect(library.files.byPath('/m/a.mp3')).toMatchObject({ song: null, file: { songId: null } });
    });
  });
});

describe('missing files', () => {
  it('are marked once, keep everything, and come back', () => {
    withNewLibrary((library) => {
      library.files.record(fileWith('song', '/m/a.mp3'));
      library.files.markMissing(['/m/a.mp3', '/m/never seen.mp3']);
      const since = library.files.byPath('/m/a.mp3')?.file.missingSinceMs;
      expect(since).toEqual(expect.any(Number));
      library.files.markMissing(['/m/a.mp3']);
      expect(library.files.byPath('/m/a.mp3')).toMatchObject({ file: { missingSinceMs: since }, song: {} });
      expect(library.stats()).toMatchObject({ files: 1, missingFiles: 1, songs: 1 });
      library.files.markSeen(['/m/a.mp3']);
      expect(library.files.byPath('/m/a.mp3')?.file.missingSinceMs).toBeNull();
    });
  });
});

describe('identities', () => {
  it('of several schemes lead to one song', () => {
    withNewLibrary((library) => {
      const { songId } = library.files.record(fileWith('song', '/m/a.mp3'));
      const newer = identityOf('song', 2);
      expect(library.songs.addIdentity(songId, newer)).toBe(songId);
      expect(library.songs.addIdentity(songId, newer)).toBe(songId);
      expect(library.songs.byIdentity(newer.hash)?.id).toBe(songId);
      expect(library.songs.identitiesOf(songId)).toEqual([newer, identityOf('song', 1)]);

      const newest = identityOf('song', 3);
      const file = { ...fileWith('', '/m/b.mp3'), identities: [newest, newer] as const };
      expect(library.files.record(file).songId).toBe(songId);
      expect(library.songs.byIdentity(newest.hash)?.id).toBe(songId);
    });
  });

  it('are never taken from another song', () => {
    withNewLibrary((library) => {
      const one = library.files.record(fileWith('one', '/m/1.mp3')).songId;
      const two = library.files.record(fileWith('two', '/m/2.mp3')).songId;
      expect(library.songs.addIdentity(two, identityOf('one'))).toBe(one);
      expect(library.songs.byIdentity(identityOf('one').hash)?.id).toBe(one);
    });
  });

  it('cannot be given to a song that is not there', () => {
    withNewLibrary((library) => {
      expect(() => library.songs.addIdentity(99, identityOf('one'))).toThrow(
        expect.objectContaining({ code: 'library-failed' }),
      );
      const measurements = {
        loudness: { integratedLufs: null, truePeakDbtp: null },
        peaks: new Uint8Array(),
        flags: [],
      };
      expect(() => {
        library.songs.updateMeasurements(99, measurements);
      }).toThrow(expect.objectContaining({ code: 'library-failed' }));
    });
  });
});

describe('any sequence of changes', () => {
  type Step =
    | { act: 'record' | 'fail'; path: number; content: number }
    | { act: 'rename' | 'copy'; path: number; to: number }
    | { act: 'lose'; path: number }
    | { act: 'reopen' };

  const slot = fc.integer({ min: 0, max: 4 });
  const steps = fc.array(
    fc.oneof<fc.Arbitrary<Step>[]>(
      fc.record({ act: fc.constantFrom('record' as const, 'fail' as const), path: slot, content: slot }),
      fc.record({ act: fc.constantFrom('rename' as const, 'copy' as const), path: slot, to: slot }),
      fc.record({ act: fc.constant('lose' as const), path: slot }),
      fc.constant({ act: 'reopen' as const }),
    ),
    { maxLength: 25 },
  );

  interface ModelFile {
    content: number;
    failed: boolean;
    hasSong: boolean;
    missing: boolean;
  }

  /** What the library should know, kept in maps. */
  class Model {
    readonly files = new Map<number, ModelFile>();
    readonly songs = new Set<number>();

    record(path: number, content: number): void {
      this.files.set(path, { content, failed: false, hasSong: true, missing: false });
      this.songs.add(content);
    }

    fail(path: number, content: number): void {
      const before = this.files.get(path);
      const hasSong = before?.content === content && before.hasSong;
      this.files.set(path, { content, failed: true, hasSong, missing: false });
    }
  }

  // The stamp follows from the content, so a file is unchanged when its content is.
  const pathOf = (path: number) => `/music/${path}.mp3`;
  const fileOf = (path: number, content: number) =>
    fileWith(String(content), pathOf(path), { sizeBytes: 100 + content });

  function perform(step: Exclude<Step, { act: 'reopen' }>, library: Library, model: Model): void {
    const lose = (path: number) => {
      library.files.markMissing([pathOf(path)]);
      const file = model.files.get(path);
      if (file !== undefined) file.missing = true;
    };
    switch (step.act) {
      case 'record':
        library.files.record(fileOf(step.path, step.content));
        model.record(step.path, step.content);
        break;
      case 'fail':
        library.files.recordFailure(fileOf(step.path, step.content).stamp, broken);
        model.fail(step.path, step.content);
        break;
      case 'rename':
      case 'copy': {
        const source = model.files.get(step.path);
        if (source === undefined || source.missing || !source.hasSong) break;
        const { content } = source;
        library.files.record(fileOf(step.to, content));
        model.record(step.to, content);
        if (step.act === 'rename' && step.to !== step.path) lose(step.path);
        break;
      }
      case 'lose':
        lose(step.path);
    }
  }

  function expectSame(library: Library, model: Model): void {
    const songIds = new Map<number, number>();
    for (const content of model.songs) {
      const song = library.songs.byIdentity(identityOf(String(content)).hash);
      if (song === null) throw new Error(`song ${content} was lost`);
      songIds.set(content, song.id);
    }
    expect(new Set(songIds.values()).size).toBe(model.songs.size);
    for (const [path, file] of model.files) {
      const known = library.files.findUnchanged(fileOf(path, file.content).stamp);
      expect({
        songId: known?.song?.id ?? null,
        failed: known?.file.failure !== null,
        missing: known?.file.missingSinceMs !== null,
      }).toEqual({
        songId: file.hasSong ? songIds.get(file.content) : null,
        failed: file.failed,
        missing: file.missing,
      });
    }
    const files = [...model.files.values()];
    expect(library.stats()).toMatchObject({
      songs: model.songs.size,
      files: files.length,
      missingFiles: files.filter(({ missing }) => missing).length,
      failedFiles: files.filter(({ failed }) => failed).length,
    });
  }

  it('leaves the library equal to a simple model of it', () => {
    let run = 0;
    fc.assert(
      fc.property(steps, (sequence) => {
        const file = inFolder(`${(run += 1)}.sqlite`);
        const model = new Model();
        const options = { now: clock() };
        let library = openLibrary(file, options);
        try {
          for (const step of sequence) {
            if (step.act === 'reopen') {
              library.close();
              library = openLibrary(file, options);
            } else perform(step, library, model);
            expectSame(library, model);
          }
        } finally {
          library.close();
        }
      }),
      { numRuns: 60 },
    );
  });
});
