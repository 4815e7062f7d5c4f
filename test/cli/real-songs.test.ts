/** Real music: a whole folder is ranked by the draft, and a second run does not open a single song. */
import { describe, expect, test } from 'vitest';
import { songPageSchema } from '../../src/shared/song-query.ts';
import { hasRealSongs, realSongCount, realSongFolder } from '../support/real-songs.ts';
import { makeWatchedFfmpeg, useBangerHomes } from '../support/run-banger.ts';

const makeHome = useBangerHomes();

describe.runIf(hasRealSongs())('a folder of real songs', () => {
  test('is ranked by the draft, and known from then on', async () => {
    const home = makeHome();
    const first = await home.score([realSongFolder]);
    expect(first.exitCode).toBe(0);
    expect(first.results).toHaveLength(realSongCount);
    for (const { draft, score, error, durationSeconds, loudnessLufs, cached } of first.results) {
      expect({ draft, error, cached }).toEqual({ draft: true, error: null, cached: false });
      expect(score).toBeGreaterThanOrEqual(0);
      expect(score).toBeLessThanOrEqual(10);
      expect(durationSeconds).toBeGreaterThan(30);
      expect(loudnessLufs).toBeGreaterThan(-40);
      expect(loudnessLufs).toBeLessThan(-5);
    }
    const scores = first.results.map(({ score }) => score ?? Number.NaN);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    // Songs are told apart: a scale on which all of them stood at one place would be none.
    expect(new Set(scores).size).toBe(realSongCount);
    expect((scores[0] ?? 0) - (scores.at(-1) ?? 0)).toBeGreaterThan(1);

    // What a computer's grid says of these songs; nobody wrote it down.
    const { rows } = songPageSchema.parse(
      JSON.parse((await home.run(['list', '--format', 'json', '--text', 'singularity'])).stdout),
    );
    const sounds = new Map(rows.map(({ title, tempoBpm, musicalKey }) => [title, { tempoBpm, musicalKey }]));
    expect(sounds.get('Media Threat')).toEqual({ tempoBpm: 100, musicalKey: 'C major' });
    expect(sounds.get('Deprecation')).toEqual({ tempoBpm: 130, musicalKey: 'Db major' });
    expect(sounds.get('A New Journey')).toEqual({ tempoBpm: 110, musicalKey: 'D minor' });
    expect(rows.filter(({ tempoBpm }) => tempoBpm !== null).length).toBeGreaterThan(realSongCount - 4);
    const again = await home.run(['library', 'analyze', '--format', 'json']);
    expect(again).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(again.stdout)).toEqual({ measured: 0, failed: 0, missing: 0, total: 0 });

    const watched = makeWatchedFfmpeg(home);
    const second = await home.score([realSongFolder], watched);
    expect(second.results).toEqual(first.results.map((result) => ({ ...result, cached: true })));
    expect(watched.songs()).toEqual([]);
  }, 180_000);
});
