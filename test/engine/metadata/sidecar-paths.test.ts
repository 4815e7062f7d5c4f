/** Which files belong to a song, and which songs to a file. */
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sidecarPaths, songsOfSidecar } from '../../../src/engine/metadata/sidecar-paths.ts';

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
