/** Ranks the words and styles of prompts by the scores of the songs that have them. */
import type { TermScores } from '../../shared/insight-parts.ts';
import type { TermsInsight } from '../../shared/insight.ts';
import type { TextColumn } from '../library/query/scored-songs.ts';
import { confidenceOfEach } from './critical-values.ts';
import { differenceOfMeans, excludesZero, type EstimatedMean } from './means.ts';
import { termsOf, type PromptTerm } from './prompt-terms.ts';
import type { Turns } from './turns.ts';
import { verdictOf } from './verdict.ts';

const fewestSongsOfTerm = 10;
const fewestPromptsOfTerm = 5;

/**
 * Sums over songs that come in clusters: the songs of one prompt are alike, so that a hundred of them say little more
 * about the prompt's words than one. With one song a prompt, the error is that of Welch's test.
 */
class ClusteredSums {
  prompts = 0;
  songs = 0;
  /** Of the scores, measured from a common centre; then over prompts, of squares and products of their sums and counts. */
  #sum = 0;
  #sumSquares = 0;
  #sumTimesCount = 0;
  #countSquares = 0;

  /** Adds a prompt with so many songs, whose scores from the centre have this sum. */
  add(count: number, sum: number): void {
    this.prompts += 1;
    this.songs += count;
    this.#sum += sum;
    this.#sumSquares += sum * sum;
    this.#sumTimesCount += sum * count;
    this.#countSquares += count * count;
  }

  /** What is left of this without a part of it. */
  without(part: ClusteredSums): ClusteredSums {
    const rest = new ClusteredSums();
    rest.prompts = this.prompts - part.prompts;
    rest.songs = this.songs - part.songs;
    rest.#sum = this.#sum - part.#sum;
    rest.#sumSquares = this.#sumSquares - part.#sumSquares;
    rest.#sumTimesCount = this.#sumTimesCount - part.#sumTimesCount;
    rest.#countSquares = this.#countSquares - part.#countSquares;
    return rest;
  }

  /** The mean from the centre with its cluster-robust error. */
  get estimate(): EstimatedMean {
    const mean = this.#sum / this.songs;
    const squares = this.#sumSquares - 2 * mean * this.#sumTimesCount + mean * mean * this.#countSquares;
    // Rounding must not make a difference certain where all scores are equal.
    const isFlat = squares <= 1e-12 * Math.max(1, this.#sumSquares);
    const correction = this.prompts / (this.prompts - 1);
    return {
      mean,
      squaredError: isFlat ? 0 : (correction * squares) / this.songs ** 2,
      degrees: this.prompts - 1,
    };
  }

  get canBeCompared(): boolean {
    return this.songs >= fewestSongsOfTerm && this.prompts >= fewestPromptsOfTerm;
  }
}

/** @throws BangerError `cancelled` */
export async function rankTerms(
  scores: Float64Array,
  prompts: TextColumn,
  { maximumRows, turns }: { maximumRows: number; turns: Turns },
): Promise<TermsInsight> {
  const { centre, counts, sums, songs } = sumByPrompt(scores, prompts);
  const all = new ClusteredSums();
  const byTerm = new Map<string, { term: PromptTerm; sums: ClusteredSums }>();
  for (const [code, prompt] of prompts.texts.entries()) {
    const [count, sum] = [counts[code] ?? 0, sums[code] ?? 0];
    all.add(count, sum);
    for (const term of termsOf(prompt)) {
      const key = `${term.kind} ${term.term}`;
      const found = byTerm.get(key) ?? { term, sums: new ClusteredSums() };
      if (found.sums.prompts === 0) byTerm.set(key, found);
      found.sums.add(count, sum);
    }
    await turns.pass();
  }
  const compared = [...byTerm.values()].flatMap(({ term, sums: withIt }) => {
    const withoutIt = all.without(withIt);
    return withIt.canBeCompared && withoutIt.canBeCompared ? [{ term, withIt, withoutIt }] : [];
  });
  const share = confidenceOfEach(compared.length);
  const terms = compared.map(({ term, withIt, withoutIt }): TermScores => {
    const [first, second] = [withIt.estimate, withoutIt.estimate];
    const difference = differenceOfMeans(first, second, share);
    return {
      ...term,
      songs: withIt.songs,
      prompts: withIt.prompts,
      meanWith: centre + first.mean,
      meanWithout: centre + second.mean,
      difference,
      isClear: excludesZero(difference),
    };
  });
  terms.sort((a, b) => evidence(b) - evidence(a) || b.songs - a.songs);
  return {
    kind: 'terms',
    verdict: verdictOf(songs, terms.length > 0, terms[0]?.isClear === true),
    songs,
    songsWithout: scores.length - songs,
    fewestSongs: 2 * fewestSongsOfTerm,
    terms: terms.slice(0, maximumRows),
    comparedCount: terms.length,
    termCount: byTerm.size,
    promptCount: prompts.texts.length,
    fewestSongsOfTerm,
    fewestPromptsOfTerm,
  };
}

/** The difference in half widths of its interval: above 1 where it is clear. */
function evidence({ difference: { value, interval } }: TermScores): number {
  return interval === null ? 0 : (2 * Math.abs(value)) / (interval.high - interval.low);
}

/** How many songs each prompt has, and the sum of their scores from the mean of all songs with a prompt. */
function sumByPrompt(scores: Float64Array, { codes, texts }: TextColumn) {
  let [total, songs] = [0, 0];
  for (const [place, code] of codes.entries()) {
    if (code < 0) continue;
    total += scores[place] ?? 0;
    songs += 1;
  }
  const centre = songs === 0 ? 0 : total / songs;
  const counts = new Int32Array(texts.length);
  const sums = new Float64Array(texts.length);
  for (const [place, code] of codes.entries()) {
    if (code < 0) continue;
    counts[code] = (counts[code] ?? 0) + 1;
    sums[code] = (sums[code] ?? 0) + (scores[place] ?? 0) - centre;
  }
  return { centre, counts, sums, songs };
}
