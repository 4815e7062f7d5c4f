/** Turns what data states about songs (listens, stars) into labels from 0 to 10. */
import { BangerError } from '../../shared/errors.ts';
import type { LabelScale } from '../../shared/head-card.ts';

/** What a cell can hold instead of a usable number. */
export type LabelProblem = 'missing' | 'not-a-number' | 'negative' | 'zero';

/** Sentences for what was left out, by problem; see `noteLeftOut`. */
const problemWords: Record<LabelProblem, string> = {
  missing: 'have no value',
  'not-a-number': 'have a value that is no number',
  negative: 'have a negative value',
  zero: 'have the value 0',
};

/**
 * A cell as a number, or what is wrong with it. The reference takes no song that nobody listened to: listens of 0 say
 * that a song was not found, not that it is bad.
 */
export function readLabelValue(
  cell: string,
  method: LabelScale['method'],
  keepsZero: boolean,
): number | LabelProblem {
  const text = cell.trim();
  if (text === '' || /^(nan|null|none|na|n\/a)$/i.test(text)) return 'missing';
  const value = Number(text);
  if (!Number.isFinite(value)) return 'not-a-number';
  if (method === 'none') return value;
  if (method === 'log-minmax' && value < 0) return 'negative';
  if (method === 'log-minmax' && value === 0 && !keepsZero) return 'zero';
  return value;
}

/** One sentence for each kind of row that was left out. */
export function noteProblems(problems: ReadonlyMap<LabelProblem, number>): string[] {
  return [...problems].map(([problem, count]) => `${count} rows ${problemWords[problem]} and are left out.`);
}

/**
 * Labels from 0 to 10.
 *
 * @param values finite; those of all rows that count, or the ends of their range in `scale`
 * @throws BangerError `data-unusable` where all are equal, or lie outside 0..10 and are not to be scaled
 */
export function scaleLabels(values: readonly number[], scale: LabelScale): Float64Array<ArrayBuffer> {
  if (scale.method === 'none') {
    const outside = values.filter((value) => value < 0 || value > 10).length;
    if (outside > 0) {
      throw new BangerError('data-unusable', `${outside} labels lie outside 0 to 10.`, {
        nextStep: 'Have them scaled: --scale minmax, or --scale log-minmax for counts such as listens.',
      });
    }
    return Float64Array.from(values);
  }
  const bend = scale.method === 'log-minmax' ? Math.log1p : (value: number) => value;
  const low = bend(scale.minimum ?? NaN);
  const high = bend(scale.maximum ?? NaN);
  if (!(high > low)) {
    throw new BangerError(
      'data-unusable',
      `All songs have the same label, ${scale.minimum ?? 'none'}: there is nothing to learn from.`,
      { nextStep: 'Check that the label column is the right one.' },
    );
  }
  return Float64Array.from(values, (value) => ((bend(value) - low) / (high - low)) * 10);
}

/** The scale over these values: its ends are the smallest and the largest. */
export function scaleOver(method: LabelScale['method'], values: Iterable<number>): LabelScale {
  if (method === 'none') return { method, minimum: null, maximum: null };
  let minimum = Infinity;
  let maximum = -Infinity;
  for (const value of values) {
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
  }
  if (minimum > maximum) {
    throw new BangerError('data-unusable', 'No song has a usable label.', {
      nextStep: 'Check that the label column is the right one.',
    });
  }
  return { method, minimum, maximum };
}
