/** `banger tag` writes real scores and stars, never a draft's, and takes them out again. */
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openLibrary } from '../../src/engine/library/open-library.ts';
import { readOwnTags } from '../../src/engine/metadata/write-tags.ts';
import { taggedFileSchema } from '../../src/shared/metadata-commands.ts';
import { ffmpeg } from '../support/make-audio.ts';
import { parityFolder } from '../support/parity.ts';
import { useBangerHomes, type BangerHome } from '../support/run-banger.ts';

const makeHome = useBangerHomes();
const encoder = join(parityFolder, 'encoders', 'tiny-330m-like');
const tiny = ['--encoder', encoder, '--head', join(encoder, 'head.pt')];

/** A home with two songs in the folder `songs`. */
async function homeWithSongs(): Promise<{ home: BangerHome; songs: string[] }> {
  const home = makeHome();
  mkdirSync(home.path('songs'));
  const waveforms = join(parityFolder, 'encoders', 'waveforms');
  copyFileSync(join(waveforms, 'w3.wav'), home.path('songs', 'a.wav'));
  await ffmpeg('-i', join(waveforms, 'w7p3.wav'), home.path('songs', 'b.flac'));
  return { home, songs: [home.path('songs', 'a.wav'), home.path('songs', 'b.flac')] };
}

function giveStars(home: BangerHome, path: string, stars: number): void {
  const library = openLibrary(home.libraryFile);
  const songId = library.files.byPath(path)?.song?.id ?? 0;
  library.verdicts.put(songId, { verdict: 'keep', stars, note: '', changedAtMs: 1 });
  library.close();
}

describe('banger tag', () => {
  test('writes score and stars, says so, and is understood again as the same songs', async () => {
    const { home, songs } = await homeWithSongs();
    const { results } = await home.score([home.path('songs'), ...tiny]);
    giveStars(home, songs[1] ?? '', 4);
    const scoreOf = (path: string) => results.find((result) => result.path === path)?.score?.toFixed(2);

    const run = await home.run(['tag', 'songs', '--format', 'json']);
    expect(run.exitCode).toBe(0);
    const files = z.array(taggedFileSchema).parse(JSON.parse(run.stdout));
    expect(files.map(({ path, isChanged, errors }) => ({ path, isChanged, errors }))).toEqual(
      songs.map((path) => ({ path, isChanged: true, errors: [] })),
    );
    expect(await readOwnTags(songs[0] ?? '')).toEqual({ BANGER_SCORE: scoreOf(songs[0] ?? '') });
    expect(await readOwnTags(songs[1] ?? '')).toEqual({
      BANGER_SCORE: scoreOf(songs[1] ?? ''),
      FMPS_Rating: '0.8',
    });

    const again = await home.score([home.path('songs'), ...tiny]);
    expect(again.results.map(({ score, cached }) => ({ score, cached }))).toEqual(
      results.map(({ score }) => ({ score, cached: true })),
    );

    const removed = await home.run(['tag', 'songs', '--remove']);
    expect(removed.exitCode).toBe(0);
    expect(removed.stdout).toContain('changed');
    for (const song of songs) expect(await readOwnTags(song)).toEqual({});
  });

  test('refuses draft scores but writes stars', async () => {
    const { home, songs } = await homeWithSongs();
    await home.score(['songs', '--encoder', 'draft']);
    giveStars(home, songs[0] ?? '', 5);
    const before = readFileSync(songs[1] ?? '');
    const run = await home.run(['tag', 'songs']);
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain('Draft scores are not written into tags');
    expect(await readOwnTags(songs[0] ?? '')).toEqual({ FMPS_Rating: '1.0' });
    expect(readFileSync(songs[1] ?? '').equals(before)).toBe(true);
    expect((await home.run(['tag', songs[0] ?? '', '--only', 'stars'])).exitCode).toBe(0);
  });

  test('names songs that the library does not know', async () => {
    const { home, songs } = await homeWithSongs();
    await home.score([songs[0] ?? '', ...tiny]);
    const run = await home.run(['tag', ...songs]);
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toContain('The library does not know this song.');
    expect(run.stderr).toContain(songs[1]);
  });
});
