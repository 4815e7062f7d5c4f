/** Split, labels and metrics are those of scikit-learn, NumPy and SciPy. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { permutation } from '../../../src/engine/learn/mersenne-twister.ts';
import { PairedScores } from '../../../src/engine/learn/paired-scores.ts';
import { readLabelValue, scaleLabels, scaleOver } from '../../../src/engine/learn/scale-labels.ts';
import { hashSplit, splitSongs } from '../../../src/engine/learn/split-songs.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { referenceRecipe } from '../../../src/shared/training-recipe.ts';
import { parityFolder, readParityObject } from '../../support/parity.ts';

const part = z.object({
  size: z.int(),
  first: z.array(z.int()),
  last: z.array(z.int()),
  sha256_of_int32_le: z.string(),
});
const splits = z
  .record(z.string(), z.object({ train: part, val: part, test: part }))
  .parse(readParityObject('training', 'split.json'));

describe('the split', () => {
  test.each(Object.entries(splits))('of %s songs is scikit-learn’s', (count, expected) => {
    const { train, validation, test: tested } = splitSongs(Number(count), referenceRecipe);
    const parts = { train, val: validation, test: tested };
    for (const name of ['train', 'val', 'test'] as const) {
      const rows = parts[name];
      expect(rows.length).toBe(expected[name].size);
      expect([...rows.slice(0, expected[name].first.length)]).toEqual(expected[name].first);
      expect([...rows.slice(-expected[name].last.length)]).toEqual(expected[name].last);
      const hash = createHash('sha256').update(new Uint8Array(rows.buffer)).digest('hex');
      expect(hash).toBe(expected[name].sha256_of_int32_le);
    }
  });

  test.each([1, 2, 3])('refuses %i songs', (count) => {
    expect(() => splitSongs(count, referenceRecipe)).toThrow(
      expect.objectContaining({
        code: 'data-unusable',
        message: expect.stringContaining(`${count} songs`) as string,
      }),
    );
  });

  test('of 4 songs has something in every part', () => {
    const { train, validation, test: tested } = splitSongs(4, referenceRecipe);
    expect([train.length, validation.length, tested.length]).toEqual([2, 1, 1]);
  });

  test('has a hash that tells one song in another part', () => {
    const names = Array.from({ length: 20 }, (_, row) => `song ${row}`);
    const split = splitSongs(20, referenceRecipe);
    const other = splitSongs(20, { ...referenceRecipe, splitSeed: 7 });
    expect(hashSplit(split, names)).toBe(hashSplit(splitSongs(20, referenceRecipe), names));
    expect(hashSplit(other, names)).not.toBe(hashSplit(split, names));
    expect(hashSplit(split, names.with(3, 'another'))).not.toBe(hashSplit(split, names));
  });

  test('permutes every number of songs', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(0xffff_ffff), (count, seed) => {
        expect([...permutation(count, seed)].sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
      }),
    );
  });
});

describe('labels', () => {
  const { listens, labels } = z
    .object({ listens: z.array(z.number()), labels: z.array(z.number()) })
    .parse(readParityObject('training', 'labels.json'));

  test('agree with the reference to 1e-9', () => {
    const scaled = scaleLabels(listens, scaleOver('log-minmax', listens));
    for (const [index, label] of scaled.entries()) {
      expect(Math.abs(label - (labels[index] ?? NaN))).toBeLessThan(1e-9);
    }
  });

  test('that are all equal are refused with their value', () => {
    expect(() => scaleLabels([7, 7, 7], scaleOver('log-minmax', [7, 7, 7]))).toThrow(
      expect.objectContaining({ code: 'data-unusable', message: expect.stringContaining('7') as string }),
    );
  });

  test('outside 0 to 10 need a scale', () => {
    expect(() => scaleLabels([3, 12], scaleOver('none', []))).toThrow(/outside 0 to 10/);
    expect([...scaleLabels([0, 2.5, 10], scaleOver('none', []))]).toEqual([0, 2.5, 10]);
    expect([...scaleLabels([-5, 0, 5], scaleOver('minmax', [-5, 0, 5]))]).toEqual([0, 5, 10]);
  });

  test.each([
    ['', 'missing'],
    ['NaN', 'missing'],
    [' n/a ', 'missing'],
    ['many', 'not-a-number'],
    ['Infinity', 'not-a-number'],
    ['-3', 'negative'],
    ['0', 'zero'],
    ['1e3', 1000],
  ])('read “%s” as %s', (cell, expected) => {
    expect(readLabelValue(cell, 'log-minmax', false)).toBe(expected);
  });

  test('keep zero where it is asked for', () => {
    expect(readLabelValue('0', 'log-minmax', true)).toBe(0);
    expect(readLabelValue('-3', 'minmax', false)).toBe(-3);
  });
});

describe('metrics', () => {
  const cases = z
    .array(z.object({ a: z.array(z.number()), b: z.array(z.number()), rho: z.number(), mae: z.number() }))
    .parse(JSON.parse(readFileSync(join(parityFolder, 'training', 'metrics.json'), 'utf8')));

  test('agree with SciPy to 1e-9, ties included', () => {
    for (const { a, b, rho, mae } of cases) {
      const figures = new PairedScores(a, b).measure();
      expect(Math.abs(figures.spearman - rho)).toBeLessThan(1e-9);
      expect(Math.abs(figures.mae - mae)).toBeLessThan(1e-9);
    }
  });

  const few = fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 })), {
    minLength: 2,
    maxLength: 40,
  });

  test('count pairs as looking at every pair does', () => {
    fc.assert(
      fc.property(few, (pairs) => {
        const [predicted, actual] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
        const { kendall, pairwiseAccuracy } = new PairedScores(predicted, actual).measure();
        const every = lookAtEveryPair(predicted, actual);
        // Undefined in the same cases: one side is constant.
        expect(Number.isNaN(kendall)).toBe(Number.isNaN(every.kendall));
        expect(Number.isNaN(pairwiseAccuracy)).toBe(Number.isNaN(every.pairwiseAccuracy));
        if (!Number.isNaN(kendall)) expect(kendall).toBeCloseTo(every.kendall, 12);
        if (!Number.isNaN(pairwiseAccuracy)) expect(pairwiseAccuracy).toBeCloseTo(every.pairwiseAccuracy, 12);
      }),
    );
  });

  test('of a resampled set are those of the songs written out', () => {
    fc.assert(
      fc.property(few, fc.array(fc.nat(3), { minLength: 40, maxLength: 40 }), (pairs, drawn) => {
        const counts = Uint16Array.from(pairs, (_, row) => drawn[row] ?? 0);
        const repeated = pairs.flatMap((pair, row) => Array.from({ length: counts[row] ?? 0 }, () => pair));
        const whole = new PairedScores(
          pairs.map(([a]) => a),
          pairs.map(([, b]) => b),
        ).measure(counts);
        const written = new PairedScores(
          repeated.map(([a]) => a),
          repeated.map(([, b]) => b),
        ).measure();
        for (const name of ['mae', 'rmse', 'bias', 'spearman', 'kendall', 'pairwiseAccuracy'] as const) {
          if (Number.isFinite(written[name])) expect(whole[name], name).toBeCloseTo(written[name], 12);
          else expect(Number.isFinite(whole[name]), name).toBe(false);
        }
      }),
    );
  });

  test('are undefined, not wrong, where all labels are equal', () => {
    const figures = new PairedScores([1, 2, 3], [5, 5, 5]).measure();
    expect(figures.spearman).toBeNaN();
    expect(figures.kendall).toBeNaN();
    expect(figures.pairwiseAccuracy).toBeNaN();
    expect(figures.mae).toBe(3);
  });
});

function lookAtEveryPair(predicted: number[], actual: number[]) {
  let [concordant, discordant, tiedPredicted, tiedActual, pairs] = [0, 0, 0, 0, 0];
  for (let i = 0; i < predicted.length; i++) {
    for (let j = 0; j < i; j++) {
      const a = Math.sign((predicted[i] ?? 0) - (predicted[j] ?? 0));
      const b = Math.sign((actual[i] ?? 0) - (actual[j] ?? 0));
      pairs += 1;
      if (a * b > 0) concordant += 1;
      if (a * b < 0) discordant += 1;
      if (a === 0) tiedPredicted += 1;
      if (b === 0) tiedActual += 1;
    }
  }
  const comparable = pairs - tiedActual;
  return {
    kendall: (concordant - discordant) / Math.sqrt((pairs - tiedPredicted) * comparable),
    pairwiseAccuracy: (concordant + (comparable - concordant - discordant) / 2) / comparable,
  };
}
