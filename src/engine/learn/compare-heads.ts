/** Ranks the same songs by two heads and says which songs rise and fall. */
import type { HeadComparison } from '../../shared/head-comparison.ts';
import { PairedScores } from './paired-scores.ts';

/** A song with the scores of both heads. */
export interface TwiceScoredSong {
  songId: number;
  first: number;
  second: number;
}

/** Ranks of both lists, and the songs with the largest change of rank first. */
export function compareRanks(
  songs: readonly TwiceScoredSong[],
  topCount: number,
): Pick<HeadComparison, 'spearman' | 'sharedTop' | 'topCount'> & {
  changes: Omit<HeadComparison['rows'][number], 'title' | 'path'>[];
} {
  const firstRanks = ranksOf(songs.map(({ first }) => first));
  const secondRanks = ranksOf(songs.map(({ second }) => second));
  const changes = songs
    .map(({ songId, first, second }, row) => {
      const [firstRank, secondRank] = [firstRanks[row] ?? 0, secondRanks[row] ?? 0];
      return {
        songId,
        firstScore: first,
        firstRank,
        secondScore: second,
        secondRank,
        // A song that climbs has a smaller number.
        rise: firstRank - secondRank,
      };
    })
    .sort((a, b) => Math.abs(b.rise) - Math.abs(a.rise) || a.secondRank - b.secondRank);
  const { spearman } = new PairedScores(
    songs.map(({ first }) => first),
    songs.map(({ second }) => second),
  ).measure();
  const top = Math.min(topCount, songs.length);
  return {
    spearman: Number.isNaN(spearman) ? null : spearman,
    topCount: top,
    sharedTop: changes.filter(({ firstRank, secondRank }) => firstRank <= top && secondRank <= top).length,
    changes,
  };
}

/** 1 for the best; songs of equal score share the better rank. */
function ranksOf(scores: readonly number[]): number[] {
  const order = scores.map((_, row) => row).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  const ranks = new Array<number>(scores.length).fill(0);
  let rank = 0;
  for (const [place, row] of order.entries()) {
    const isEqual = place > 0 && scores[row] === scores[order[place - 1] ?? 0];
    if (!isEqual) rank = place + 1;
    ranks[row] = rank;
  }
  return ranks;
}
