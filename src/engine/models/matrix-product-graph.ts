/** A graph that does nothing but large matrix products: how fast ONNX Runtime multiplies on this machine. */
import type { EncoderGraph } from '../../shared/graphs.ts';
import { embeddingOutputName, encoderInputName } from '../../shared/graphs.ts';
import { OnnxGraphBuilder } from './onnx-writer.ts';
import { standInGraph } from './stand-in-graph.ts';

const ROWS = 2048;
const WIDTH = 1024;
const INNER_WIDTH = 4096;
const PAIRS = 2;

/** Length of the input that the graph is measured with. */
export const matrixProductSamples = ROWS * WIDTH;

/** Floating-point operations of one run over that input. */
export const matrixProductOperations = PAIRS * 2 * (2 * ROWS * WIDTH * INNER_WIDTH);

/**
 * Products of the sizes of the encoder's feed-forward layers, with weights that the runtime may pack beforehand as
 * it does with the encoder's. It has an encoder's form, so that the same process runs it with the same settings. The
 * weights are made by the runtime itself while it loads the graph; what they are makes no difference to the speed.
 */
export function buildMatrixProductGraph(): EncoderGraph {
  const graph = new OnnxGraphBuilder('matrix-products');
  const waveform = graph.input(encoderInputName, 'F32', [1, 'samples']);
  let value = graph.node('Reshape', [waveform, graph.integers([-1, WIDTH])]);
  for (let pair = 0; pair < PAIRS; pair++) {
    value = addProduct(graph, value, WIDTH, INNER_WIDTH);
    value = addProduct(graph, value, INNER_WIDTH, WIDTH);
  }
  graph.node('ReduceMean', [value, graph.integers([0])], { outputs: [embeddingOutputName] });
  graph.output(embeddingOutputName, 'F32', [1, WIDTH]);
  return standInGraph(graph, { minimumSamples: WIDTH, embeddingSize: WIDTH });
}

function addProduct(graph: OnnxGraphBuilder, value: string, inputs: number, outputs: number): string {
  const oneOfInputs = graph.floats(`one.${value}`, [1, 1], Float32Array.of(1 / inputs));
  const weight = graph.node('Expand', [oneOfInputs, graph.integers([outputs, inputs])]);
  return graph.node('Gemm', [value, weight], { attributes: { transB: { int: 1 } } });
}
