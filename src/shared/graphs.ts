/** ONNX graphs as they travel from the room that builds them to the process that runs them. */

import type { Precision } from './library.ts';

/** Names of the encoder graph's tensors: samples in, one vector and every frame out. */
export const encoderInputName = 'waveform';
export const embeddingOutputName = 'embedding';
export const hiddenStateOutputName = 'last_hidden_state';

/** Names of the head graph's tensors: a batch of embeddings in, one raw score each out. */
export const headInputName = 'embeddings';
export const rawScoreOutputName = 'raw_scores';

/**
 * How an encoder's graph is written. All forms compute the same network.
 *
 * - `chunked`: for processors: matrix products and fused operators, the front end in chunks that save memory
 * - `fused`: for graphics cards that know ONNX Runtime's fused operators
 * - `plain`: ONNX's own operators alone, for everything else
 */
export const graphForms = ['chunked', 'fused', 'plain'] as const;
export type GraphForm = (typeof graphForms)[number];

export interface EncoderVariant {
  form: GraphForm;
  precision: Precision;
}

/** Runs a graph once, in the very process that is about to load another one: how a graph asks what it will run on. */
export type RunGraph = (graph: EncoderGraph, samples: Float32Array) => Promise<Float32Array>;

/** An encoder ready to be loaded: waveform (1, samples) float32 -> embedding (1, hidden), hidden states (1, frames, hidden). */
export interface EncoderGraph {
  /** The serialised ONNX model; large weights are not in it but named by file, offset and length. */
  onnx: Uint8Array;
  /** The same model for clips of one length only, so that all its shapes are known; null where that gains nothing. */
  window: { onnx: Uint8Array; sampleCount: number } | null;
  /** The folder that the named weight files lie in, null when the model holds everything itself. */
  weightsFolder: string | null;
  sampleRateHz: number;
  /** Fewer samples than this make no frame. */
  minimumSamples: number;
  /** Length of an embedding. */
  embeddingSize: number;
  /** Whether a clip is brought to zero mean and unit variance before it goes in (`do_normalize`). */
  normalizesInput: boolean;
}

/** A head ready to be loaded: embeddings (batch, embeddingSize) float32 -> raw scores (batch, 1). */
export interface HeadGraph {
  onnx: Uint8Array;
  embeddingSize: number;
}
