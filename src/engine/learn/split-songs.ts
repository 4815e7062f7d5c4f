/** Divides songs into those to train on, to choose the epoch by and to test with, exactly as the reference does. */
import { createHash } from 'node:crypto';
import { BangerError } from '../../shared/errors.ts';
import type { TrainingRecipe } from '../../shared/training-recipe.ts';
import { permutation } from './mersenne-twister.ts';

export interface SongSplit {
  /** Rows of the data, in the reference's order. */
  train: Int32Array<ArrayBuffer>;
  validation: Int32Array<ArrayBuffer>;
  test: Int32Array<ArrayBuffer>;
}

/**
 * scikit-learn's `train_test_split`, applied twice: first the songs that are held out, then those of them that test.
 *
 * @throws BangerError `data-unusable` for too few songs
 */
export function splitSongs(
  count: number,
  { heldOutShare, testShare, splitSeed }: Pick<TrainingRecipe, 'heldOutShare' | 'testShare' | 'splitSeed'>,
): SongSplit {
  const all = Int32Array.from({ length: count }, (_, row) => row);
  const [train, heldOut] = trainTestSplit(all, heldOutShare, splitSeed);
  const [validation, test] = trainTestSplit(heldOut, testShare, splitSeed);
  if (train.length < 2 || validation.length < 1 || test.length < 1) {
    throw new BangerError(
      'data-unusable',
      `${count} songs are too few: they do not fill a training, a validation and a test part.`,
      { nextStep: 'Give at least 4 songs to try it, and some hundreds for a head that means anything.' },
    );
  }
  return { train, validation, test };
}

/** @returns the rows that stay and the rows that are taken out, `share` of them rounded up */
function trainTestSplit(
  rows: Int32Array,
  share: number,
  seed: number,
): [Int32Array<ArrayBuffer>, Int32Array<ArrayBuffer>] {
  const takenCount = Math.ceil(rows.length * share);
  const order = permutation(rows.length, seed).map((place) => rows[place] ?? 0);
  return [order.slice(takenCount), order.slice(0, takenCount)];
}

/**
 * SHA-256 over which song is in which part, in order.
 *
 * @param names what each row is called in the data
 */
export function hashSplit({ train, validation, test }: SongSplit, names: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of [train, validation, test]) {
    hash.update(`${part.length}\n`);
    for (const row of part) hash.update(`${JSON.stringify(names[row] ?? '')}\n`);
  }
  return hash.digest('hex');
}
