/** Which files belong to a song, and which songs to a file. */
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { companionPaths, sidecarPaths, songsOfSidecar } from '../../../src/engine/metadata/sidecar-paths.ts';

const song = join('/music', 'batch_1', 'take 1.v2.wav');

describe('songsOfSidecar', () => {
  it('names the song again for every sidecar of it', () => {
    for (const path of sidecarPaths(song)) {
      const songs = songsOfSidecar(path);
      expect(songs).not.toBeNull();
      expect([null, 'take 1.v2']).toContain(songs?.stem);
      const folder = songs?.folder;
      expect(folder === dirname(song) || (songs?.reachesBelow === true && folder === '/music')).toBe(true);
    }
  });

  it('knows what is no sidecar', () => {
    expect(songsOfSidecar('/music/a.wav')).toBeNull();
    expect(songsOfSidecar('/music/a.json.part')).toBeNull();
  });
});

describe('companionPaths', () => {
  it('takes along what is the song’s alone', () => {
    const names = companionPaths(song).map((path) => basename(path));
    expect(names).toEqual(
      expect.arrayContaining([
        'take 1.v2.json',
        'take 1.v2.txt',
        'take 1.v2.lrc',
        'take 1.v2.jpg',
        'take 1.v2.png',
      ]),
    );
    expect(names).toEqual(expect.arrayContaining(['take 1.v2_input_params.json', 'take 1.v2.wav.json']));
    expect(names).not.toContain('params.json');
    expect(names).not.toContain('results.json');
    expect(new Set(names).size).toBe(names.length);
  });
});
