/** What several songs have in common, in numbers. */
import type { SongRow } from '../../shared/song-query.ts';

export interface SelectionFacts {
  durationSeconds: number;
  /** Null where none has a score. */
  lowestScore: number | null;
  highestScore: number | null;
  unscored: number;
  kept: number;
  rejected: number;
  undecided: number;
  hasDrafts: boolean;
}

export function selectionFacts(rows: readonly SongRow[]): SelectionFacts {
  const scores = rows.flatMap(({ score }) => (score === null ? [] : [score]));
  const count = (verdict: SongRow['verdict']) => rows.filter((row) => row.verdict === verdict).length;
  return {
    durationSeconds: rows.reduce((sum, row) => sum + (row.durationSeconds ?? 0), 0),
    lowestScore: scores.length === 0 ? null : Math.min(...scores),
    highestScore: scores.length === 0 ? null : Math.max(...scores),
    unscored: rows.length - scores.length,
    kept: count('keep'),
    rejected: count('reject'),
    undecided: count('undecided'),
    hasDrafts: rows.some(({ isDraft, score }) => isDraft && score !== null),
  };
}
