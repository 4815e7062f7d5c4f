/** Means, and lines through points by least squares. */

/** The mean; NaN of nothing. */
export function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index] ?? NaN;
  return sum / values.length;
}

export interface Line {
  slope: number;
  offset: number;
}

/** The line with the least squared error in `y`; points that are not finite are passed over. Null without spread in `x`. */
export function fitLine(x: ArrayLike<number>, y: ArrayLike<number>): Line | null {
  let [count, sumX, sumY] = [0, 0, 0];
  const rows: number[] = [];
  for (let row = 0; row < x.length; row++) {
    if (!Number.isFinite(x[row]) || !Number.isFinite(y[row])) continue;
    rows.push(row);
    count += 1;
    sumX += x[row] ?? 0;
    sumY += y[row] ?? 0;
  }
  const [meanX, meanY] = [sumX / count, sumY / count];
  let [squares, products] = [0, 0];
  for (const row of rows) {
    const deviation = (x[row] ?? 0) - meanX;
    squares += deviation * deviation;
    products += deviation * ((y[row] ?? 0) - meanY);
  }
  if (count < 2 || squares === 0) return null;
  const slope = products / squares;
  return { slope, offset: meanY - slope * meanX };
}
