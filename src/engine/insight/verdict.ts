/** What an analysis may be taken to say. */
import type { InsightVerdict } from '../../shared/insight-parts.ts';

/**
 * The verdict of an analysis that compares.
 *
 * @param songs that have what the analysis needs
 * @param isEnough whether they are enough for any comparison
 * @param isClear whether any comparison came out clear
 */
export function verdictOf(songs: number, isEnough: boolean, isClear: boolean): InsightVerdict {
  if (songs === 0) return 'nothing';
  if (!isEnough) return 'too-few';
  return isClear ? 'clear' : 'unclear';
}
