/** Asks a provider whether its fused attention is right, by having it compute the same attention in both ways. */
import type { EncoderGraph, GraphForm, RunGraph } from '../../shared/graphs.ts';
import { embeddingOutputName, encoderInputName } from '../../shared/graphs.ts';
import type { EncoderConfig } from './encoder-config.ts';
import { OnnxGraphBuilder } from './onnx-writer.ts';
import { standInGraph } from './stand-in-graph.ts';

/** More than a tile of any kernel, and a whole number of none. */
const FRAMES = 77;
const HEADS = 2;

/**
 * Rounding leaves 1e-6 in single precision and about 1e-3 in half precision or with TF32; a misplaced tile moves an
 * output by 1.6e-2 or more.
 */
const LARGEST_DIFFERENCE = 0.005;

/**
 * The form of graph that gives right numbers where it runs: `fused` gives way to `plain` where its attention does not.
 *
 * WebGPU's kernel reads its neighbours' registers in groups of eight at least; on adapters with smaller groups, such as
 * SwiftShader's of four, it takes values that are not there, without an error. The adapter's name is not asked.
 */
export async function usableForm(
  form: GraphForm,
  runGraph: RunGraph,
  config: Pick<EncoderConfig, 'hidden_size' | 'num_attention_heads'>,
  computeType: 'F32' | 'F16',
): Promise<GraphForm> {
  if (form !== 'fused') return form;
  const width = config.hidden_size / config.num_attention_heads;
  const samples = Float32Array.from(
    { length: 3 * FRAMES * HEADS * width },
    (_, index) => 1.5 * Math.sin(index * 12.9898),
  );
  const both = await runGraph(buildProbeGraph(width, computeType), samples);
  const fused = both.subarray(0, both.length / 2);
  const plain = both.subarray(both.length / 2);
  const isRight = fused.every(
    (value, index) => Math.abs(value - (plain[index] ?? NaN)) <= LARGEST_DIFFERENCE,
  );
  return isRight ? 'fused' : 'plain';
}

/** Attention over queries, keys and values, by the fused operator and then by products. It has an encoder's form. */
function buildProbeGraph(width: number, computeType: 'F32' | 'F16'): EncoderGraph {
  const graph = new OnnxGraphBuilder('attention');
  const hidden = HEADS * width;
  const transpose = (value: string, perm: readonly number[]) =>
    graph.node('Transpose', [value], { attributes: { perm: { ints: perm } } });

  const waveform = graph.input(encoderInputName, 'F32', [1, 'samples']);
  const rows = graph.node('Reshape', [waveform, graph.integers([3, -1, hidden])]);
  const [query = '', key = '', value = ''] = [0, 1, 2].map((row) =>
    graph.cast(
      graph.node('Slice', [rows, graph.integers([row]), graph.integers([row + 1]), graph.integers([0])]),
      computeType,
    ),
  );
  const fused = graph.node('MultiHeadAttention', [query, key, value], {
    domain: 'com.microsoft',
    attributes: { num_heads: { int: HEADS } },
  });

  const split = (part: string, perm: readonly number[]) =>
    transpose(graph.node('Reshape', [part, graph.integers([1, -1, HEADS, width])]), perm);
  const scale = graph.cast(graph.scalar(1 / Math.sqrt(width)), computeType);
  const scaled = graph.node('Mul', [split(query, [0, 2, 1, 3]), scale]);
  const logits = graph.node('MatMul', [scaled, split(key, [0, 2, 3, 1])]);
  const shares = graph.node('Softmax', [logits], { attributes: { axis: { int: -1 } } });
  const attended = graph.node('MatMul', [shares, split(value, [0, 2, 1, 3])]);
  const plain = graph.node('Reshape', [transpose(attended, [0, 2, 1, 3]), graph.integers([1, -1, hidden])]);

  const both = graph.node('Concat', [graph.cast(fused, 'F32'), graph.cast(plain, 'F32')], {
    attributes: { axis: { int: 0 } },
  });
  const embeddingSize = 2 * FRAMES * hidden;
  graph.node('Reshape', [both, graph.integers([1, -1])], { outputs: [embeddingOutputName] });
  graph.output(embeddingOutputName, 'F32', [1, embeddingSize]);
  return standInGraph(graph, { minimumSamples: 3 * FRAMES * hidden, embeddingSize });
}
