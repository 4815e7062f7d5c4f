/** AdamW as PyTorch does it, in one pass over a tensor. */

export interface AdamwSettings {
  learningRate: number;
  weightDecay: number;
  /** Decay rates of the two moments. */
  beta1: number;
  beta2: number;
  /** Added to the denominator. */
  epsilon: number;
}

export interface AdamwMoments {
  first: Float32Array;
  second: Float32Array;
  gradient: Float32Array;
}

/**
 * Changes values and moments in place: decay of the values themselves, then the step along the corrected moments.
 *
 * @param step 1 for the first
 */
export function stepAdamw(
  values: Float32Array,
  { first, second, gradient }: AdamwMoments,
  { learningRate, weightDecay, beta1, beta2, epsilon }: AdamwSettings,
  step: number,
): void {
  const decay = 1 - learningRate * weightDecay;
  const stepSize = learningRate / (1 - beta1 ** step);
  const scale = 1 / Math.sqrt(1 - beta2 ** step);
  const [fresh1, fresh2] = [1 - beta1, 1 - beta2];
  // The hot loop of a training: 700,000 values for every step. The indices are those of the arrays themselves.
  /* eslint-disable @typescript-eslint/no-non-null-assertion */
  for (let index = 0; index < values.length; index++) {
    const slope = gradient[index]!;
    const mean = first[index]! * beta1 + slope * fresh1;
    const square = second[index]! * beta2 + slope * slope * fresh2;
    first[index] = mean;
    second[index] = square;
    values[index] = values[index]! * decay - (stepSize * mean) / (Math.sqrt(square) * scale + epsilon);
  }
  /* eslint-enable @typescript-eslint/no-non-null-assertion */
}

/** Multiplies every value in place. */
export function scaleAll(values: Float32Array, factor: number): void {
  for (let index = 0; index < values.length; index++) values[index] = (values[index] ?? NaN) * factor;
}
