/** Intervals and effect sizes against SciPy 1.17 and values worked out by hand, and what must hold for any numbers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { confidenceOfEach, normalCritical, tCritical } from '../../../src/engine/insight/critical-values.ts';
import { cliffsDelta, hedgesG } from '../../../src/engine/insight/effect-sizes.ts';
import { differenceOfMeans, excludesZero, meanScore, Moments } from '../../../src/engine/insight/means.ts';
import { binOf, niceEdges } from '../../../src/engine/insight/nice-edges.ts';
import { averageRanks, spearman } from '../../../src/engine/insight/rank-correlation.ts';
import { scoreBins, spreadOf, topMeanOf } from '../../../src/engine/insight/score-spread.ts';
import { differenceOfShares, wilsonShare } from '../../../src/engine/insight/shares.ts';
import type { Figure } from '../../../src/shared/insight-parts.ts';

const first = [6.1, 5.2, 7.3, 4.8, 6.6];
const second = [5, 4.1, 6.2, 3.9, 5.5, 4.4];
const ascending = (values: readonly number[]) => Float64Array.from(values).sort();
const scores = fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 2, maxLength: 40 });

function expectFigure(figure: Figure | null, value: number, low: number, high: number, digits = 9): void {
  expect(figure?.value).toBeCloseTo(value, digits);
  expect(figure?.interval?.low).toBeCloseTo(low, digits);
  expect(figure?.interval?.high).toBeCloseTo(high, digits);
}

/** An interval that is there holds its value, and neither end is anything but a number. */
function expectSound(figure: Figure | null): void {
  if (figure === null) return;
  expect(Number.isFinite(figure.value)).toBe(true);
  if (figure.interval === null) return;
  expect(figure.interval.low).toBeLessThanOrEqual(figure.value + 1e-9);
  expect(figure.interval.high).toBeGreaterThanOrEqual(figure.value - 1e-9);
}

describe('critical values', () => {
  it.each([
    [0.95, 1, 12.706204736174694],
    [0.95, 2, 4.302652729749462],
    [0.95, 4.5, 2.6589123472044034],
    [0.95, 30, 2.0422724563012378],
    [0.9995, 7, 6.081756186049146],
    [0.99999, 1000, 4.43992646883754],
    [0.95, 1e6, 1.959966356814107],
  ])('of t, %d with %d degrees', (share, degrees, expected) => {
    expect(tCritical(share, degrees)).toBeCloseTo(expected, 8);
  });

  it.each([
    [0.5, 0.6744897501960817],
    [0.95, 1.959963984540054],
    [0.9999999, 5.326723886681888],
  ])('of the normal distribution, %d', (share, expected) => {
    expect(normalCritical(share)).toBeCloseTo(expected, 8);
  });

  it('grow with the number of comparisons', () => {
    expect(confidenceOfEach(0)).toBe(0.95);
    expect(confidenceOfEach(1)).toBe(0.95);
    expect(confidenceOfEach(50)).toBeCloseTo(0.999, 12);
  });
});

describe('means', () => {
  it('have Student’s interval', () => {
    expectFigure(meanScore(Moments.of(first)), 6, 4.736793755402312, 7.263206244597688);
  });

  it('stay on the scale, and say nothing of a spread that cannot be seen', () => {
    expect(meanScore(Moments.of([0, 10]))).toEqual({ value: 5, interval: { low: 0, high: 10 } });
    expect(meanScore(Moments.of([7]))).toEqual({ value: 7, interval: null });
    expect(meanScore(Moments.of([7, 7, 7]))).toEqual({ value: 7, interval: null });
  });

  it('differ by Welch’s interval, wider for more comparisons', () => {
    const [a, b] = [Moments.of(first).estimate, Moments.of(second).estimate];
    expectFigure(differenceOfMeans(a, b), 1.15, -0.188684425999041, 2.4886844259990397);
    expectFigure(differenceOfMeans(a, b, 0.99), 1.15, -0.7956326057379624, 3.0956326057379613);
  });

  it('are not clearly apart where neither group has any spread', () => {
    const difference = differenceOfMeans(Moments.of([7, 7]).estimate, Moments.of([3, 3, 3]).estimate);
    expect(difference).toEqual({ value: 4, interval: null });
    expect(excludesZero(difference)).toBe(false);
  });

  it('of a rest are those of its values by themselves', () => {
    fc.assert(
      fc.property(scores, scores, (part, others) => {
        const rest = Moments.of([...part, ...others]).without(Moments.of(part));
        const expected = Moments.of(others);
        expect(rest.count).toBe(expected.count);
        expect(rest.mean).toBeCloseTo(expected.mean, 8);
        expect(rest.squares).toBeCloseTo(expected.squares, 6);
      }),
    );
  });
});

describe('shares', () => {
  it.each([
    [0, 10, 0, 0.27753279986288926],
    [3, 10, 0.10779126740630102, 0.6032218525388546],
    [10, 10, 0.7224672001371109, 1],
    [27, 148, 0.12851553720457212, 0.2524177024384801],
  ])('%d of %d by Wilson', (part, whole, low, high) => {
    expectFigure(wilsonShare({ part, whole }), part / whole, low, high);
  });

  it('differ as in Newcombe’s example of 56 of 70 and 48 of 80', () => {
    const difference = differenceOfShares({ part: 56, whole: 70 }, { part: 48, whole: 80 });
    expectFigure(difference, 0.2, 0.0524, 0.3339, 4);
  });
});

