/** The chunked feature encoder computes plain strided convolutions, for any length and any configuration. */
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { InferenceClient } from '../../../src/engine/inference/inference-client.ts';
import type { Checkpoint, CheckpointTensor } from '../../../src/engine/models/checkpoint.ts';
import { encoderConfigSchema, receptiveFieldSamples } from '../../../src/engine/models/encoder-config.ts';
import { addFeatureEncoder } from '../../../src/engine/models/feature-encoder-graph.ts';
import { GraphWeights } from '../../../src/engine/models/graph-weights.ts';
import { OnnxGraphBuilder } from '../../../src/engine/models/onnx-writer.ts';
import { standInGraph } from '../../../src/engine/models/stand-in-graph.ts';
import type { EncoderGraph } from '../../../src/shared/graphs.ts';
import { embeddingOutputName, encoderInputName, hiddenStateOutputName } from '../../../src/shared/graphs.ts';
import { maxAbsDifference } from '../../support/parity.ts';

const inference = new InferenceClient({ threads: 1 });
afterAll(() => inference.close());

interface FeatureEncoderCase {
  norm: 'group' | 'layer';
  hasBias: boolean;
  layers: { kernel: number; stride: number; channels: number }[];
  /** Samples beyond the fewest that make a frame. */
  extraSamples: number;
}

const layer = fc.record({
  kernel: fc.integer({ min: 1, max: 7 }),
  stride: fc.integer({ min: 1, max: 5 }),
  channels: fc.integer({ min: 2, max: 5 }),
});
const cases: fc.Arbitrary<FeatureEncoderCase> = fc.record({
  norm: fc.constantFrom('group' as const, 'layer' as const),
  hasBias: fc.boolean(),
  layers: fc.array(layer, { minLength: 1, maxLength: 4 }),
  extraSamples: fc.integer({ min: 0, max: 600 }),
});

/** Waves that repeat neither within a tensor nor between tensors. */
function wave(length: number, seed: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length }, (_, index) => Math.sin((index + 1) * (seed + 1.7) + seed));
}

function configOf({ norm, hasBias, layers }: FeatureEncoderCase) {
  return encoderConfigSchema.parse({
    model_type: 'hubert',
    feat_extract_norm: norm,
    conv_bias: hasBias,
    conv_dim: layers.map(({ channels }) => channels),
    conv_kernel: layers.map(({ kernel }) => kernel),
    conv_stride: layers.map(({ stride }) => stride),
  });
}

/** The values of every tensor that the case needs. */
function tensorsOf({ layers }: FeatureEncoderCase): Map<string, { shape: number[]; values: Float32Array }> {
  const tensors = new Map<string, { shape: number[]; values: Float32Array }>();
  let inputs = 1;
  for (const [index, { kernel, channels }] of layers.entries()) {
    const name = `feature_extractor.conv_layers.${index}`;
    const add = (part: string, shape: number[], offset: number) => {
      const length = shape.reduce((product, size) => product * size, 1);
      const values = wave(length, tensors.size).map((value) => value + offset);
      tensors.set(`${name}.${part}`, { shape, values });
    };
    add('conv.weight', [channels, inputs, kernel], 0);
    add('conv.bias', [channels], 0);
    add('layer_norm.weight', [channels], 2);
    add('layer_norm.bias', [channels], 0);
    inputs = channels;
  }
  return tensors;
}

async function buildGraph(encoderCase: FeatureEncoderCase): Promise<EncoderGraph> {
  const config = configOf(encoderCase);
  const tensors = [...tensorsOf(encoderCase)].map(([name, { shape, values }]): [string, CheckpointTensor] => {
    const bytes = new Uint8Array(values.slice().buffer);
    const readBytes = () => Promise.resolve(bytes);
    return [name, { name, type: 'F32', shape, byteLength: bytes.length, mapped: null, readBytes }];
  });
  const checkpoint: Checkpoint = {
    path: 'in memory',
    format: 'safetensors',
    files: [],
    tensors: new Map(tensors),
    close: () => Promise.resolve(),
  };
  const graph = new OnnxGraphBuilder('feature-encoder');
  const waveform = graph.input(encoderInputName, 'F32', [1, 'samples']);
  const frames = await addFeatureEncoder(graph, new GraphWeights(graph, checkpoint, ''), config, waveform);
  graph.node('Unsqueeze', [frames, graph.integers([0])], { outputs: [hiddenStateOutputName] });
  graph.node('ReduceMean', [frames, graph.integers([0])], { outputs: [embeddingOutputName] });
  const embeddingSize = config.conv_dim.at(-1) ?? 0;
  graph.output(embeddingOutputName, 'F32', [1, embeddingSize]);
  graph.output(hiddenStateOutputName, 'F32', [1, 'frames', embeddingSize]);
  return standInGraph(graph, { minimumSamples: receptiveFieldSamples(config), embeddingSize });
}

