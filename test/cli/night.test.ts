/** A night’s work on real songs: watch two folders, choose the best ten, and have a real player read the playlist. */
import { mkdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { hasProgram } from '../support/installed-program.ts';
import { playedBy } from '../support/music-player.ts';
import {
  hasRealSongs,
  realMp3Count,
  realMp3Folder,
  realSongCount,
  realSongFolder,
} from '../support/real-songs.ts';
import { useBangerHomes } from '../support/run-banger.ts';

const newHome = useBangerHomes();
const listSchema = z.object({ rows: z.array(z.object({ path: z.string() })) });

describe.runIf(hasRealSongs() && hasProgram('mpv', '--version', 'Debian: apt-get install mpv'))(
  'real songs',
  () => {
    test('are all scored, and the best ten are what the player plays', async () => {
      const home = newHome();
      const watched = await home.run([
        'watch',
        realSongFolder,
        realMp3Folder,
        '--once',
        '--settle',
        '0.2',
        '--quiet',
      ]);
      expect(watched.exitCode).toBe(0);
      expect(watched.stdout.trim().split('\n')).toHaveLength(realSongCount + realMp3Count);

      const list = await home.run(['list', '--limit', '10', '--format', 'json', '--quiet']);
      const best = listSchema.parse(JSON.parse(list.stdout)).rows.map(({ path }) => path);
      expect(best).toHaveLength(10);
      for (const format of ['m3u8', 'pls']) {
        const playlist = home.path(`best.${format}`);
        const exported = await home.run(['top', '-k', '10', '--export', playlist]);
        expect(exported.exitCode).toBe(0);
        mkdirSync(home.path(format));
        expect(await playedBy(playlist, home.path(format))).toEqual(best);
      }
    });
  },
);
