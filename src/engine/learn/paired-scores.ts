/** How predictions and labels of the same songs go together: errors and rank correlations, also of resampled songs. */

export interface PairFigures {
  mae: number;
  rmse: number;
  bias: number;
  /** NaN where either side is constant. */
  spearman: number;
  kendall: number;
  /** NaN where all labels are equal. */
  pairwiseAccuracy: number;
}

/**
 * Pairs of one prediction and one label. Orders are worked out once; a resampled set is then told by how often it
 * contains each song, and costs little more than going through the songs.
 */
export class PairedScores {
  readonly #predicted: ArrayLike<number>;
  readonly #actual: ArrayLike<number>;
  /** Rank of each distinct value from 0, equal values alike; rows by prediction, then by label. */
  readonly #predictedRanks: Int32Array;
  readonly #actualRanks: Int32Array;
  readonly #order: Int32Array;

  constructor(predicted: ArrayLike<number>, actual: ArrayLike<number>) {
    if (predicted.length !== actual.length) throw new RangeError('predictions and labels differ in number');
    this.#predicted = predicted;
    this.#actual = actual;
    this.#predictedRanks = denseRanks(predicted);
    this.#actualRanks = denseRanks(actual);
    const [first, second] = [this.#predictedRanks, this.#actualRanks];
    this.#order = Int32Array.from({ length: predicted.length }, (_, row) => row).sort(
      (a, b) => (first[a] ?? 0) - (first[b] ?? 0) || (second[a] ?? 0) - (second[b] ?? 0),
    );
  }

  get length(): number {
    return this.#predicted.length;
  }

  /** @param counts how often each song is in the set; once each unless told */
  measure(counts?: Uint16Array): PairFigures {
    const errors = this.#measureErrors(counts);
    const pairs = this.#countPairs(counts);
    return {
      ...errors,
      spearman: this.#spearman(counts),
      kendall:
        (pairs.concordant - pairs.discordant) /
        Math.sqrt((pairs.total - pairs.tiedPredicted) * (pairs.total - pairs.tiedActual)),
      pairwiseAccuracy:
        (pairs.concordant + (pairs.total - pairs.tiedActual - pairs.concordant - pairs.discordant) / 2) /
        (pairs.total - pairs.tiedActual),
    };
  }

  #measureErrors(counts: Uint16Array | undefined): Pick<PairFigures, 'mae' | 'rmse' | 'bias'> {
    let absolute = 0;
    let squared = 0;
    let signed = 0;
    let songs = 0;
    for (let row = 0; row < this.length; row++) {
      const count = counts?.[row] ?? 1;
      const error = (this.#predicted[row] ?? NaN) - (this.#actual[row] ?? NaN);
      absolute += count * Math.abs(error);
      squared += count * error * error;
      signed += count * error;
      songs += count;
    }
    return { mae: absolute / songs, rmse: Math.sqrt(squared / songs), bias: signed / songs };
  }

  /** Pearson's correlation of the ranks, where equal values share the mean of theirs, as SciPy does. */
  #spearman(counts: Uint16Array | undefined): number {
    const first = averageRanks(this.#predictedRanks, counts);
    const second = averageRanks(this.#actualRanks, counts);
    let songs = 0;
    for (let row = 0; row < this.length; row++) songs += counts?.[row] ?? 1;
    const mean = (songs + 1) / 2;
    let product = 0;
    let firstSquare = 0;
    let secondSquare = 0;
    for (let row = 0; row < this.length; row++) {
      const count = counts?.[row] ?? 1;
      const a = (first[this.#predictedRanks[row] ?? 0] ?? 0) - mean;
      const b = (second[this.#actualRanks[row] ?? 0] ?? 0) - mean;
      product += count * a * b;
      firstSquare += count * a * a;
      secondSquare += count * b * b;
    }
    return product / Math.sqrt(firstSquare * secondSquare);
  }

  /** Knight's way: songs by prediction, and for each the songs before it with smaller, equal and larger labels. */
  #countPairs(counts: Uint16Array | undefined) {
    const size = this.length;
    const tree = new Float64Array(size + 2);
    const add = (rank: number, count: number) => {
      for (let node = rank + 1; node <= size; node += node & -node) tree[node] = (tree[node] ?? 0) + count;
    };
    const upTo = (rank: number): number => {
      let sum = 0;
      for (let node = rank + 1; node > 0; node -= node & -node) sum += tree[node] ?? 0;
      return sum;
    };
    let [concordant, discordant, tiedPredicted, before] = [0, 0, 0, 0];
    for (let start = 0; start < size;) {
      const group = this.#predictedRanks[this.#order[start] ?? 0];
      let end = start;
      let inGroup = 0;
      for (; end < size && this.#predictedRanks[this.#order[end] ?? 0] === group; end++) {
        const row = this.#order[end] ?? 0;
        const count = counts?.[row] ?? 1;
        if (count === 0) continue;
        const rank = this.#actualRanks[row] ?? 0;
        concordant += count * upTo(rank - 1);
        discordant += count * (before - upTo(rank));
        inGroup += count;
      }
      for (let place = start; place < end; place++) {
        const row = this.#order[place] ?? 0;
        add(this.#actualRanks[row] ?? 0, counts?.[row] ?? 1);
      }
      tiedPredicted += pairsAmong(inGroup);
      before += inGroup;
      start = end;
    }
    const byActual = new Float64Array(size);
    for (let row = 0; row < size; row++) {
      const rank = this.#actualRanks[row] ?? 0;
      byActual[rank] = (byActual[rank] ?? 0) + (counts?.[row] ?? 1);
    }
    const tiedActual = byActual.reduce((sum, count) => sum + pairsAmong(count), 0);
    return { concordant, discordant, tiedPredicted, tiedActual, total: pairsAmong(before) };
  }
}

/** For each value its place among the distinct values, from 0. */
function denseRanks(values: ArrayLike<number>): Int32Array {
  const order = Int32Array.from({ length: values.length }, (_, row) => row).sort(
    (a, b) => (values[a] ?? 0) - (values[b] ?? 0),
  );
  const ranks = new Int32Array(values.length);
  let rank = -1;
  let previous = NaN;
  for (const row of order) {
    const value = values[row] ?? NaN;
    if (value !== previous) rank += 1;
    previous = value;
    ranks[row] = rank;
  }
  return ranks;
}

/** For each distinct value the mean of the places, from 1, that its songs take. */
function averageRanks(ranks: Int32Array, counts: Uint16Array | undefined): Float64Array {
  const songs = new Float64Array(ranks.length);
  for (const [row, rank] of ranks.entries()) songs[rank] = (songs[rank] ?? 0) + (counts?.[row] ?? 1);
  let before = 0;
  return songs.map((count) => {
    const mean = before + (count + 1) / 2;
    before += count;
    return mean;
  });
}

function pairsAmong(count: number): number {
  return (count * (count - 1)) / 2;
}