/**
 * The same by the definition, in double precision: rows of channels, one layer after another.
 *
 * @returns the frames, and how much the norms may enlarge an error of rounding: two channels that are nearly equal
 *   have next to no variance to be divided by
 */
function referenceFrames(
  encoderCase: FeatureEncoderCase,
  samples: Float32Array,
): { frames: Float32Array; amplification: number } {
  const tensors = tensorsOf(encoderCase);
  let amplification = 1;
  let rows = Array.from(samples, (sample) => [sample]);
  for (const [index, { kernel, stride, channels }] of encoderCase.layers.entries()) {
    const read = (part: string) =>
      tensors.get(`feature_extractor.conv_layers.${index}.${part}`)?.values ?? new Float32Array();
    const [weight, bias] = [read('conv.weight'), encoderCase.hasBias ? read('conv.bias') : null];
    const inputs = rows[0]?.length ?? 0;
    const convolved = Array.from({ length: Math.floor((rows.length - kernel) / stride) + 1 }, (_, frame) =>
      Array.from({ length: channels }, (_, channel) => {
        let sum = bias?.[channel] ?? 0;
        for (let input = 0; input < inputs; input++) {
          for (let tap = 0; tap < kernel; tap++) {
            const value = rows[frame * stride + tap]?.[input] ?? Number.NaN;
            sum += value * (weight[(channel * inputs + input) * kernel + tap] ?? Number.NaN);
          }
        }
        return sum;
      }),
    );
    let layerAmplification = 1;
    const scaled = (values: number[], channelOf: (position: number) => number) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      layerAmplification = Math.max(layerAmplification, 1 / Math.sqrt(variance + 1e-5));
      return values.map((value, position) => {
        const channel = channelOf(position);
        const gain = read('layer_norm.weight')[channel] ?? Number.NaN;
        return (
          ((value - mean) / Math.sqrt(variance + 1e-5)) * gain +
          (read('layer_norm.bias')[channel] ?? Number.NaN)
        );
      });
    };
    let normalised = convolved;
    if (encoderCase.norm === 'layer') {
      normalised = convolved.map((row) => scaled(row, (position) => position));
    } else if (index === 0) {
      const columns = Array.from({ length: channels }, (_, channel) =>
        scaled(
          convolved.map((row) => row[channel] ?? Number.NaN),
          () => channel,
        ),
      );
      normalised = convolved.map((_, frame) => columns.map((column) => column[frame] ?? Number.NaN));
    }
    rows = normalised.map((row) => row.map(gelu));
    amplification *= layerAmplification;
  }
  return { frames: Float32Array.from(rows.flat()), amplification };
}

function gelu(value: number): number {
  return (value / 2) * (1 + erf(value / Math.SQRT2));
}

/** The series of the error function, with more terms than any value here needs; beyond 5 it is 1 to single precision. */
function erf(value: number): number {
  if (Math.abs(value) > 5) return Math.sign(value);
  let term = value;
  let sum = value;
  for (let order = 1; order < 100; order++) {
    term *= (-value * value) / order;
    sum += term / (2 * order + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

async function requireReferenceFrames(encoderCase: FeatureEncoderCase): Promise<void> {
  const samples = wave(receptiveFieldSamples(configOf(encoderCase)) + encoderCase.extraSamples, 0.3);
  const source = { key: JSON.stringify(encoderCase), build: () => buildGraph(encoderCase) };
  const { hiddenState } = await inference.encode(source, samples, { wantsHiddenState: true });
  const { frames, amplification } = referenceFrames(encoderCase, samples);
  const largest = frames.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const tolerance = Math.max(1e-4, 2e-6 * amplification) * largest;
  expect(maxAbsDifference(hiddenState ?? new Float32Array(), frames)).toBeLessThanOrEqual(tolerance);
}

test('any kernels, strides and lengths give the convolutions’ frames', async () => {
  await fc.assert(fc.asyncProperty(cases, requireReferenceFrames), { numRuns: 60 });
}, 60_000);

const mertLayers = [10, 3, 3, 3, 3, 2, 2].map((kernel, index) => ({
  kernel,
  stride: index === 0 ? 5 : 2,
  channels: 3,
}));

test.each([0, 1, 319, 320, 15 * 320 - 1, 15 * 320, 16 * 320, 17 * 320 + 100])(
  'MERT’s layers agree %i samples after their first frame',
  async (extraSamples) => {
    await requireReferenceFrames({ norm: 'group', hasBias: false, layers: mertLayers, extraSamples });
  },
);
