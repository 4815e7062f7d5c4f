/** Variations of one real song do not fill a diverse choice: real audio, really encoded, through the real command. */
import { mkdirSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { selectedSongsSchema } from '../../../src/shared/song-selection.ts';
import { ffmpeg } from '../../support/make-audio.ts';
import { hasRealSongs, realSongFolder } from '../../support/real-songs.ts';
import { useBangerHomes } from '../../support/run-banger.ts';

const makeHome = useBangerHomes();
const seconds = '35';
const original = join(realSongFolder, 'Coherence.ogg');

/** What a person or a generator makes of one song: other encodings, levels, equalisation, cuts, pitches, tempi. */
const edits: readonly (readonly [name: string, ...encode: string[]])[] = [
  ['copy.wav'],
  ['lossy.mp3', '-b:a', '128k'],
  ['quieter.wav', '-af', 'volume=-3dB'],
  ['limited.wav', '-af', 'volume=3dB,alimiter'],
  ['bass.wav', '-af', 'bass=g=4'],
  ['treble.wav', '-af', 'treble=g=3'],
  ['middle.wav', '-af', 'equalizer=f=1000:t=q:w=1:g=-4'],
  ['cut.wav', '-ss', '0.5'],
  ['cut-more.wav', '-ss', '2'],
  ['higher.wav', '-af', 'aresample=44100,asetrate=45390,aresample=44100'],
  ['lower.wav', '-af', 'aresample=44100,asetrate=42845,aresample=44100'],
  ['faster.wav', '-af', 'atempo=1.02'],
];

describe.runIf(hasRealSongs())('of twelve variations of one song among fifteen other songs', () => {
  it('the best one alone is in a diverse choice, and most of the choice without', async () => {
    const home = makeHome();
    mkdirSync(home.path('songs'));
    for (const name of readdirSync(realSongFolder).filter((file) => file.endsWith('.ogg'))) {
      await ffmpeg('-i', join(realSongFolder, name), '-t', seconds, '-c', 'copy', home.path('songs', name));
    }
    for (const [name, ...encode] of edits) {
      await ffmpeg('-i', original, '-t', seconds, ...encode, home.path('songs', `variation ${name}`));
    }
    const scored = await home.run(['score', home.path('songs'), '--encoder', 'draft', '--head', 'draft']);
    expect(scored.exitCode, scored.stderr).toBe(0);

    const variationsIn = async (...options: string[]): Promise<string[]> => {
      const { stdout, stderr } = await home.run(['top', '--format', 'json', ...options]);
      expect(stderr).toContain('Draft scores are a rough first order');
      const { songs } = selectedSongsSchema.parse(JSON.parse(stdout));
      return songs
        .map(({ path }) => basename(path ?? ''))
        .filter((name) => name.startsWith('variation ') || name === basename(original));
    };
    expect((await variationsIn('-k', '12')).length).toBeGreaterThan(4);
    expect(await variationsIn('-k', '12', '--diverse', '0.05')).toHaveLength(1);
  });
});
