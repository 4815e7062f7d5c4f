/** The commands of curating, as a person runs them: verdicts, undo, top, playlists, copies and the real trash. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { historyItemSchema } from '../../src/shared/history.ts';
import { selectedSongsSchema, type SelectedSongs } from '../../src/shared/song-selection.ts';
import { namesIn } from '../support/curate-library.ts';
import { makeSound } from '../support/make-audio.ts';
import { type BangerHome, type BangerRun, useBangerHomes } from '../support/run-banger.ts';

const makeHome = useBangerHomes();

/** A home with a scored folder of six songs, the first with a sidecar. */
async function makeScoredHome(): Promise<BangerHome> {
  const home = makeHome();
  mkdirSync(home.path('songs'));
  for (let index = 0; index < 6; index += 1) {
    const volume = 0.1 + index * 0.15;
    await makeSound(
      home.path('songs', `song ${index}.wav`),
      `sine=f=${200 + 150 * index}:d=2,volume=${volume}`,
    );
  }
  writeFileSync(home.path('songs', 'song 0.json'), '{"caption":"a drone"}');
  const run = await home.run(['score', 'songs', '--encoder', 'draft', '--head', 'draft', '--quiet']);
  if (run.exitCode !== 0) throw new Error(run.stderr);
  return home;
}

async function top(home: BangerHome, ...options: string[]): Promise<SelectedSongs> {
  const run = await home.run(['top', '--format', 'json', ...options]);
  if (run.stdout === '') throw new Error(run.stderr);
  return selectedSongsSchema.parse(JSON.parse(run.stdout));
}

async function runOk(home: BangerHome, ...commandArguments: string[]): Promise<BangerRun> {
  const run = await home.run(commandArguments);
  expect(run.exitCode, run.stderr).toBe(0);
  return run;
}

describe('curating', () => {
  let home: BangerHome;
  beforeAll(async () => {
    home = await makeScoredHome();
  });

  it('keeps, rejects, stars and notes by path or id, and takes it back', async () => {
    const { songs } = await top(home);
    const [first] = songs;
    await runOk(home, 'keep', 'songs/song 1.wav', String(first?.id));
    await runOk(home, 'star', '5', 'songs/song 1.wav');
    await runOk(home, 'note', 'for the album', 'songs/song 1.wav');
    const reject = await runOk(home, 'reject', 'songs/song 2.wav');
    expect(reject.stdout).toBe('Changed: 1 of 1.\n');
    expect((await top(home)).leftOut).toEqual([{ reason: 'rejected', count: 1 }]);
    expect((await top(home, '--with-rejected')).songs).toHaveLength(6);
    expect((await top(home, '--verdict', 'keep', '--stars', '5')).songs).toMatchObject([
      { path: home.path('songs', 'song 1.wav'), verdict: 'keep', stars: 5, hasNote: true },
    ]);

    const history = z.object({ items: z.array(historyItemSchema) });
    const listed = await runOk(home, 'history', '--format', 'json');
    expect(history.parse(JSON.parse(listed.stdout)).items.map(({ label }) => label)).toEqual([
      ...['Reject 1 song', 'Change the note of 1 song', 'Give 1 song 5 stars'],
      first?.path === home.path('songs', 'song 1.wav') ? 'Keep 1 song' : 'Keep 2 songs',
    ]);
    expect((await runOk(home, 'undo', '--count', '3')).stdout).toContain('Undone: Give 1 song 5 stars');
    expect((await runOk(home, 'redo')).stdout).toBe('Done again: Give 1 song 5 stars\n');
    await runOk(home, 'clear', 'songs/song 1.wav');
    expect((await top(home, '--stars', '5')).songs).toMatchObject([{ verdict: 'undecided', hasNote: false }]);
    await runOk(home, 'undo', '--count', '50');
    const nothing = await home.run(['undo']);
    expect(nothing).toMatchObject({ exitCode: 1, stderr: 'banger: There is nothing to undo.\n' });
  });

  it('refuses what it does not understand before anything happens', async () => {
    const wrong = [
      ['keep', 'songs/song 1.wav', 'unknown.wav'],
      ['star', '6', 'songs/song 1.wav'],
      ['keep'],
      ['top', '--export', 'best.txt'],
      ['top', '--move'],
      ['top', '--copy-to', 'out', '--pattern', '{titel}'],
      ['top', '--percent', '0x'],
      ['top', '-k', '3', '--percent', '3'],
      ['top', '--stars', '5..3'],
      ['top', '--encoder', 'mert-v1-330m'],
      ['top', '--saved', 'nothing'],
    ];
    for (const commandArguments of wrong) {
      const run = await home.run(commandArguments);
      expect(run.exitCode, commandArguments.join(' ')).toBe(
        commandArguments[0] === 'keep' && commandArguments[1] ? 1 : 2,
      );
    }
    const none = await home.run(['keep', 'songs/song 1.wav', '--library', 'none.sqlite']);
    expect(none).toMatchObject({ exitCode: 1 });
    expect(none.stderr).toContain('There is no library here yet.');
    expect(existsSync(home.path('none.sqlite'))).toBe(false);
    expect(existsSync(home.path('out'))).toBe(false);
    expect((await top(home, '--verdict', 'keep')).songs).toEqual([]);
  });

  it('exports the best as a playlist beside their copies, again without doing anything twice', async () => {
    const run = await runOk(
      home,
      'top',
      '-k',
      '3',
      '--export',
      'best/best.m3u8',
      '--copy-to',
      'best',
      '--pattern',
      '{rank:02} {name}',
    );
    expect(run.stdout).toContain('song');
    expect(run.stderr).toContain('Draft scores are a rough first order.');
    expect(run.stderr).toContain('3 beyond the number asked for');
    const { songs } = await top(home, '-k', '3');
    const names = songs.map(({ title }, index) => `0${index + 1} ${title}.wav`);
    const lines = readFileSync(home.path('best', 'best.m3u8'), 'utf8').split('\n');
    expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).toEqual(names);
    const before = namesIn(home.path('best'));
    expect(before.filter((name) => name.endsWith('.wav'))).toEqual(names);
    const again = await runOk(
      home,
      'top',
      '-k',
      '3',
      '--export',
      'best/best.m3u8',
      '--copy-to',
      'best',
      '--pattern',
      '{rank:02} {name}',
    );
    expect(again.stderr).toMatch(/Files in .*: \d already there\n/);
    expect(namesIn(home.path('best'))).toEqual(before);
  });

  it('moves songs and moves them back', async () => {
    const before = namesIn(home.path('songs'));
    await runOk(home, 'top', '-k', '2', '--copy-to', 'moved', '--move', '--pattern', '{rank} {name}');
    expect(namesIn(home.path('songs')).length).toBeLessThan(before.length);
    const { songs } = await top(home, '-k', '2');
    expect(songs.every(({ path }) => path?.startsWith(home.path('moved')) === true)).toBe(true);
    await runOk(home, 'undo');
    expect(namesIn(home.path('songs'))).toEqual(before);
    expect(namesIn(home.path('moved'))).toEqual([]);
  });
});

