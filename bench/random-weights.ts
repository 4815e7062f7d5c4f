/** Seeded random numbers for weights and clips that have the real ones' shapes, so that no download is needed. */

/** `count` values, evenly spread over -1..1; the same for the same name, on every machine. */
export function randomValues(name: string, count: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(count);
  let state = seedOf(name);
  for (let index = 0; index < count; index++) {
    // mulberry32: short, fast, and good enough for weights that only have to be unlike each other.
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    values[index] = ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1;
  }
  return values;
}

/** Values around `centre` with a standard deviation of `deviation`. */
export function randomAround(
  name: string,
  count: number,
  centre: number,
  deviation: number,
): Float32Array<ArrayBuffer> {
  const bound = deviation * Math.sqrt(3);
  const values = randomValues(name, count);
  for (let index = 0; index < count; index++) values[index] = centre + bound * (values[index] ?? 0);
  return values;
}

/** FNV-1a, so that a tensor's values hang on its name and not on the order of writing. */
function seedOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}
