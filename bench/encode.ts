/**
 * Measures the encoder: a full-shape MERT-v1-330M with random weights scores one clip in the real inference
 * process, in fp32 and in int8, against the speed at which ONNX Runtime multiplies matrices in the same run.
 *
 *     node bench/encode.ts [folder] [--norm group|layer] [--runs 3] [--seconds 30] [--threads 0] [--json]
 *
 * With `BANGER_TEST_PYTHON` naming a Python that has torch, transformers and safetensors, PyTorch encodes the same
 * clip with the same weights between the other runs.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { z } from 'zod';
import { embeddingCosine } from '../src/engine/inference/embedding-cosine.ts';
import type { ModelSource } from '../src/engine/inference/inference-client.ts';
import { InferenceClient } from '../src/engine/inference/inference-client.ts';
import { readEncoderConfigs } from '../src/engine/models/encoder-config.ts';
import type { PreparedEncoder } from '../src/engine/models/prepared-encoder.ts';
import { prepareEncoder } from '../src/engine/models/prepared-encoder.ts';
import type { PreparedHead } from '../src/engine/models/prepared-head.ts';
import { prepareHead } from '../src/engine/models/prepared-head.ts';
import type { EncoderGraph, HeadGraph } from '../src/shared/graphs.ts';
import type { Precision } from '../src/shared/library.ts';
import { clampScore } from '../src/shared/score.ts';
import type { EncoderOperations } from '../src/engine/models/encoder-operations.ts';
import { countEncoderOperations } from '../src/engine/models/encoder-operations.ts';
import type { BenchResult, Figure } from './figures.ts';
import { printResults } from './figures.ts';
import { findInferenceLauncher, isBuilt } from './inference-process.ts';
import type { ProcessMemory } from './machine.ts';
import { describeMachine, readProcessMemory } from './machine.ts';
import {
  buildMatrixProductGraph,
  matrixProductOperations,
  matrixProductSamples,
} from '../src/engine/models/matrix-product-graph.ts';
import { randomValues } from './random-weights.ts';
import type { Stage } from './stages.ts';
import { measureStages, stages } from './stages.ts';
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

/** What was measured of one precision; times in seconds. */
interface PrecisionMeasurement {
  precision: Precision;
  /** Building the graph, the check of the weights' fingerprint included. */
  graphSeconds: number;
  sessionSeconds: number;
  /** One for each scored clip. */
  runSeconds: number[];
  memory: ProcessMemory;
  /** Of random weights: only that it is a number means something. */
  score: number;
  /** Where the time goes, by ONNX Runtime's profile of a run of its own. */
  stageSeconds: Record<Stage, number>;
}

/** Everything that one run of the bench found. */
interface EncodeMeasurement {
  norm: FeatureNorm;
  threads: number;
  clipSeconds: number;
  runtimeVersion: string;
  /** Whether the inference process was the built one. */
  isBuilt: boolean;
  operations: EncoderOperations;
  ceilingOperationsPerSecond: number;
  /** The least time that the operations take at the ceiling, divided by the best fp32 run's. */
  shareOfFloor: number;
  /** The same against the products just before and after each run, median: steadier on a busy machine. */
  shareBesideNeighbours: number;
  precisions: PrecisionMeasurement[];
  /** 1 less the cosine of the embeddings in int8 and in fp32. */
  int8Distance: number;
  pyTorch: PyTorchMeasurement | null;
}

