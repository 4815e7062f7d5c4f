/** How alike two embeddings are. */

/**
 * Cosine of the angle between two vectors of one length, -1..1; not a number where one holds none or is all zeros.
 */
export function embeddingCosine(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  let squaredA = 0;
  let squaredB = 0;
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? NaN;
    dot += value * other;
    squaredA += value * value;
    squaredB += other * other;
  }
  return dot / Math.sqrt(squaredA * squaredB);
}
