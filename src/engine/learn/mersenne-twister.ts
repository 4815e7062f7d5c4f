/** NumPy's legacy random numbers: the Mersenne Twister behind `RandomState`, and its permutation. */

const wordCount = 624;
const shift = 397;

/**
 * The stream of unsigned 32-bit numbers of `numpy.random.RandomState(seed)`.
 *
 * @param seed 0 to 2 ** 32 - 1
 */
export function mersenneTwister(seed: number): () => number {
  const state = new Uint32Array(wordCount);
  const at = (index: number): number => state[index % wordCount] ?? 0;
  state[0] = seed;
  for (let index = 1; index < wordCount; index++) {
    const previous = at(index - 1);
    state[index] = Math.imul(1_812_433_253, previous ^ (previous >>> 30)) + index;
  }
  let next = wordCount;
  return () => {
    if (next === wordCount) {
      for (let index = 0; index < wordCount; index++) {
        const mixed = (at(index) & 0x8000_0000) | (at(index + 1) & 0x7fff_ffff);
        state[index] = at(index + shift) ^ (mixed >>> 1) ^ ((mixed & 1) === 1 ? 0x9908_b0df : 0);
      }
      next = 0;
    }
    let word = at(next++);
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c_5680;
    word ^= (word << 15) & 0xefc6_0000;
    word ^= word >>> 18;
    return word >>> 0;
  };
}

/** `numpy.random.RandomState(seed).permutation(count)`: 0 to count - 1 in a random order. */
export function permutation(count: number, seed: number): Int32Array<ArrayBuffer> {
  const random = mersenneTwister(seed);
  const order = Int32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    // The smallest mask of ones that covers `last`; numbers beyond are drawn again, as NumPy does.
    const mask = 2 ** Math.ceil(Math.log2(last + 1)) - 1;
    let chosen = (random() & mask) >>> 0;
    while (chosen > last) chosen = (random() & mask) >>> 0;
    const kept = order[last] ?? 0;
    order[last] = order[chosen] ?? 0;
    order[chosen] = kept;
  }
  return order;
}
