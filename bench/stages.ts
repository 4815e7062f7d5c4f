/** Where a clip's time goes: ONNX Runtime's own profile of one run, summed up by the parts of the network. */
import { profileGraph } from '../src/engine/inference/session-profile.ts';
import { linearStem } from '../src/engine/models/linear-products.ts';
import type { EncoderGraph } from '../src/shared/graphs.ts';

/** Parts of the network in the order of the clip; `moving` is all that copies values and computes none. */
export const stages = [
  'conv front end',
  'positional conv',
  'linear layers',
  'attention',
  'norms',
  'activations',
  'moving',
] as const;
export type Stage = (typeof stages)[number];

/** In the graph for processors every part has operators of its own, but for the products that are named. */
const stageOfOperator: Readonly<Record<string, Stage>> = {
  Gemm: 'conv front end',
  Conv: 'positional conv',
  MultiHeadAttention: 'attention',
  SkipLayerNormalization: 'norms',
  LayerNormalization: 'norms',
  Gelu: 'activations',
  BiasGelu: 'activations',
};

/** Seconds of each part in the second of two runs, in this process. */
export async function measureStages(
  graph: EncoderGraph,
  samples: Float32Array,
): Promise<Record<Stage, number>> {
  const operators = await profileGraph({ graph, samples, options: { provider: 'cpu', threads: 0 } }, 2);
  const seconds = Object.fromEntries(stages.map((stage) => [stage, 0])) as Record<Stage, number>;
  for (const { name, operator, microseconds } of operators.slice(operators.length / 2)) {
    const stage = name.startsWith(`${linearStem}_`) ? 'linear layers' : stageOfOperator[operator];
    seconds[stage ?? 'moving'] += microseconds / 1e6;
  }
  return seconds;
}
