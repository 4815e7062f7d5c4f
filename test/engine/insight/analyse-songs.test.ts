/** What scores are found to say about songs of a real library, by values worked out by hand. */
import { beforeEach, describe, expect, it } from 'vitest';
import { insightHandlers } from '../../../src/engine/insight-commands.ts';
import { openLibrary } from '../../../src/engine/library/open-library.ts';
import { referenceSetting } from '../../../src/engine/library/query/reference-setting.ts';
import type { Library } from '../../../src/engine/library/library.ts';
import { callCommand } from '../../../src/shared/call-command.ts';
import { insightCommands, type InsightRequest } from '../../../src/shared/insight-commands.ts';
import { describeInsight } from '../../../src/shared/insight-words.ts';
import { findInsight, insightKinds, type InsightKind } from '../../../src/shared/insight.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import { storeInsightSongs, type InsightSong } from '../../support/insight-songs.ts';

const inFolder = useFreshFolder();
let library: Library;

beforeEach(() => {
  library = openLibrary(inFolder('library.sqlite'));
  return () => {
    library.close();
  };
});

/** Asks as window and command line do: request and answer are checked by their schemas, which allow no NaN. */
function ask(request: InsightRequest = {}, signal?: AbortSignal) {
  return callCommand(insightCommands, insightHandlers(library), 'get-insight', request, { signal });
}

async function analyse<Kind extends InsightKind>(kind: Kind, request: InsightRequest = {}) {
  const found = findInsight(await ask({ ...request, analyses: [kind] }), kind);
  if (found === null) throw new Error(`no ${kind}`);
  return found;
}

/** So many songs alike, their scores around a middle in small steps. */
function songsAround(middle: number, count: number, rest: InsightSong = {}): InsightSong[] {
  return Array.from({ length: count }, (_, index) => ({
    ...rest,
    score: middle + (index - (count - 1) / 2) / 10,
  }));
}

