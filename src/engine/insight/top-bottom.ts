/** Sets the best songs against the worst and finds what differs between them. */
import { songQuantities } from '../../shared/insight-parts.ts';
import type { TopBottomInsight } from '../../shared/insight.ts';
import { quantile } from '../../shared/quantile.ts';
import type { ScoredSongs, TextColumn } from '../library/query/scored-songs.ts';
import { confidenceOfEach } from './critical-values.ts';
import { cliffsDelta } from './effect-sizes.ts';
import { readKeys } from './key-analyses.ts';
import { excludesZero } from './means.ts';
import { termsOf } from './prompt-terms.ts';
import { differenceOfShares, type Share } from './shares.ts';
import type { Turns } from './turns.ts';
import { verdictOf } from './verdict.ts';

const fewestSongsOfSide = 10;
/** A value that fewer songs of both sides have cannot differ clearly, and would only widen the others' intervals. */
const fewestSongsOfValue = 5;
/** Different prompts that a term needs, as in the ranking of terms. */
const fewestPromptsOfTerm = 5;

type Attribute = TopBottomInsight['shares'][number]['attribute'];

/** How often a value occurs among the best and the worst, and of how many songs that is known. */
interface ValueCount {
  attribute: Attribute;
  value: string;
  topSongs: number;
  bottomSongs: number;
  /** What the intervals are made from: songs that are drawn by themselves. */
  top: Share;
  bottom: Share;
}

export interface TopBottomOptions {
  /** Share of the songs on each side, at most a half. */
  share: number;
  maximumRows: number;
  turns: Turns;
}

/** @throws BangerError `cancelled` */
export async function compareTopBottom(
  songs: ScoredSongs,
  { share, maximumRows, turns }: TopBottomOptions,
): Promise<TopBottomInsight> {
  const count = songs.scores.length;
  const side = Math.min(Math.floor(count / 2), Math.ceil(count * share));
  const base = {
    kind: 'top-bottom' as const,
    songs: count,
    songsWithout: 0,
    fewestSongs: Math.max(2 * fewestSongsOfSide, Math.ceil(fewestSongsOfSide / share)),
    share,
    songsOfSide: side,
    topMinimum: side === 0 ? null : (songs.scores[side - 1] ?? null),
    bottomMaximum: side === 0 ? null : (songs.scores[count - side] ?? null),
  };
  if (side < fewestSongsOfSide) {
    return { ...base, verdict: verdictOf(count, false, false), quantities: [], shares: [], comparedCount: 0 };
  }
  const sides = new Sides(songs, side);
  const pairs = sides.quantities();
  const values = [...sides.attributes(), ...(await sides.terms(turns))];
  const comparedCount = pairs.length + values.length;
  const each = confidenceOfEach(comparedCount);
  const quantities = pairs.map(({ quantity, top, bottom }) => {
    const delta = cliffsDelta(bottom, top, each);
    return {
      quantity,
      topSongs: top.length,
      bottomSongs: bottom.length,
      topMedian: quantile(top, 0.5),
      bottomMedian: quantile(bottom, 0.5),
      cliffsDelta: delta,
      isClear: excludesZero(delta),
    };
  });
  const shares = values.map(({ attribute, value, topSongs, bottomSongs, top, bottom }) => {
    const difference = differenceOfShares(top, bottom, each);
    return {
      attribute,
      value,
      topSongs,
      bottomSongs,
      topShare: top.part / top.whole,
      bottomShare: bottom.part / bottom.whole,
      difference,
      isClear: excludesZero(difference),
    };
  });
  const clearFirst = (a: { isClear: boolean }, b: { isClear: boolean }) =>
    Number(b.isClear) - Number(a.isClear);
  quantities.sort(
    (a, b) => clearFirst(a, b) || Math.abs(b.cliffsDelta.value) - Math.abs(a.cliffsDelta.value),
  );
  shares.sort((a, b) => clearFirst(a, b) || Math.abs(b.difference.value) - Math.abs(a.difference.value));
  const isClear = quantities[0]?.isClear === true || shares[0]?.isClear === true;
  return {
    ...base,
    verdict: verdictOf(count, comparedCount > 0, isClear),
    quantities,
    shares: shares.slice(0, maximumRows),
    comparedCount,
  };
}

/** The songs at both ends of a list that begins with the best. */
class Sides {
  readonly #songs: ScoredSongs;
  readonly #top: Int32Array;
  readonly #bottom: Int32Array;

  constructor(songs: ScoredSongs, side: number) {
    const places = Int32Array.from(songs.scores.keys());
    this.#songs = songs;
    this.#top = places.subarray(0, side);
    this.#bottom = places.subarray(places.length - side);
  }