describe.runIf(process.platform === 'linux')('banger trash-rejects', () => {
  it('lists, asks, uses the real trash, leaves exports alone, and undo brings the files back', async () => {
    const home = await makeScoredHome();
    const before = namesIn(home.path('songs'));
    expect((await runOk(home, 'trash-rejects')).stdout).toBe('Rejected: 0 songs, 0 files, 0 bytes\n');
    await runOk(home, 'top', '--copy-to', 'songs/best', '--text', 'song', '--pattern', '{name}');
    await runOk(home, 'score', 'songs', '--encoder', 'draft', '--head', 'draft', '--quiet');
    await runOk(home, 'reject', 'songs/song 0.wav', 'songs/song 3.wav');

    const asked = await home.run(['trash-rejects']);
    expect(asked.exitCode).toBe(2);
    expect(asked.stderr).toContain('--yes');
    for (const name of ['song 0.wav', 'song 0.json', 'song 3.wav']) {
      expect(asked.stdout).toContain(`  ${home.path('songs', name)}\n`);
    }
    expect(asked.stdout).toContain(`${home.path('songs', 'best', 'song 0.wav')}  (made by an export)`);
    expect(namesIn(home.path('songs'))).toEqual([...before, 'best'].sort());

    await runOk(home, 'trash-rejects', '--yes');
    expect(namesIn(home.path('songs'))).toEqual([
      'best',
      'song 1.wav',
      'song 2.wav',
      'song 4.wav',
      'song 5.wav',
    ]);
    expect(namesIn(home.path('songs', 'best'))).toHaveLength(7);
    const trash = home.path('data', 'Trash');
    const notes = readdirSync(join(trash, 'info')).map((name) =>
      readFileSync(join(trash, 'info', name), 'utf8'),
    );
    expect(notes).toHaveLength(3);
    for (const note of notes) {
      expect(note).toMatch(
        /^\[Trash Info\]\nPath=\/.*song%20[03]\.(wav|json)\nDeletionDate=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/,
      );
    }
    expect(readdirSync(join(trash, 'files'))).toHaveLength(3);

    expect((await runOk(home, 'undo')).stdout).toContain('(3 of 3 files)');
    expect(namesIn(home.path('songs'))).toEqual([...before, 'best'].sort());
    expect(readdirSync(join(trash, 'files'))).toEqual([]);
    expect(readdirSync(join(trash, 'info'))).toEqual([]);
    expect((await runOk(home, 'trash-rejects', '--dry-run')).stdout).toContain(
      'Rejected: 2 songs, 3 files, ',
    );
    expect(await home.run(['redo'])).toMatchObject({ exitCode: 1, stdout: '' });
  });

  it('sets files aside where there is no trash', async () => {
    const home = await makeScoredHome();
    await runOk(home, 'reject', 'songs/song 0.wav');
    await runOk(home, 'trash-rejects', '--set-aside', '--yes');
    expect(namesIn(home.path('songs', '_rejected'))).toEqual(['song 0.json', 'song 0.wav']);
    await runOk(home, 'undo');
    expect(existsSync(home.path('songs', '_rejected'))).toBe(false);
    expect(existsSync(home.path('songs', 'song 0.json'))).toBe(true);
  });
});
