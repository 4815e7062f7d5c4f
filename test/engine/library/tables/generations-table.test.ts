/** How songs were made is kept in full, and an unchanged value writes nothing. */
import { describe, expect, it } from 'vitest';
import type { Library } from '../../../../src/engine/library/library.ts';
import type { Generation } from '../../../../src/shared/generation.ts';
import { useFreshFolder } from '../../../support/fresh-folder.ts';
import { fileWith, withLibrary } from '../../../support/library-samples.ts';

const inFolder = useFreshFolder();

const generation: Generation = {
  generator: 'ace-step-1.5',
  sourceFile: '/music/a.json',
  runKey: 'ace-step-1.5:0011',
  prompt: 'synthwave',
  lyrics: '[Verse]\nla',
  tempoBpm: 118.5,
  musicalKey: 'F# minor',
  timeSignature: '4/4',
  seed: '18446744073709551615',
  guidanceScale: 7,
  inferenceSteps: 8,
  model: 'turbo',
  generationSeconds: 61.25,
  raw: '{"caption":"synthwave"}',
};

/** A generation of which nothing is known but that there was one. */
const silent: Generation = {
  ...generation,
  ...{ runKey: null, prompt: null, lyrics: null, tempoBpm: null, musicalKey: null, timeSignature: null },
  ...{
    seed: null,
    guidanceScale: null,
    inferenceSteps: null,
    model: null,
    generationSeconds: null,
    raw: '{}',
  },
};

function withSong(use: (library: Library, songId: number) => void): void {
  withLibrary(inFolder('library.sqlite'), (library) => {
    use(library, library.files.record(fileWith('song', '/music/a.wav')).songId);
  });
}

describe('GenerationsTable', () => {
  it('gives back what was put, replaces it and forgets it', () => {
    withSong((library, songId) => {
      expect(library.generations.ofSong(songId)).toBeNull();
      expect(library.generations.put(songId, generation)).toBe(true);
      expect(library.generations.ofSong(songId)).toEqual(generation);
      expect(library.generations.put(songId, silent)).toBe(true);
      expect(library.generations.ofSong(songId)).toEqual(silent);
      expect(library.generations.delete(songId)).toBe(true);
      expect(library.generations.delete(songId)).toBe(false);
      expect(library.generations.ofSong(songId)).toBeNull();
    });
  });

  it('writes nothing where nothing changed', () => {
    withSong((library, songId) => {
      for (const value of [generation, silent]) {
        library.generations.put(songId, value);
        expect(library.generations.put(songId, { ...value })).toBe(false);
      }
    });
  });

  it('refuses a song that the library does not know', () => {
    withSong((library, songId) => {
      expect(() => library.generations.put(songId + 1, generation)).toThrow(
        expect.objectContaining({ code: 'library-failed' }) as Error,
      );
    });
  });
});
