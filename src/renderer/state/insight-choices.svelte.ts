/** What a person chose to see of the scores; kept while the window is open, wherever it is. */
import { defaultThresholds } from '../../shared/insight-commands.ts';

/** Shares of the songs that can be looked at on each side, in percent. */
export const topPercents = [5, 10, 20, 25, 50] as const;

export class InsightChoices {
  /** Of hit rates, in points, ascending. */
  thresholds = $state.raw<readonly number[]>(defaultThresholds);
  topPercent = $state<(typeof topPercents)[number]>(10);
  /** Keys of sets of songs; null where nothing was chosen. */
  first = $state<string | null>(null);
  second = $state<string | null>(null);
  /** Null for the reference that percentiles are stated against, or else the rest of the library. */
  reference = $state<string | null>(null);
}
