/** The layers of a scoring head: which module of its state dict is what, and how wide. */

/** What PyTorch's BatchNorm1d does unless told. */
export const batchNormEpsilon = 1e-5;
export const batchNormMomentum = 0.1;

export interface HeadShape {
  /** Length of an embedding. */
  inputSize: number;
  /** Widths of the hidden layers, first to last; the head ends in one score. */
  widths: readonly number[];
}

export interface HeadLayer {
  /** Module names such as `net.0`; the last layer has no batch norm. */
  linear: string;
  norm: string | null;
  inputs: number;
  outputs: number;
}

/** Linear, BatchNorm1d, ReLU, Dropout for each hidden width, then a lone Linear to the score. */
export function layersOf({ inputSize, widths }: HeadShape): HeadLayer[] {
  const outputs = [...widths, 1];
  return outputs.map((width, index) => ({
    linear: `net.${4 * index}`,
    norm: index < widths.length ? `net.${4 * index + 1}` : null,
    inputs: outputs[index - 1] ?? inputSize,
    outputs: width,
  }));
}
