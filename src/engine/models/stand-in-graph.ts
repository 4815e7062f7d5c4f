/** Small graphs in an encoder's form, so that the process that runs encoders runs them too: to time it or ask it something. */
import type { EncoderGraph } from '../../shared/graphs.ts';
import type { OnnxGraphBuilder } from './onnx-writer.ts';

/** ONNX operator set of these graphs. */
const OPSET_VERSION = 20;

/**
 * A graph from samples to an embedding, all of it in the model itself.
 *
 * @param sizes the fewest samples that it takes, and the length of what it makes of them
 */
export function standInGraph(
  graph: OnnxGraphBuilder,
  sizes: { minimumSamples: number; embeddingSize: number },
): EncoderGraph {
  return {
    onnx: graph.serialise(OPSET_VERSION),
    window: null,
    weightsFolder: null,
    sampleRateHz: 24_000,
    ...sizes,
    normalizesInput: false,
  };
}
