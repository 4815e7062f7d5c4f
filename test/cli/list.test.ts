/** `banger list` and `banger library` on the real command, with a library that was made beforehand. */
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openLibrary } from '../../src/engine/library/open-library.ts';
import { backupSchema, verificationSchema } from '../../src/shared/library-care.ts';
import type { SongPage } from '../../src/shared/song-query.ts';
import { songPageSchema } from '../../src/shared/song-query.ts';
import { makeModelSongs, soundOf, storeModelSongs } from '../support/model-songs.ts';
import { parseCsv } from '../support/parse-csv.ts';
import type { BangerRun } from '../support/run-banger.ts';
import { useBangerHomes } from '../support/run-banger.ts';

const newHome = useBangerHomes();
const home = newHome();
const songs = makeModelSongs(1200, 3);
const shown = songs.filter(({ files }) => files.some(({ isMissing }) => !isMissing));

beforeAll(() => {
  let nowMs = 0;
  const library = openLibrary(home.libraryFile, { now: () => nowMs });
  storeModelSongs(library, songs, (now) => {
    nowMs = now;
  });
  library.savedFilters.save('kept', { verdicts: ['keep'], missing: 'shown' });
  library.close();
});

const pageOf = ({ stdout }: BangerRun): SongPage => songPageSchema.parse(JSON.parse(stdout));
const list = (...options: string[]) => home.run(['list', ...options]);
const listPage = async (...options: string[]) => pageOf(await list('--format', 'json', ...options));

describe('banger list', () => {
  it('shows the best first, of the model and not of the draft, and says so', async () => {
    const run = await list('--limit', '3');
    expect(run.exitCode).toBe(0);
    const lines = run.stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/rank +score +% +length +LUFS +verdict +song/);
    expect(run.stderr).toContain(`3 of ${shown.length} songs`);
    expect(run.stderr).toContain('Scores by encoder, head, fp32.');
    const page = await listPage('--limit', '3');
    const best = shown
      .flatMap(({ score }) => score ?? [])
      .sort((a, b) => b - a)
      .slice(0, 3);
    expect(page.rows.map(({ score }) => score)).toEqual(best.map((score) => Math.min(10, score)));
  });

  it('takes filters, orders and windows', async () => {
    const { rows, total } = await listPage(
      ...[
        '--verdict',
        'keep',
        '--verdict',
        'undecided',
        '--stars',
        '3..',
        '--score',
        '..8',
        '--tempo',
        '90..120',
      ],
      ...['--sort', 'title', '--reverse', '--limit', '5', '--offset', '2'],
    );
    const expected = shown.filter((song) => {
      const { verdict, stars, score } = song;
      const { tempoBpm } = soundOf(song);
      const isInRange = tempoBpm !== null && tempoBpm >= 90 && tempoBpm <= 120;
      return verdict !== 'reject' && stars >= 3 && score !== null && score <= 8 && isInRange;
    });
    expect(total).toBe(expected.length);
    expect(rows).toHaveLength(Math.min(5, expected.length - 2));
  });

  it('takes other models, saved filters, missing songs, notes and dates', async () => {
    const draft = await listPage('--encoder', 'draft encoder', '--limit', '1');
    expect(draft.ranking).toMatchObject({ isDraft: true, encoder: 'draft encoder' });
    expect((await list('--encoder', 'draft encoder', '--limit', '1')).stderr).toContain('Draft scores');
    expect((await listPage('--saved', 'kept', '--limit', '1')).total).toBe(
      songs.filter(({ verdict }) => verdict === 'keep').length,
    );
    expect((await listPage('--missing', 'only', '--limit', '1')).total).toBe(songs.length - shown.length);
    const [noted, plain] = [
      await listPage('--note', '--limit', '1'),
      await listPage('--no-note', '--limit', '1'),
    ];
    expect(noted.total + plain.total).toBe(shown.length);
    expect(noted.total).toBe(shown.filter(({ note }) => note !== '').length);
    const day = new Date(1_700_000_000_000 + 100 * 60_000);
    const since = await listPage('--added-since', day.toISOString(), '--limit', '1');
    expect(since.total).toBe(shown.filter(({ addedAtMs }) => addedAtMs >= day.getTime()).length);
  });

  it('gives all songs where asked, as CSV too', async () => {
    const page = await listPage('--limit', 'all', '--missing', 'shown');
    expect(new Set(page.rows.map(({ id }) => id)).size).toBe(songs.length);
    const [header, ...rows] = parseCsv(
      (await list('--limit', 'all', '--missing', 'shown', '--format', 'csv')).stdout,
    );
    expect(rows).toHaveLength(songs.length);
    const pathColumn = header?.indexOf('path') ?? -1;
    expect(rows.map((row) => row[pathColumn])).toEqual(page.rows.map((row) => row.path));
  });

  it.each([
    [['--encoder', 'nobody'], 'encoder with head'],
    [['--saved', 'nothing'], 'There is no saved filter'],
    [['--sort', 'colour'], 'colour'],
    [['--limit', '-1'], 'whole number'],
    [['--added-since', 'yesterday'], 'date'],
    [['--score', '9..1'], 'range'],
  ])('refuses %j', async (options, message) => {
    const run = await list(...options);
    expect(run).toMatchObject({ exitCode: 2, stdout: '' });
    expect(run.stderr).toContain(message);
  });

  it('finds nothing where nothing is, and creates no library', async () => {
    const none = await list('--text', 'surely nobody sings this');
    expect(none).toMatchObject({ exitCode: 1, stdout: '' });
    const empty = newHome();
    const run = await empty.run(['list']);
    expect(run).toMatchObject({ exitCode: 1, stdout: '' });
    expect(run.stderr).toContain('There is no library here yet.');
    expect(fs.existsSync(empty.libraryFile)).toBe(false);
  });
});

