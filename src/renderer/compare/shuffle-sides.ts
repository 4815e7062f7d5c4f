/** Puts two songs on sides that nobody can guess. */

/**
 * @param random gives numbers from 0 up to 1
 * @returns the pair, in one of both orders with equal chance
 */
export function shuffleSides<Value>(
  [first, second]: readonly [Value, Value],
  random: () => number = Math.random,
): [Value, Value] {
  return random() < 0.5 ? [first, second] : [second, first];
}
