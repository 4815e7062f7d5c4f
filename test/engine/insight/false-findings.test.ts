/** How often analyses call clear what is chance, and whether they find what is there; the same songs every time. */
import { describe, expect, it } from 'vitest';
import { compareScores } from '../../../src/engine/insight/compare-groups.ts';
import { rankGroups } from '../../../src/engine/insight/group-ranking.ts';
import { excludesZero } from '../../../src/engine/insight/means.ts';
import { relate } from '../../../src/engine/insight/relation.ts';
import { rankTerms } from '../../../src/engine/insight/term-ranking.ts';
import { compareTopBottom } from '../../../src/engine/insight/top-bottom.ts';
import { Turns } from '../../../src/engine/insight/turns.ts';
import type { ScoredSongs, TextColumn } from '../../../src/engine/library/query/scored-songs.ts';
import { drawBelow, seededBits } from '../../../src/shared/seeded-bits.ts';

const words = 'night rain neon piano slow dark bright synth guitar drums choir epic chill fast'.split(' ');
const rounds = 200;

interface World {
  songs: number;
  prompts: number;
  /** Standard deviation of what the songs of one prompt have in common, in points. */
  promptSpread: number;
  /** Points that the word “piano” adds. */
  pianoPoints: number;
}

/** Songs with scores that depend on their prompt alone, and on chance. */
function drawSongs({ songs, prompts, promptSpread, pianoPoints }: World, seed: number): ScoredSongs {
  const bits = seededBits(seed);
  const uniform = () => bits() / 2 ** 32;
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const written = Array.from({ length: prompts }, (_, index) => {
    const chosen = Array.from({ length: 4 }, () => words[drawBelow(bits, words.length)] ?? '');
    const common = promptSpread * normal() + (chosen.includes('piano') ? pianoPoints : 0);
    return { text: `${chosen.join(', ')}, take${index}`, common };
  });
  const drawn = Array.from({ length: songs }, () => {
    const prompt = drawBelow(bits, prompts);
    const score = 5 + (written[prompt]?.common ?? 0) + 1.5 * normal();
    return { prompt, score: Math.min(10, Math.max(0, score)), genre: drawBelow(bits, 8), tempo: uniform() };
  }).sort((a, b) => b.score - a.score);
  const unknown = () => new Float64Array(songs).fill(NaN);
  const nothing = (): TextColumn => ({ codes: new Int32Array(songs).fill(-1), texts: [] });
  return {
    ids: Int32Array.from(drawn, (_, place) => place + 1),
    scores: Float64Array.from(drawn, ({ score }) => score),
    numbers: {
      tempo: Float64Array.from(drawn, ({ tempo }) => tempo),
      duration: unknown(),
      loudness: unknown(),
      'generation-time': unknown(),
      'guidance-scale': unknown(),
      'inference-steps': unknown(),
    },
    texts: {
      genre: columnOf(drawn.map(({ genre }) => `genre ${genre}`)),
      prompt: columnOf(drawn.map(({ prompt }) => written[prompt]?.text ?? '')),
      key: nothing(),
      generator: nothing(),
    },
  };
}

function columnOf(values: readonly string[]): TextColumn {
  const texts = [...new Set(values)];
  return { codes: Int32Array.from(values, (value) => texts.indexOf(value)), texts };
}

/** Share of the worlds in which each analysis finds something clear. */
async function shareOfFindings(world: World): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  const turns = new Turns(undefined);
  for (let round = 0; round < rounds; round++) {
    const songs = drawSongs(world, round);
    const { genre, prompt } = songs.texts;
    const { tempo } = songs.numbers;
    const inHalf = (isSlow: boolean) =>
      songs.scores.filter((_, place) => (tempo[place] ?? 0) < 0.5 === isSlow).sort();
    const groups = compareScores(inHalf(true), inHalf(false), [6]);
    const findings = {
      genres: rankGroups(songs, { codes: genre.codes, names: genre.texts }, { maximumRows: 10 }).anyIsClear,
      terms: (await rankTerms(songs.scores, prompt, { maximumRows: 10, turns })).verdict === 'clear',
      tempo: relate(songs, songs.numbers.tempo, { kind: 'tempo', maximumPoints: 0 }).verdict === 'clear',
      topBottom: (await compareTopBottom(songs, { share: 0.2, maximumRows: 10, turns })).verdict === 'clear',
      means: groups !== null && excludesZero(groups.difference),
      effects: groups !== null && excludesZero(groups.cliffsDelta),
    };
    for (const [name, isFound] of Object.entries(findings))
      found[name] = (found[name] ?? 0) + Number(isFound);
  }
  return Object.fromEntries(Object.entries(found).map(([name, count]) => [name, count / rounds]));
}

describe('chance', () => {
  it.each([
    ['songs with prompts of their own', { songs: 150, prompts: 1000, promptSpread: 0, pianoPoints: 0 }],
    ['many songs of few prompts', { songs: 300, prompts: 30, promptSpread: 1, pianoPoints: 0 }],
  ])('is called clear in about one of twenty sets of %s', async (_, world) => {
    const shares = await shareOfFindings(world);
    // 0.05 is meant; of 200 sets, more than 0.1 would come out by chance once in a thousand times.
    for (const [name, share] of Object.entries(shares)) expect(share, name).toBeLessThanOrEqual(0.1);
  });

  it('does not hide what is there', async () => {
    const shares = await shareOfFindings({ songs: 300, prompts: 150, promptSpread: 0.3, pianoPoints: 1.5 });
    expect(shares['terms']).toBeGreaterThan(0.9);
    expect(shares['topBottom']).toBeGreaterThan(0.5);
    expect(shares['genres']).toBeLessThanOrEqual(0.1);
  });
});