/** Scores the clip a few times in turn, and the machine between, so that all see the same disturbances. */
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
  const launch = await findInferenceLauncher();
  const ceiling = new InferenceClient({ threads, launch });
  const benched: BenchedPrecision[] = [];
  try {
    for (const precision of ['fp32', 'int8'] as const) {
      benched.push(
        await BenchedPrecision.load(precision, checkpoint, new InferenceClient({ threads, launch })),
      );
    }
    const [fp32, int8] = benched;
    if (fp32 === undefined || int8 === undefined) throw new Error('Both precisions are measured.');
    const productRounds = [await measureProducts(ceiling)];
    for (let run = 0; run < options.runs; run++) {
      await fp32.encode(samples);
      productRounds.push(await measureProducts(ceiling));
      await int8.encode(samples);
    }
    // Each process holds a model; PyTorch gets the memory that they leave.
    const precisions: PrecisionMeasurement[] = [];
    for (const each of benched) precisions.push(await each.finish(samples));
    const pyTorch = await encodeInPyTorch(checkpoint.folder, { clipSeconds, threads, runs: options.runs });
    const ceilingOperationsPerSecond = matrixProductOperations / Math.min(...productRounds.flat());
    const floorInProducts = operations.total / matrixProductOperations;
    const shares = fp32.runSeconds.map(
      (seconds, run) => (floorInProducts * median(productRounds.slice(run, run + 2).flat())) / seconds,
    );
    const measured: EncodeMeasurement = {
      norm,
      threads,
      clipSeconds,
      runtimeVersion: fp32.runtimeVersion,
      isBuilt,
      operations,
      ceilingOperationsPerSecond,
      shareOfFloor: operations.total / ceilingOperationsPerSecond / Math.min(...fp32.runSeconds),
      shareBesideNeighbours: median(shares),
      precisions,
      int8Distance: 1 - embeddingCosine(fp32.embedding, int8.embedding),
      pyTorch,
    };
    return {
      bench: `encode (330M, ${norm} norm)`,
      machine: await describeMachine(),
      measured: { ...measured },
      figures: figuresOf(measured),
    };
  } finally {
    await Promise.all([ceiling.close(), ...benched.map((each) => each.close())]);
  }
}

/** One precision of the encoder in an inference process of its own, with the head. */
class BenchedPrecision {
  readonly runSeconds: number[] = [];
  embedding = new Float32Array();
  runtimeVersion = '';
  readonly #precision: Precision;
  readonly #inference: InferenceClient;
  readonly #encoder: ModelSource<EncoderGraph>;
  readonly #head: ModelSource<HeadGraph>;
  #graph: EncoderGraph | null = null;
  #graphSeconds = Number.NaN;
  #sessionSeconds = Number.NaN;
  #score = Number.NaN;