  /** The quantities that enough songs of both sides have, ascending. */
  quantities() {
    return songQuantities.flatMap((quantity) => {
      const column = this.#songs.numbers[quantity];
      const known = (places: Int32Array) =>
        Float64Array.from(places, (place) => column[place] ?? NaN)
          .filter(Number.isFinite)
          .sort();
      const [top, bottom] = [known(this.#top), known(this.#bottom)];
      const isKnown = Math.min(top.length, bottom.length) >= fewestSongsOfSide;
      // Where all are equal there is nothing to compare.
      return isKnown && (top[0] !== bottom.at(-1) || top.at(-1) !== bottom[0])
        ? { quantity, top, bottom }
        : [];
    });
  }

  attributes(): ValueCount[] {
    const { genre, key, generator } = this.#songs.texts;
    const keys = readKeys(key);
    const keyNames = { codes: keys.codes, texts: keys.keys.map(({ name }) => name) };
    const modes = {
      codes: keys.codes.map((code) => ['major', 'minor'].indexOf(keys.keys[code]?.mode ?? '')),
      texts: ['major', 'minor'],
    };
    return [
      ...this.#valuesOf('genre', genre),
      ...this.#valuesOf('key', keyNames),
      // Of two values one says it all.
      ...this.#valuesOf('mode', modes).filter(({ value }) => value === 'minor'),
      ...this.#valuesOf('generator', generator),
    ];
  }

  #valuesOf(attribute: Attribute, { codes, texts }: TextColumn): ValueCount[] {
    const [top, bottom] = [countCodes(codes, this.#top), countCodes(codes, this.#bottom)];
    if (Math.min(top.known, bottom.known) < fewestSongsOfSide) return [];
    return texts.flatMap((value, code) => {
      const [topSongs, bottomSongs] = [top.counts.get(code) ?? 0, bottom.counts.get(code) ?? 0];
      const found = topSongs + bottomSongs;
      // A value that all songs have differs as little as one that nearly none has.
      if (found < fewestSongsOfValue || found > top.known + bottom.known - fewestSongsOfValue) return [];
      return {
        attribute,
        value,
        topSongs,
        bottomSongs,
        top: { part: topSongs, whole: top.known },
        bottom: { part: bottomSongs, whole: bottom.known },
      };
    });
  }

  /** Words and styles of prompts. Songs of one prompt count as one draw. */
  async terms(turns: Turns): Promise<ValueCount[]> {
    const { prompt } = this.#songs.texts;
    const [top, bottom] = [countCodes(prompt.codes, this.#top), countCodes(prompt.codes, this.#bottom)];
    if (Math.min(top.known, bottom.known) < fewestSongsOfSide) return [];
    const found = new Map<string, { topSongs: number; bottomSongs: number; prompts: number }>();
    const codes = new Set([...top.counts.keys(), ...bottom.counts.keys()]);
    for (const code of codes) {
      const terms = new Set(termsOf(prompt.texts[code] ?? '').map(({ term }) => term));
      for (const term of terms) {
        const counts = found.get(term) ?? { topSongs: 0, bottomSongs: 0, prompts: 0 };
        if (counts.prompts === 0) found.set(term, counts);
        counts.topSongs += top.counts.get(code) ?? 0;
        counts.bottomSongs += bottom.counts.get(code) ?? 0;
        counts.prompts += 1;
      }
      await turns.pass();
    }
    const shareOf = (songs: number, side: CodeCounts): Share => ({
      part: (songs / side.known) * side.counts.size,
      whole: side.counts.size,
    });
    return [...found].flatMap(([value, { topSongs, bottomSongs, prompts }]) => {
      const songs = topSongs + bottomSongs;
      const isRare = songs < fewestSongsOfValue || prompts < fewestPromptsOfTerm;
      if (isRare || songs > top.known + bottom.known - fewestSongsOfValue) return [];
      return {
        attribute: 'term' as const,
        value,
        topSongs,
        bottomSongs,
        top: shareOf(topSongs, top),
        bottom: shareOf(bottomSongs, bottom),
      };
    });
  }
}

interface CodeCounts {
  counts: Map<number, number>;
  /** Songs of which the attribute is known. */
  known: number;
}

function countCodes(codes: Int32Array, places: Int32Array): CodeCounts {
  const counts = new Map<number, number>();
  let known = 0;
  for (const place of places) {
    const code = codes[place] ?? -1;
    if (code < 0) continue;
    counts.set(code, (counts.get(code) ?? 0) + 1);
    known += 1;
  }
  return { counts, known };
}
