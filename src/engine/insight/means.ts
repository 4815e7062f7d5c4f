/** Means of scores and their differences, with intervals. */
import type { Figure } from '../../shared/insight-parts.ts';
import { maximumScore, minimumScore } from '../../shared/score.ts';
import { confidence, tCritical } from './critical-values.ts';

/** A mean and how sure it is. */
export interface EstimatedMean {
  mean: number;
  /** Square of the mean's standard error. */
  squaredError: number;
  /** Degrees of freedom behind that error. */
  degrees: number;
}

/** Count, mean and squared deviations of values that come one by one (Welford). */
export class Moments {
  count = 0;
  mean = 0;
  /** Sum of the squared deviations from the mean. */
  squares = 0;

  /** Of all values at once. */
  static of(values: Iterable<number>): Moments {
    const moments = new Moments();
    for (const value of values) moments.add(value);
    return moments;
  }

  add(value: number): void {
    this.count += 1;
    const deviation = value - this.mean;
    this.mean += deviation / this.count;
    this.squares += deviation * (value - this.mean);
  }

  /** These values without some that are among them. */
  without(part: Moments): Moments {
    const rest = new Moments();
    rest.count = this.count - part.count;
    if (rest.count === 0) return rest;
    rest.mean = (this.count * this.mean - part.count * part.mean) / rest.count;
    const between = ((part.count * rest.count) / this.count) * (part.mean - rest.mean) ** 2;
    // Rounding may leave a little less than nothing where all values are equal.
    rest.squares = Math.max(0, this.squares - part.squares - between);
    return rest;
  }

  /** Sample variance; NaN of a single value. */
  get variance(): number {
    return this.squares / (this.count - 1);
  }

  /** The mean with its standard error, every value drawn by itself. */
  get estimate(): EstimatedMean {
    return { mean: this.mean, squaredError: this.variance / this.count, degrees: this.count - 1 };
  }
}

/** A mean score with Student's interval within 0..10; without one where nothing is known of the spread. */
export function meanScore(moments: Moments): Figure {
  const { mean, squaredError, degrees } = moments.estimate;
  if (!(squaredError > 0)) return { value: mean, interval: null };
  const reach = tCritical(confidence, degrees) * Math.sqrt(squaredError);
  return {
    value: mean,
    interval: { low: Math.max(minimumScore, mean - reach), high: Math.min(maximumScore, mean + reach) },
  };
}

/**
 * One mean minus another, with Welch's interval; without one where neither group has any spread.
 *
 * @param share confidence of the interval
 */
export function differenceOfMeans(of: EstimatedMean, minus: EstimatedMean, share = confidence): Figure {
  const value = of.mean - minus.mean;
  const squaredError = of.squaredError + minus.squaredError;
  if (!(squaredError > 0)) return { value, interval: null };
  // Satterthwaite's degrees of freedom.
  const degrees =
    squaredError ** 2 / (of.squaredError ** 2 / of.degrees + minus.squaredError ** 2 / minus.degrees);
  const reach = tCritical(share, degrees) * Math.sqrt(squaredError);
  return { value, interval: { low: value - reach, high: value + reach } };
}

/** Whether a figure's interval leaves out zero. */
export function excludesZero({ interval }: Figure): boolean {
  return interval !== null && (interval.low > 0 || interval.high < 0);
}
