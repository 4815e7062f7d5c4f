/**
 * Measures the encoder: a full-shape MERT-v1-330M with random weights scores one clip in the real inference
 * process, against the speed at which ONNX Runtime multiplies matrices in the same run.
 *
 *     node bench/encode.ts [folder] [--norm group|layer] [--runs 3] [--seconds 30] [--threads 0] [--json]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { ModelSource } from '../src/engine/inference/inference-client.ts';
import { InferenceClient } from '../src/engine/inference/inference-client.ts';
import { readEncoderConfigs } from '../src/engine/models/encoder-config.ts';
import { prepareEncoder } from '../src/engine/models/prepared-encoder.ts';
import { prepareHead } from '../src/engine/models/prepared-head.ts';
import type { EncoderGraph, RunGraph } from '../src/shared/graphs.ts';
import { clampScore } from '../src/shared/score.ts';
import type { EncoderOperations } from '../src/engine/models/encoder-operations.ts';
import { countEncoderOperations } from '../src/engine/models/encoder-operations.ts';
import type { BenchResult, Figure } from './figures.ts';
import { printResults } from './figures.ts';
import type { ProcessMemory } from './machine.ts';
import { describeMachine, readProcessMemory } from './machine.ts';
import {
  buildMatrixProductGraph,
  matrixProductOperations,
  matrixProductSamples,
} from '../src/engine/models/matrix-product-graph.ts';
import { randomValues } from './random-weights.ts';
import { median } from './statistics.ts';
import type { FeatureNorm, RandomCheckpoint } from './write-random-checkpoint.ts';
import { ensureRandomCheckpoint, featureNorms, reportWriting } from './write-random-checkpoint.ts';

export interface EncodeBenchOptions {
  /** Where the random checkpoint lies, or is to lie. */
  folder?: string | undefined;
  norm: FeatureNorm;
  /** How often the clip is scored. */
  runs: number;
  clipSeconds: number;
  /** Threads inside one operator; 0 leaves the choice to the runtime. */
  threads: number;
}

export const defaultEncodeOptions: EncodeBenchOptions = {
  norm: 'group',
  runs: 3,
  clipSeconds: 30,
  threads: 0,
};

/** Products are measured this often before and after each clip: the best of many is the machine's ceiling. */
const PRODUCTS_PER_ROUND = 3;

/** Everything that one run of the bench found; times in seconds. */
interface EncodeMeasurement {
  norm: FeatureNorm;
  threads: number;
  clipSeconds: number;
  runtimeVersion: string;
  operations: EncoderOperations;
  /** Building the graph, the check of the weights' fingerprint included. */
  graphSeconds: number;
  sessionSeconds: number;
  /** One for each scored clip. */
  runSeconds: number[];
  ceilingOperationsPerSecond: number;
  /** The least time that the operations take at the ceiling, divided by the best run's. */
  shareOfFloor: number;
  /** The same against the products just before and after each run, median: steadier on a busy machine. */
  shareBesideNeighbours: number;
  memory: ProcessMemory;
  /** Of random weights: only that it is a number means something. */
  score: number;
}

/** Scores the clip a few times, and the machine between, so that both see the same disturbances. */
export async function benchEncode(options: EncodeBenchOptions): Promise<BenchResult> {
  const { norm, threads, clipSeconds } = options;
  const checkpoint = await ensureRandomCheckpoint({
    folder: options.folder,
    norm,
    onProgress: reportWriting(),
  });
  const { config, preprocessor } = await readEncoderConfigs(checkpoint.folder);
  const samples = randomValues('clip', Math.round(clipSeconds * preprocessor.sampling_rate));
  const operations = countEncoderOperations(config, samples.length);
  const inference = new InferenceClient({ threads });
  const ceiling = new InferenceClient({ threads });
  try {
    const { encoder, head, graphSeconds, sessionSeconds } = await loadModels(inference, checkpoint);
    const productRounds = [await measureProducts(ceiling)];
    const runSeconds: number[] = [];
    let score = Number.NaN;
    for (let run = 0; run < options.runs; run++) {
      const { embedding, seconds } = await inference.encode(encoder, samples);
      const [rawScore = Number.NaN] = await inference.score(head, embedding);
      score = clampScore(rawScore);
      runSeconds.push(seconds);
      productRounds.push(await measureProducts(ceiling));
    }
    const { processId, peakResidentBytes, runtimeVersion } = await inference.status();
    const ceilingOperationsPerSecond = matrixProductOperations / Math.min(...productRounds.flat());
    const floorInProducts = operations.total / matrixProductOperations;
    const sharesBesideNeighbours = runSeconds.map((seconds, run) => {
      const neighbours = productRounds.slice(run, run + 2).flat();
      return (floorInProducts * median(neighbours)) / seconds;
    });
    const measured: EncodeMeasurement = {
      norm,
      threads,
      clipSeconds,
      runtimeVersion,
      operations,
      graphSeconds,
      sessionSeconds,
      runSeconds,
      ceilingOperationsPerSecond,
      shareOfFloor: operations.total / ceilingOperationsPerSecond / Math.min(...runSeconds),
      shareBesideNeighbours: median(sharesBesideNeighbours),
      memory: await readProcessMemory(processId, peakResidentBytes),
      score,
    };
    return {
      bench: `encode (${norm} norm, fp32)`,
      machine: await describeMachine(),
      measured: { ...measured },
      figures: figuresOf(measured),
    };
  } finally {
    await Promise.all([inference.close(), ceiling.close()]);
  }
}