describe('all analyses', () => {
  it.each([
    ['no songs', []],
    ['one song', [{ score: 5 }]],
    ['one song of which all is known', songsAround(5, 1, everythingKnown())],
    ['three songs', songsAround(5, 3, everythingKnown())],
    ['songs that are all equal', Array.from({ length: 40 }, () => ({ ...everythingKnown(), score: 10 }))],
    ['songs without scores', Array.from({ length: 5 }, everythingKnown)],
  ])('claim nothing about %s', async (_, songs: InsightSong[]) => {
    storeInsightSongs(library, songs);
    const comparison = { first: { name: 'a', filter: {} }, second: { name: 'b', filter: {} } };
    const { analyses } = await ask({ comparison });
    expect(analyses.map(({ kind }) => kind)).toEqual(insightKinds);
    for (const analysis of analyses) {
      expect(analysis.verdict, analysis.kind).not.toBe('clear');
      expect(describeInsight(analysis), analysis.kind).toMatch(
        /^[“A-Z\d](?!.*(NaN|undefined|Infinity|null)).*\.$/,
      );
      if (songs.length < 5) expect(['nothing', 'too-few'], analysis.kind).toContain(analysis.verdict);
    }
  });

  it('stay within one ranking and one filter', async () => {
    const draft = songsAround(1, 12).map(({ score }) => ({ draftScore: score ?? 0, folder: '/music/b' }));
    storeInsightSongs(library, [...songsAround(6, 12, { folder: '/music/a' }), ...draft]);
    const byModel = await ask({ analyses: ['scores'] });
    expect(byModel).toMatchObject({ total: 24, scoredTotal: 12, ranking: { isDraft: false } });
    expect(findInsight(byModel, 'scores')?.mean?.value).toBeCloseTo(6, 12);
    const drafts = library.rankings.list().find(({ isDraft }) => isDraft);
    const ranking = { spaceId: drafts?.spaceId ?? 0, headId: drafts?.headId ?? 0 };
    const byDraft = await ask({ analyses: ['scores'], ranking });
    expect(byDraft).toMatchObject({ scoredTotal: 12, ranking: { isDraft: true } });
    expect(findInsight(byDraft, 'scores')?.mean?.value).toBeCloseTo(1, 12);
    const within = await ask({ analyses: ['scores'], filter: { folder: '/music/b' } });
    expect(within).toMatchObject({ total: 12, scoredTotal: 0 });
  });

  it('read few of many songs and many of few alike', async () => {
    const songs = Array.from({ length: 300 }, (_, index) => ({
      score: (index * 7) % 11,
      genre: index % 30 === 0 ? 'Rare' : 'common',
      tempoBpm: 60 + (index % 100),
    }));
    storeInsightSongs(library, songs);
    const few = await analyse('tempo', { filter: { genres: ['rare'] } });
    const points = (list: typeof few.points) => new Map(list.map(({ songId, x }) => [songId, x]));
    const all = points((await analyse('tempo')).points);
    expect(few.songs).toBe(10);
    for (const [songId, x] of points(few.points)) expect(all.get(songId)).toBe(x);
  });

  it('end when nobody waits for them any more', async () => {
    storeInsightSongs(library, songsAround(5, 200, everythingKnown()));
    const cancelled = ask({}, AbortSignal.abort());
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('genres and prompts', () => {
  it('are ranked by their means, each set against all others', async () => {
    storeInsightSongs(library, [
      ...songsAround(8, 6, { genre: 'Techno' }),
      ...songsAround(4, 6, { genre: 'folk' }),
      ...songsAround(4, 5, { genre: 'TECHNO', prompt: 'x' }),
      ...songsAround(9.5, 2, { genre: 'rare' }),
      ...songsAround(1, 3),
    ]);
    const { ranking, songs, songsWithout, verdict } = await analyse('genres');
    expect({ songs, songsWithout, verdict }).toEqual({ songs: 19, songsWithout: 3, verdict: 'clear' });
    expect(ranking).toMatchObject({ groupCount: 3, comparedCount: 2, fewest: 5 });
    // Too few songs come last, however good they are.
    expect(ranking.groups.map(({ name }) => name)).toEqual(['Techno', 'folk', 'rare']);
    const [techno, , rare] = ranking.groups;
    // (6 × 8 + 5 × 4) / 11 against (6 × 4 + 2 × 9.5) / 8.
    expect(techno?.mean.value).toBeCloseTo(68 / 11, 12);
    expect(techno?.againstOthers?.difference.value).toBeCloseTo(68 / 11 - 43 / 8, 12);
    expect(techno).toMatchObject({ songs: 11, best: 8.25, worst: 3.8 });
    expect(rare?.againstOthers).toBeNull();
  });

  it('differ clearly where they do', async () => {
    storeInsightSongs(library, [
      ...songsAround(8, 10, { prompt: 'slow piano' }),
      ...songsAround(4, 10, { prompt: 'fast   drums\n' }),
      ...songsAround(4, 10, { prompt: 'Fast drums' }),
      ...songsAround(5.5, 10, { prompt: 'harp' }),
    ]);
    const prompts = await analyse('prompts');
    expect(prompts.verdict).toBe('clear');
    expect(prompts.ranking.groups.map(({ name, songs }) => [name.toLowerCase(), songs])).toEqual([
      ['slow piano', 10],
      ['harp', 10],
      ['fast drums', 20],
    ]);
    expect(describeInsight(prompts)).toMatch(
      /^Of 3 prompts with at least 5 songs, these differ clearly from the other songs here: “slow piano” 3\.50 points higher \(.*\) and “fast drums” 2\.75 points lower \(.*\)\. That does not say why\.$/i,
    );
  });
});

describe('terms of prompts', () => {
  it('take more than many songs of one prompt to be said anything of', async () => {
    storeInsightSongs(library, [
      ...songsAround(9, 50, { prompt: 'golden harp' }),
      ...Array.from({ length: 12 }, (_, index) => ({
        score: 4 + (index % 3) / 10,
        prompt: `dull thing${index}`,
      })),
    ]);
    const terms = await analyse('terms');
    expect(terms).toMatchObject({ verdict: 'too-few', comparedCount: 0, promptCount: 13, songs: 62 });
  });

  it('go with scores where different prompts agree', async () => {
    const songs = Array.from({ length: 60 }, (_, index) => {
      const hasPiano = index % 2 === 0;
      const noise = ((index * 37) % 20) / 20;
      const words = `${hasPiano ? 'soft piano, ' : ''}tune${index}, ${index % 3 === 0 ? 'warm' : 'cold'} pad`;
      return { score: (hasPiano ? 6 : 4) + noise, prompt: words };
    });
    storeInsightSongs(library, songs);
    const { terms, comparedCount, verdict } = await analyse('terms');
    expect(verdict).toBe('clear');
    const clear = terms.filter(({ isClear }) => isClear).map(({ kind, term }) => `${kind} ${term}`);
    expect(clear.sort()).toEqual(['style soft piano', 'word piano', 'word soft']);
    // The pads are in all prompts and have nothing to be compared with; warm and cold are words and styles.
    expect(comparedCount).toBe(7);
    const mean = (having: boolean) => {
      const chosen = songs.filter(({ prompt }) => prompt.includes('piano') === having);
      return chosen.reduce((sum, { score }) => sum + score, 0) / chosen.length;
    };
    const piano = terms.find(({ term }) => term === 'piano');
    expect(piano).toMatchObject({ songs: 30, prompts: 30 });
    expect(piano?.meanWith).toBeCloseTo(mean(true), 12);
    expect(piano?.difference.value).toBeCloseTo(mean(true) - mean(false), 12);
  });
});

describe('tempo, keys and other quantities', () => {
  it('take the generator’s tempo, else the measured one', async () => {
    storeInsightSongs(
      library,
      songsAround(5, 12).map((song, index) => ({
        ...song,
        measuredBpm: 100 + index,
        ...(index < 2 && { tempoBpm: 60 }),
      })),
    );
    const { points, bins, spearman, verdict } = await analyse('tempo');
    expect(points.map(({ x }) => x).sort((a, b) => a - b)).toEqual([
      60, 60, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111,
    ]);
    expect(bins.reduce((sum, { songs }) => sum + songs, 0)).toBe(12);
    expect(verdict).toBe('clear');
    // SciPy's, with one pair of ties.
    expect(spearman?.value).toBeCloseTo(0.99825022, 8);
  });

  it('say neither way where nothing rises or falls', async () => {
    storeInsightSongs(
      library,
      Array.from({ length: 20 }, (_, index) => ({
        score: index % 2 === 0 ? 4 : 6,
        generationSeconds: index >> 1,
      })),
    );
    const insight = await analyse('generation-time', { maximumPoints: 7 });
    expect(insight).toMatchObject({ verdict: 'unclear', spearman: { value: 0 } });
    expect(insight.points).toHaveLength(7);
    expect(describeInsight(insight)).toContain(
      'neither clearly rise nor clearly fall with the generation time',
    );
  });

  it('take keys that sound the same for one, and set minor against major', async () => {
    storeInsightSongs(library, [
      ...songsAround(7, 6, { musicalKey: 'A# minor', tempoBpm: 100 }),
      ...songsAround(7, 6, { musicalKey: 'Bb minor', tempoBpm: 100 }),
      ...songsAround(5, 12, { musicalKey: 'C major', tempoBpm: 120 }),
      ...songsAround(5, 1, { musicalKey: 'Dorian' }),
    ]);
    const { ranking, modes, verdict } = await analyse('keys');
    expect(verdict).toBe('clear');
    expect(ranking.groups.map(({ name, songs }) => [name, songs])).toEqual([
      ['Bb minor', 12],
      ['C major', 12],
      ['Dorian', 1],
    ]);
    expect(modes).toMatchObject({ isClear: true, major: { songs: 12 }, minor: { songs: 12 } });
    expect(modes.difference?.difference.value).toBeCloseTo(2, 12);
    const map = await analyse('tempo-keys');
    expect(map).toMatchObject({ songs: 24, songsWithout: 1, keys: ['C major', 'Bb minor'] });
    expect(map.cells.map(({ key, songs, mean }) => [key, songs, Math.round(mean.value)])).toEqual([
      [0, 12, 5],
      [1, 12, 7],
    ]);
  });
});

describe('groups', () => {
  it('are compared by mean, hits and effect; songs in both count in the smaller', async () => {
    storeInsightSongs(library, [
      ...songsAround(5, 20, { folder: '/music/before' }),
      ...songsAround(7, 10, { folder: '/music/after' }),
    ]);
    const comparison = {
      first: { name: 'all', filter: {} },
      second: { name: 'after', filter: { folder: '/music/after' } },
    };
    const insight = await analyse('comparison', { comparison, thresholds: [6, 7] });
    expect(insight).toMatchObject({
      verdict: 'clear',
      shared: 10,
      first: { songs: 20 },
      second: { songs: 10 },
    });
    expect(insight.difference?.difference.value).toBeCloseTo(2, 12);
    // Before: 4.05 to 5.95. After: 6.55 to 7.45, half of it from 7.05 up.
    expect(insight.difference?.cliffsDelta.value).toBe(1);
    expect(insight.second.hitRates.map(({ hits }) => hits)).toEqual([10, 5]);
    expect(insight.difference?.hitRates.map(({ difference }) => difference.value)).toEqual([1, 0.5]);
    expect(insight.second.topMean).toBeCloseTo(7.45, 12);
    expect(describeInsight(insight)).toContain('a large effect (Cliff’s delta 1.00). That does not say why.');
  });

  it('of the best and the worst songs differ where they do', async () => {
    const songs = Array.from({ length: 200 }, (_, index) => ({
      score: index / 20,
      loudnessLufs: index >= 180 ? -9 - (index % 3) : -14 - (index % 3),
      genre: index >= 180 || index % 10 === 0 ? 'jazz' : 'rock',
      durationSeconds: 100 + (index % 4),
    }));
    storeInsightSongs(library, songs);
    const insight = await analyse('top-bottom');
    expect(insight).toMatchObject({ verdict: 'clear', songsOfSide: 20, topMinimum: 9, bottomMaximum: 0.95 });
    const [loudness, duration] = insight.quantities;
    expect(loudness).toMatchObject({ quantity: 'loudness', isClear: true, cliffsDelta: { value: 1 } });
    expect(duration).toMatchObject({ quantity: 'duration', isClear: false, cliffsDelta: { value: 0 } });
    const jazz = insight.shares.find(({ value }) => value === 'jazz');
    expect(jazz).toMatchObject({
      topSongs: 20,
      bottomSongs: 2,
      topShare: 1,
      bottomShare: 0.1,
      isClear: true,
    });
    expect(insight.comparedCount).toBe(4);
  });

  it('are set against a loaded reference of the same models, or the rest of the library', async () => {
    storeInsightSongs(library, [
      ...songsAround(6, 20, { folder: '/music/new' }),
      ...songsAround(3, 20, { folder: '/music/old' }),
    ]);
    const filter = { folder: '/music/new' };
    const rest = await analyse('reference', { filter });
    expect(rest).toMatchObject({ verdict: 'clear', reference: { source: 'songs', scores: 20 } });
    expect(rest.medianPercentile).toBe(100);
    expect(rest.difference?.difference.value).toBeCloseTo(3, 12);
    const reference = {
      name: 'training set',
      encoder: 'model encoder',
      head: 'model head',
      scores: [9, 5, 7, 1],
    };
    library.settings.set(referenceSetting, reference);
    const loaded = await analyse('reference', { filter });
    expect(loaded).toMatchObject({
      verdict: 'too-few',
      medianPercentile: 50,
      reference: { name: 'training set' },
    });
    library.settings.set(referenceSetting, { ...reference, head: 'another' });
    expect((await analyse('reference', { filter })).reference?.source).toBe('songs');
  });
});

describe('export-insight', () => {
  it('gives a CSV table for every plot, each with a name of its own', async () => {
    storeInsightSongs(library, songsAround(5, 12, everythingKnown()));
    const files = await callCommand(insightCommands, insightHandlers(library), 'export-insight', {});
    expect(new Set(files.map(({ fileName }) => fileName)).size).toBe(files.length);
    const kinds = new Set(files.map(({ kind }) => kind));
    expect([...kinds]).toEqual(insightKinds.filter((kind) => kind !== 'comparison'));
    const genres = files.find(({ fileName }) => fileName === 'genres.csv')?.csv.split('\r\n') ?? [];
    expect(genres[0]?.split(',').slice(0, 3)).toEqual(['name', 'songs', 'mean']);
    const [name, songs, mean] = genres[1]?.split(',') ?? [];
    expect([name, songs]).toEqual(['techno', '12']);
    expect(Number(mean)).toBeCloseTo(5, 12);
  });
});

function everythingKnown(): InsightSong {
  return {
    genre: 'techno',
    prompt: 'dark techno, driving bass',
    tempoBpm: 128,
    musicalKey: 'A minor',
    generationSeconds: 20,
    durationSeconds: 180,
    loudnessLufs: -9,
  };
}
