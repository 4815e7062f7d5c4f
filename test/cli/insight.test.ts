/** `banger insight` on the real command, with a library that was made beforehand. */
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openLibrary } from '../../src/engine/library/open-library.ts';
import { findInsight, insightSchema } from '../../src/shared/insight.ts';
import { storeInsightSongs, type InsightSong } from '../support/insight-songs.ts';
import { readCsvTable } from '../support/parse-csv.ts';
import { useBangerHomes } from '../support/run-banger.ts';

const newHome = useBangerHomes();
const home = newHome();
const insight = (...options: string[]) => home.run(['insight', ...options]);

beforeAll(() => {
  const song = (middle: number, rest: InsightSong) => (_: unknown, index: number) => ({
    ...rest,
    score: middle + (index % 5) / 10,
  });
  const library = openLibrary(home.libraryFile);
  storeInsightSongs(library, [
    ...Array.from({ length: 15 }, song(7, { genre: 'techno', folder: path.join(home.folder, 'new') })),
    ...Array.from({ length: 15 }, song(4, { genre: '=folk', folder: path.join(home.folder, 'old') })),
  ]);
  library.savedFilters.save('low', { score: { max: 5 } });
  library.close();
});

describe('banger insight', () => {
  it('says what the scores show, whose they are and what is missing', async () => {
    const run = await insight();
    expect(run.exitCode).toBe(0);
    expect(run.stderr).toContain('30 songs with scores by Model model encoder with Model model head, fp32.');
    expect(run.stdout).toContain('“techno” 3.00 points higher');
    expect(run.stdout).toContain('No song here has a score and a tempo.');
    expect(run.stdout).not.toContain('comparison');
  });

  it('compares groups of every kind', async () => {
    const compare = ['--compare', 'saved:low', 'folder:new', '--thresholds', '7'];
    const run = await insight('comparison', 'hit-rates', ...compare, '--format', 'json', '--quiet');
    expect(run.stderr).toBe('');
    const answer = insightSchema.parse(JSON.parse(run.stdout));
    expect(answer.analyses.map(({ kind }) => kind)).toEqual(['comparison', 'hit-rates']);
    const compared = findInsight(answer, 'comparison');
    expect(compared?.difference?.difference.value).toBeCloseTo(3, 12);
    expect(compared?.second.hitRates).toMatchObject([{ threshold: 7, hits: 15, songs: 15 }]);
    expect(findInsight(answer, 'hit-rates')?.rates).toMatchObject([{ hits: 15, songs: 30 }]);
  });

  it('writes tables that a spreadsheet can open without harm', async () => {
    const run = await insight('genres', 'scores', '--csv', 'tables');
    expect(run.exitCode).toBe(0);
    expect(fs.readdirSync(path.join(home.folder, 'tables')).sort()).toEqual(['genres.csv', 'scores.csv']);
    const rows = readCsvTable(fs.readFileSync(path.join(home.folder, 'tables', 'genres.csv'), 'utf8'));
    expect(rows.map(({ name }) => name)).toEqual(['techno', "'=folk"]);
  });

  it.each([
    [['comparison'], 'A comparison takes two groups.'],
    [['--compare', 'batch:x', 'batch:1'], '“batch:x” is no group of songs.'],
    [['--reference', 'saved:none'], 'There is no saved filter “none”.'],
    [['--thresholds', '7,x'], 'They must be scores from 0 to 10'],
  ])('refuses %j', async (options, message) => {
    const run = await insight(...options);
    expect(run).toMatchObject({ exitCode: 2, stdout: '' });
    expect(run.stderr).toContain(message);
  });
});