/** Loads encoder and head as the product does, and takes the time of it. */
async function loadModels(inference: InferenceClient, { folder, headFile }: RandomCheckpoint) {
  const cacheFolder = join(folder, 'cache');
  const prepared = await prepareEncoder(
    { source: 'folder', id: 'random-330m', folder, weightsFiles: [join(folder, 'model.safetensors')] },
    { cacheFolder },
  );
  const { graph } = await prepareHead(
    { source: 'file', id: 'random', file: headFile, encoderId: null },
    { cacheFolder },
  );
  let graphSeconds = Number.NaN;
  const encoder: ModelSource<EncoderGraph> = {
    key: 'random-330m',
    build: async (runGraph: RunGraph) => {
      const started = performance.now();
      const built = await prepared.buildGraph({ form: 'chunked', precision: 'fp32' }, runGraph);
      graphSeconds = secondsSince(started);
      return built;
    },
  };
  // Starts the process, which is not part of loading.
  await inference.status();
  const started = performance.now();
  await inference.load(encoder);
  const sessionSeconds = secondsSince(started) - graphSeconds;
  return {
    encoder,
    head: { key: 'random', build: () => Promise.resolve(graph) },
    graphSeconds,
    sessionSeconds,
  };
}

/** How long the products take, a few times over. */
async function measureProducts(ceiling: InferenceClient): Promise<number[]> {
  const samples = randomValues('products', matrixProductSamples);
  const model = { key: 'matrix-products', build: () => Promise.resolve(buildMatrixProductGraph()) };
  const seconds: number[] = [];
  for (let run = 0; run < PRODUCTS_PER_ROUND; run++) {
    seconds.push((await ceiling.encode(model, samples)).seconds);
  }
  return seconds;
}

function figuresOf(measured: EncodeMeasurement): Figure[] {
  const { operations, runSeconds, ceilingOperationsPerSecond, memory } = measured;
  const inGiga = (value: number, unit: string) => `${(value / 1e9).toFixed(value < 1e11 ? 2 : 0)} ${unit}`;
  const inSeconds = (value: number) => `${value.toFixed(2)} s`;
  const stages = [
    ['conv stack', operations.convStack],
    ['positional conv', operations.positionalConv],
    ['linear layers', operations.linearLayers],
    ['attention', operations.attention],
  ] as const;
  return [
    { name: `time for ${measured.clipSeconds} s of sound, best`, value: inSeconds(Math.min(...runSeconds)) },
    { name: `the same, median of ${runSeconds.length}`, value: inSeconds(median(runSeconds)) },
    { name: 'operations', value: `${(operations.total / 1e12).toFixed(3)} TFLOP` },
    ...stages.map(([stage, count]) => ({ name: `  ${stage}`, value: inGiga(count, 'GFLOP') })),
    { name: 'ceiling: matrix products, same run', value: inGiga(ceilingOperationsPerSecond, 'GFLOPS') },
    {
      name: 'floor: operations at the ceiling',
      value: inSeconds(operations.total / ceilingOperationsPerSecond),
    },
    { name: 'share of the floor reached', value: measured.shareOfFloor.toFixed(2) },
    { name: '  beside its neighbours', value: measured.shareBesideNeighbours.toFixed(2) },
    { name: 'graph built in', value: inSeconds(measured.graphSeconds) },
    { name: 'session created in', value: inSeconds(measured.sessionSeconds) },
    { name: 'peak memory of the process', value: inGiga(memory.peakResidentBytes, 'GB') },
    ...(memory.anonymousBytes === null
      ? []
      : [{ name: 'held between songs, not of files', value: inGiga(memory.anonymousBytes, 'GB') }]),
    { name: 'score (random weights)', value: measured.score.toFixed(2) },
    { name: 'ONNX Runtime', value: measured.runtimeVersion },
  ];
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}

if (import.meta.main) {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      norm: { type: 'string', default: defaultEncodeOptions.norm },
      runs: { type: 'string', default: String(defaultEncodeOptions.runs) },
      seconds: { type: 'string', default: String(defaultEncodeOptions.clipSeconds) },
      threads: { type: 'string', default: String(defaultEncodeOptions.threads) },
      json: { type: 'boolean', default: false },
    },
  });
  const result = await benchEncode({
    folder: positionals[0],
    norm: z.enum(featureNorms).parse(values.norm),
    runs: z.coerce.number().int().min(1).parse(values.runs),
    clipSeconds: z.coerce.number().min(0.1).parse(values.seconds),
    threads: z.coerce.number().int().min(0).parse(values.threads),
  });
  printResults([result], values.json);
}
