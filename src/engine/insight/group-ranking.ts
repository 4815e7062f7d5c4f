/** Ranks groups of songs, such as genres, by their scores. */
import type { ComparedDifference, GroupRanking, GroupScores } from '../../shared/insight-parts.ts';
import { quantile } from '../../shared/quantile.ts';
import { confidenceOfEach } from './critical-values.ts';
import { differenceOfMeans, excludesZero, meanScore, Moments } from './means.ts';

/** Groups of fewer songs are listed, but nothing is said of them. */
export const fewestSongsOfGroup = 5;

/** Which group each song is in. */
export interface Grouping {
  /** For each song the number of its group; -1 for none. */
  codes: Int32Array;
  names: readonly string[];
}

interface Group {
  code: number;
  moments: Moments;
  /** Places of the group's songs, best score first. */
  places: number[];
}

export interface RankGroupsOptions {
  /** Groups that are listed at most. */
  maximumRows: number;
  /** What else the same analysis compares, so that all intervals hold together. */
  otherComparisons?: number;
}

/**
 * Groups with enough songs first, best mean first. Each of these is compared with all other songs that are in a
 * group; the intervals hold for all comparisons together.
 *
 * @param songs best score first
 * @returns the ranking, and whether any group differs from the others, listed or not
 */
export function rankGroups(
  songs: { ids: Int32Array; scores: Float64Array },
  { codes, names }: Grouping,
  { maximumRows, otherComparisons = 0 }: RankGroupsOptions,
): { ranking: GroupRanking; anyIsClear: boolean } {
  const groups = new Map<number, Group>();
  const all = new Moments();
  for (const [place, code] of codes.entries()) {
    if (code < 0) continue;
    const score = songs.scores[place] ?? 0;
    const group = groups.get(code) ?? { code, moments: new Moments(), places: [] };
    if (group.places.length === 0) groups.set(code, group);
    group.moments.add(score);
    group.places.push(place);
    all.add(score);
  }
  const isCompared = ({ moments: { count } }: Group) =>
    count >= fewestSongsOfGroup && all.count - count >= fewestSongsOfGroup;
  const hasEnough = ({ moments }: Group) => moments.count >= fewestSongsOfGroup;
  const ranked = [...groups.values()].sort(
    (a, b) =>
      Number(hasEnough(b)) - Number(hasEnough(a)) ||
      b.moments.mean - a.moments.mean ||
      b.moments.count - a.moments.count,
  );
  const compared = ranked.filter(isCompared);
  const share = confidenceOfEach(compared.length + otherComparisons);
  const againstOthers = new Map(compared.map((group) => [group, against(group.moments, all, share)]));
  return {
    ranking: {
      groups: ranked.slice(0, maximumRows).map((group) => ({
        ...describeGroup(group, songs, names),
        againstOthers: againstOthers.get(group) ?? null,
      })),
      groupCount: ranked.length,
      comparedCount: compared.length,
      fewest: fewestSongsOfGroup,
    },
    anyIsClear: [...againstOthers.values()].some(({ isClear }) => isClear),
  };
}

function describeGroup(
  { code, moments, places }: Group,
  { ids, scores }: { ids: Int32Array; scores: Float64Array },
  names: readonly string[],
): Omit<GroupScores, 'againstOthers'> {
  const descending = places.map((place) => scores[place] ?? 0);
  return {
    name: names[code] ?? '',
    songs: places.length,
    mean: meanScore(moments),
    median: quantile(descending, 0.5),
    best: descending[0] ?? 0,
    worst: descending.at(-1) ?? 0,
    bestSongId: ids[places[0] ?? 0] ?? 0,
  };
}

function against(part: Moments, all: Moments, share: number): ComparedDifference {
  const difference = differenceOfMeans(part.estimate, all.without(part).estimate, share);
  return { difference, isClear: excludesZero(difference) };
}
