/** Folds PyTorch's weight normalisation of the positional convolution into plain weights. */

/**
 * `magnitude[k] * direction[.., .., k] / ||direction[:, :, k]||`, as `torch.nn.utils.weight_norm(dim=2)`.
 *
 * @param magnitude one value for each position of the kernel
 * @param direction (output channels, input channels per group, kernel), the kernel innermost
 * @returns weights of `direction`'s shape; norms are summed in double precision
 */
export function foldWeightNorm(magnitude: Float32Array, direction: Float32Array): Float32Array<ArrayBuffer> {
  const kernel = magnitude.length;
  const squaredNorms = new Float64Array(kernel);
  for (let index = 0; index < direction.length; index++) {
    const value = direction[index] ?? 0;
    const position = index % kernel;
    squaredNorms[position] = (squaredNorms[position] ?? 0) + value * value;
  }
  const scales = squaredNorms.map((squared, position) => (magnitude[position] ?? 0) / Math.sqrt(squared));
  return Float32Array.from(direction, (value, index) => value * (scales[index % kernel] ?? 0));
}