describe('effect sizes', () => {
  it('are Cliff’s delta with its interval, and Hedges’ g', () => {
    const [a, b] = [ascending(first), ascending(second)];
    expectFigure(cliffsDelta(a, b), -0.6, -0.889296509240315, 0.032246679034080086);
    expect(hedgesG(a, b)?.value).toBeCloseTo(-1.1100173410826804, 12);
    expect(hedgesG(Float64Array.of(3, 3), Float64Array.of(5, 5))).toBeNull();
  });

  it('are whole where nothing overlaps, and nothing where all is equal', () => {
    const low = new Float64Array(20).fill(2);
    const high = new Float64Array(20).fill(8);
    const apart = cliffsDelta(low, high);
    expect(apart.value).toBe(1);
    expect(apart.interval?.high).toBe(1);
    expect(apart.interval?.low).toBeGreaterThan(0.5);
    expectSound(cliffsDelta(low, low));
    expect(cliffsDelta(low, low).value).toBe(0);
  });

  it('turn round with the groups and never leave -1..1', () => {
    fc.assert(
      fc.property(scores, scores, (one, other) => {
        const [a, b] = [ascending(one), ascending(other)];
        const [there, back] = [cliffsDelta(a, b), cliffsDelta(b, a)];
        expectSound(there);
        expectSound(hedgesG(a, b));
        expect(there.value).toBeCloseTo(-back.value, 12);
        expect(there.interval?.low).toBeCloseTo(-(back.interval?.high ?? NaN), 9);
        // By its definition: every pair counts.
        const pairs = one.flatMap((x) => other.map((y) => Math.sign(y - x)));
        expect(there.value).toBeCloseTo(pairs.reduce((sum, sign) => sum + sign, 0) / pairs.length, 12);
      }),
    );
  });
});

describe('Spearman’s rho', () => {
  it('is SciPy’s, equal values sharing a rank', () => {
    const x = [1, 2, 2, 3, 5, 8, 8, 9, 11, 12];
    const y = [3, 1, 4, 4, 6, 5, 7, 7, 9, 2];
    expect(spearman(x, y)?.value).toBeCloseTo(0.48466257668711654, 12);
    expect([...averageRanks([5, 1, 5, 5, 0])]).toEqual([4, 2, 4, 4, 1]);
  });

  it('is not defined for few songs or a side that is all equal, and never leaves -1..1', () => {
    expect(spearman([1, 2, 3], [1, 2, 3])).toBeNull();
    expect(spearman([1, 1, 1, 1], [1, 2, 3, 4])).toBeNull();
    expect(spearman([1, 2, 3, 4, 5], [2, 4, 6, 8, 10])).toEqual({ value: 1, interval: { low: 1, high: 1 } });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ max: 5, min: 0 }), fc.integer()), { minLength: 4 }),
        (pairs) => {
          expectSound(
            spearman(
              pairs.map(([x]) => x),
              pairs.map(([, y]) => y),
            ),
          );
        },
      ),
    );
  });
});

describe('spreads and spans', () => {
  it('are a box plot as Tukey drew it', () => {
    const spread = spreadOf(Float64Array.of(0, 4, 5, 5, 6, 6, 7, 10));
    expect(spread).toMatchObject({ lowerQuartile: 4.75, median: 5.5, upperQuartile: 6.25, outliers: 2 });
    expect(spread).toMatchObject({ minimum: 0, lowerWhisker: 4, upperWhisker: 7, maximum: 10 });
    expect(spreadOf(new Float64Array())).toBeNull();
    expect(spreadOf(Float64Array.of(3))).toMatchObject({ median: 3, standardDeviation: null, outliers: 0 });
    expect(topMeanOf(Float64Array.of(1, 2, 9))).toBe(9);
    expect(topMeanOf(Float64Array.from({ length: 20 }, (_, index) => index / 2))).toBe(9.25);
  });

  it('hold every score in one bin, both ends of the scale included', () => {
    const bins = scoreBins([0, 0.49, 0.5, 9.99, 10]);
    expect(bins).toHaveLength(20);
    expect(bins[0]).toEqual({ from: 0, to: 0.5, songs: 2 });
    expect(bins[1]?.songs).toBe(1);
    expect(bins.at(-1)).toEqual({ from: 9.5, to: 10, songs: 2 });
  });

  it('divide a quantity at round numbers', () => {
    const tempos = Float64Array.from({ length: 121 }, (_, index) => 60 + index);
    expect(niceEdges(tempos)).toEqual([60, 70, 80, 90, 100, 110, 120, 130, 140, 150, 160, 170, 180]);
    expect(niceEdges(Float64Array.of(120, 120))).toEqual([120, 120]);
    expect(niceEdges(new Float64Array())).toEqual([]);
  });

  it('hold every value of a quantity, whatever it is', () => {
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), {
      minLength: 1,
      maxLength: 200,
    });
    fc.assert(
      fc.property(values, (list) => {
        const edges = niceEdges(Float64Array.from(list));
        expect(edges.length).toBeGreaterThanOrEqual(2);
        expect(edges.length).toBeLessThan(30);
        expect([...edges].sort((a, b) => a - b)).toEqual(edges);
        for (const value of list) {
          const bin = binOf(edges, value);
          expect(edges[bin]).toBeLessThanOrEqual(value);
          expect(edges[bin + 1]).toBeGreaterThanOrEqual(value);
        }
      }),
    );
  });
});
