/** Random numbers that a seed repeats on every machine. */

/** One 32-bit step of SplitMix32: spreads a counter over all bits. */
function spread(counter: number): number {
  let word = Math.imul(counter ^ (counter >>> 16), 0x21f0_aaad);
  word = Math.imul(word ^ (word >>> 15), 0x735a_2d97);
  return word ^ (word >>> 15);
}

/** A seed from several whole numbers, such as a seed and an epoch: an unsigned 32-bit number. */
export function mixSeeds(...words: readonly number[]): number {
  return (
    words.reduce((mixed, word) => spread((mixed + Math.imul(word, 0x9e37_79b9) + 0x6d2b_79f5) | 0), 0) >>> 0
  );
}

/**
 * A stream of unsigned 32-bit numbers, the same for the same seed (xoshiro128**, its state filled by SplitMix32).
 *
 * @param seed any whole number; its lower 32 bits count
 */
export function seededBits(seed: number): () => number {
  let counter = seed | 0;
  const fill = (): number => spread((counter = (counter + 0x9e37_79b9) | 0));
  let [a, b, c, d] = [fill(), fill(), fill(), fill()];
  return () => {
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result >>> 0;
  };
}

/** A whole number from 0 up to and without `end`, every one as likely. */
export function drawBelow(bits: () => number, end: number): number {
  // The last numbers of the range that do not fill a whole round are drawn again.
  const limit = 2 ** 32 - (2 ** 32 % end);
  let drawn = bits();
  while (drawn >= limit) drawn = bits();
  return drawn % end;
}

/** 0 to count - 1 in a random order. */
export function shuffledOrder(count: number, seed: number): Int32Array<ArrayBuffer> {
  const bits = seededBits(seed);
  const order = Int32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const chosen = drawBelow(bits, last + 1);
    [order[last], order[chosen]] = [order[chosen] ?? 0, order[last] ?? 0];
  }
  return order;
}
