/** Makes the question that the insight screen asks, from what the list shows and what the person chose. */
import type { InsightRequest } from '../../shared/insight-commands.ts';
import type { RankingKey, SongFilter } from '../../shared/song-query.ts';
import { findSet, type SongSet } from './song-sets.ts';

export interface InsightBasis {
  filter: SongFilter;
  /** Left out: the ranking that the engine would choose. */
  ranking: RankingKey | undefined;
  sets: readonly SongSet[];
  choices: {
    thresholds: readonly number[];
    topPercent: number;
    first: string | null;
    second: string | null;
    reference: string | null;
  };
}

export function insightRequest({ filter, ranking, sets, choices }: InsightBasis): InsightRequest {
  const [first, second, reference] = [choices.first, choices.second, choices.reference].map((key) => {
    const set = findSet(sets, key);
    return set && { name: set.name, filter: set.filter };
  });
  return {
    filter,
    ...(ranking !== undefined && { ranking }),
    thresholds: [...choices.thresholds],
    topShare: choices.topPercent / 100,
    ...(first && second && { comparison: { first, second } }),
    ...(reference && { referenceSongs: reference }),
  };
}

/**
 * Thresholds as a person writes them: numbers of 0 to 10 with commas or spaces between, twenty at most.
 *
 * @returns ascending, each once; null where that is not what was written
 */
export function parseThresholds(text: string): number[] | null {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '');
  const values = parts.map(Number);
  const isAllowed = (value: number) => value >= 0 && value <= 10;
  if (values.length === 0 || values.length > 20 || !values.every(isAllowed)) return null;
  return [...new Set(values)].sort((one, other) => one - other);
}