  private constructor(
    precision: Precision,
    inference: InferenceClient,
    prepared: { encoder: PreparedEncoder; head: PreparedHead },
  ) {
    this.#precision = precision;
    this.#inference = inference;
    this.#encoder = {
      key: 'random-330m',
      build: async (runGraph) => {
        const started = performance.now();
        this.#graph = await prepared.encoder.buildGraph({ form: 'chunked', precision }, runGraph);
        this.#graphSeconds = secondsSince(started);
        return this.#graph;
      },
    };
    this.#head = { key: 'random', build: () => Promise.resolve(prepared.head.graph) };
  }

  /** Loads encoder and head as the product does, and takes the time of it. */
  static async load(
    precision: Precision,
    { folder, headFile }: RandomCheckpoint,
    inference: InferenceClient,
  ): Promise<BenchedPrecision> {
    const options = { cacheFolder: join(folder, 'cache') };
    const weightsFiles = [join(folder, 'model.safetensors')];
    const encoder = await prepareEncoder(
      { source: 'folder', id: 'random-330m', folder, weightsFiles },
      options,
    );
    const head = await prepareHead(
      { source: 'file', id: 'random', file: headFile, encoderId: null },
      options,
    );
    // Weights in another precision are written once; what is measured is every later time.
    await encoder.buildGraph({ form: 'chunked', precision }, (graph, samples) =>
      inference
        .encode({ key: 'probe', build: () => Promise.resolve(graph) }, samples)
        .then(({ embedding }) => embedding),
    );
    const benched = new BenchedPrecision(precision, inference, { encoder, head });
    // Starts the process, which is not part of loading.
    await inference.status();
    const started = performance.now();
    await inference.load(benched.#encoder);
    benched.#sessionSeconds = secondsSince(started) - benched.#graphSeconds;
    return benched;
  }

  async encode(samples: Float32Array): Promise<void> {
    const { embedding, seconds } = await this.#inference.encode(this.#encoder, samples);
    const [rawScore = Number.NaN] = await this.#inference.score(this.#head, embedding);
    this.runSeconds.push(seconds);
    this.embedding = embedding;
    this.#score = clampScore(rawScore);
  }

  /** Reads the memory, ends the process and looks where a run's time goes. */
  async finish(samples: Float32Array): Promise<PrecisionMeasurement> {
    const { processId, peakResidentBytes, runtimeVersion } = await this.#inference.status();
    this.runtimeVersion = runtimeVersion;
    const memory = await readProcessMemory(processId, peakResidentBytes);
    await this.close();
    if (this.#graph === null) throw new Error('The graph was built when the model was loaded.');
    return {
      precision: this.#precision,
      graphSeconds: this.#graphSeconds,
      sessionSeconds: this.#sessionSeconds,
      runSeconds: this.runSeconds,
      memory,
      score: this.#score,
      stageSeconds: await measureStages(this.#graph, samples),
    };
  }

  close(): Promise<void> {
    return this.#inference.close();
  }
}

const pyTorchSchema = z.object({
  version: z.string(),
  /** Of the best run, by implementation of attention. */
  eagerSeconds: z.number(),
  sdpaSeconds: z.number(),
  peakResidentBytes: z.number(),
});
type PyTorchMeasurement = z.infer<typeof pyTorchSchema>;

/** Null where there is no Python with PyTorch. */
async function encodeInPyTorch(
  folder: string,
  { clipSeconds, threads, runs }: { clipSeconds: number; threads: number; runs: number },
): Promise<PyTorchMeasurement | null> {
  const python = process.env['BANGER_TEST_PYTHON'];
  if (python === undefined) return null;
  const script = join(import.meta.dirname, 'compare-pytorch.py');
  const parameters = ['--seconds', clipSeconds, '--threads', threads, '--runs', runs].map(String);
  const { stdout } = await promisify(execFile)(python, [script, folder, ...parameters]);
  return pyTorchSchema.parse(JSON.parse(stdout));
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
  const { operations, ceilingOperationsPerSecond, pyTorch } = measured;
  const [fp32, int8] = measured.precisions;
  if (fp32 === undefined || int8 === undefined) return [];
  const inGiga = (value: number, unit: string) => `${(value / 1e9).toFixed(value < 1e11 ? 2 : 0)} ${unit}`;
  const inSeconds = (value: number) => `${value.toFixed(2)} s`;
  const times = (value: number) => `${value.toFixed(2)} x`;
  const best = (each: PrecisionMeasurement) => Math.min(...each.runSeconds);
  return [
    { name: 'operations of a clip', value: `${(operations.total / 1e12).toFixed(3)} TFLOP` },
    { name: 'ceiling: matrix products, same run', value: inGiga(ceilingOperationsPerSecond, 'GFLOPS') },
    {
      name: 'floor: operations at the ceiling',
      value: inSeconds(operations.total / ceilingOperationsPerSecond),
    },
    { name: 'share of the floor reached in fp32', value: measured.shareOfFloor.toFixed(2) },
    { name: '  beside its neighbours', value: measured.shareBesideNeighbours.toFixed(2) },
    ...measured.precisions.flatMap((each) => [
      {
        name: `${each.precision}: ${measured.clipSeconds} s of sound, best of ${each.runSeconds.length}`,
        value: inSeconds(best(each)),
      },
      { name: '  median', value: inSeconds(median(each.runSeconds)) },
      { name: '  graph built in', value: inSeconds(each.graphSeconds) },
      { name: '  session created in', value: inSeconds(each.sessionSeconds) },
      { name: '  peak memory of the process', value: inGiga(each.memory.peakResidentBytes, 'GB') },
      ...stages.map((stage) => ({ name: `  ${stage}`, value: inSeconds(each.stageSeconds[stage]) })),
      { name: '  score (random weights)', value: each.score.toFixed(2) },
    ]),
    { name: 'int8 against fp32', value: times(best(fp32) / best(int8)) },
    {
      name: '  linear layers',
      value: times(fp32.stageSeconds['linear layers'] / int8.stageSeconds['linear layers']),
    },
    { name: '  1 - cosine of the embeddings', value: measured.int8Distance.toExponential(1) },
    ...(pyTorch === null
      ? []
      : [
          { name: `PyTorch ${pyTorch.version}, eager attention`, value: inSeconds(pyTorch.eagerSeconds) },
          { name: '  its fused attention', value: inSeconds(pyTorch.sdpaSeconds) },
          { name: '  peak memory', value: inGiga(pyTorch.peakResidentBytes, 'GB') },
          { name: '  fp32 against PyTorch, eager', value: times(pyTorch.eagerSeconds / best(fp32)) },
          { name: '  fp32 against PyTorch, fused', value: times(pyTorch.sdpaSeconds / best(fp32)) },
        ]),
    { name: 'ONNX Runtime', value: measured.runtimeVersion },
    { name: 'inference process', value: measured.isBuilt ? 'as built' : 'from its sources' },
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
