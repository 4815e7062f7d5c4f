/** What is to be doubted about a head's figures, said before anybody trusts them. */
import { fewestForIntervals, type Evaluation } from '../../shared/evaluation.ts';
import { fewSongs } from '../../shared/learn-commands.ts';
import { strings } from '../strings/en.ts';

/**
 * - `few`: it was trained on too few songs
 * - `untested`: so few songs tested it that its figures say nothing
 * - `chance`: its ranks may be chance: the interval of Spearman reaches 0, or cannot be told
 * - `mean`, `loudness`: it is not clearly better than this baseline
 */
export type HeadDoubt = 'few' | 'untested' | 'chance' | Evaluation['baselines'][number]['name'];

/** @param songs all songs of the data, null where they are not known */
export function doubtsOf(
  songs: number | null,
  { metrics, baselines }: Pick<Evaluation, 'metrics' | 'baselines'>,
): HeadDoubt[] {
  const doubts: HeadDoubt[] = [];
  if (songs !== null && songs < fewSongs) doubts.push('few');
  if (metrics.songs < fewestForIntervals) return [...doubts, 'untested'];
  if (metrics.spearman === null || metrics.spearman.low <= 0) doubts.push('chance');
  for (const { name, metrics: baseline } of baselines) {
    const isClear = metrics.mae !== null && baseline.mae !== null && metrics.mae.high < baseline.mae.low;
    if (!isClear) doubts.push(name);
  }
  return doubts;
}

/** The doubts as sentences. @param songs how many trained the head, and how many judged it */
export function doubtWords(
  doubts: readonly HeadDoubt[],
  songs: { trained: number; tested: number },
): string[] {
  const words = strings.training.doubts;
  return doubts.map((doubt) => {
    if (doubt === 'few') return words.few(songs.trained);
    return doubt === 'untested' ? words.untested(songs.tested) : words[doubt];
  });
}