describe('banger library', () => {
  it('shows what is there', async () => {
    const run = await home.run(['library', 'stats']);
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    expect(run.stdout).toContain(`${songs.length} in `);
    expect(run.stdout).toContain('by encoder and head, fp32');
    const json = JSON.parse((await home.run(['library', 'stats', '--format', 'json'])).stdout) as object;
    expect(json).toMatchObject({ songs: songs.length, file: home.libraryFile });
  });

  it('backs up and restores, and refuses what is no backup', async () => {
    const own = newHome();
    fs.mkdirSync(path.dirname(own.libraryFile), { recursive: true });
    fs.copyFileSync(home.libraryFile, own.libraryFile);
    const target = own.path('copies', 'songs.sqlite');
    const made = await own.run(['library', 'backup', target, '--format', 'json']);
    expect(backupSchema.parse(JSON.parse(made.stdout)).file).toBe(target);
    expect((await own.run(['library', 'backup', target])).exitCode).toBe(1);

    fs.writeFileSync(own.libraryFile, 'not a library any more'.repeat(500));
    const broken = await own.run(['list']);
    expect(broken.exitCode).toBe(1);
    expect(broken.stderr).toContain('banger library restore');
    const refused = await own.run([
      'library',
      'restore',
      own.libraryFile.replace('library.sqlite', 'nothing'),
    ]);
    expect(refused.exitCode).toBe(1);

    const restored = await own.run(['library', 'restore', target]);
    expect(restored.exitCode).toBe(0);
    expect(restored.stdout).toContain('kept as');
    expect(pageOf(await own.run(['list', '--format', 'json', '--limit', '1'])).total).toBe(shown.length);
  });

  it('checks, repairs when told, and says by its exit code what is left', async () => {
    const own = newHome();
    fs.mkdirSync(path.dirname(own.libraryFile), { recursive: true });
    fs.copyFileSync(home.libraryFile, own.libraryFile);
    const verify = async (...options: string[]) => {
      const run = await own.run(['library', 'verify', '--format', 'json', ...options]);
      return { ...run, ...verificationSchema.parse(JSON.parse(run.stdout)) };
    };
    const found = await verify();
    expect(found).toMatchObject({ exitCode: 3, findings: [{ kind: 'vanished', isRepaired: false }] });
    expect(await verify('--repair')).toMatchObject({ exitCode: 0, findings: [{ isRepaired: true }] });
    expect(await verify()).toMatchObject({ exitCode: 0, findings: [] });
    expect((await own.run(['library', 'verify'])).stderr).toContain('All is well');
  });
});
