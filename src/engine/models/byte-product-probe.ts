/** Asks a machine whether its products of unsigned with signed bytes are exact, by having it make the largest ones. */
import type { EncoderGraph, RunGraph } from '../../shared/graphs.ts';
import { embeddingOutputName, encoderInputName } from '../../shared/graphs.ts';
import type { ByteWeights } from './rounded-checkpoint.ts';
import { OnnxGraphBuilder } from './onnx-writer.ts';
import { standInGraph } from './stand-in-graph.ts';

/** More than any processor's vector of bytes, in both directions. */
const INPUTS = 256;
const OUTPUTS = 64;
const ROWS = 8;

const LARGEST_UNSIGNED = 255;
const LARGEST_SIGNED = 127;

/**
 * How the weights of byte products have to be kept where a graph runs.
 *
 * Processors without an instruction for it (VNNI and the like) add two products in 16 bits, where the largest ones
 * saturate: 2 x 255 x 127 is more than 32,767. With unsigned weights ONNX Runtime takes another, exact way there,
 * which is slower where the instruction exists. The processor's name is not asked: virtual machines hide features.
 */
export async function chooseByteWeights(runGraph: RunGraph): Promise<ByteWeights> {
  const sums = await runGraph(buildProbeGraph(), new Float32Array(ROWS * INPUTS).fill(LARGEST_UNSIGNED));
  const isExact = sums.every((sum) => sum === INPUTS * LARGEST_UNSIGNED * LARGEST_SIGNED);
  return isExact ? 'signed' : 'unsigned';
}

/** Multiplies samples, rounded to bytes, with the largest signed bytes. It has an encoder's form, to be run as one. */
function buildProbeGraph(): EncoderGraph {
  const graph = new OnnxGraphBuilder('byte-products');
  const waveform = graph.input(encoderInputName, 'F32', [1, 'samples']);
  const rows = graph.node('Reshape', [waveform, graph.integers([-1, INPUTS])]);
  const scale = graph.scalar(1);
  const zero = graph.inlineWeight('zero', 'U8', [], new Uint8Array(1));
  const bytes = graph.node('QuantizeLinear', [rows, scale, zero]);
  const weight = graph.inlineWeight(
    'weight',
    'I8',
    [INPUTS, OUTPUTS],
    new Uint8Array(INPUTS * OUTPUTS).fill(LARGEST_SIGNED),
  );
  const sums = graph.cast(graph.node('MatMulInteger', [bytes, weight]), 'F32');
  graph.node('ReduceMean', [sums, graph.integers([0])], { outputs: [embeddingOutputName] });
  graph.output(embeddingOutputName, 'F32', [1, OUTPUTS]);
  return standInGraph(graph, { minimumSamples: INPUTS, embeddingSize: OUTPUTS });
}
