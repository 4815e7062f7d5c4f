/** Trains one head: holds its data and tensors, and runs its steps through ONNX Runtime; lives in the inference process only. */
import type { InferenceSession } from 'onnxruntime-node';
import * as ort from 'onnxruntime-node';
import { BangerError } from '../../shared/errors.ts';
import { seededBits } from '../../shared/seeded-bits.ts';
import { Adamw, type AdamwTensor } from './adamw.ts';
import type {
  AddTrainingSongsRequest,
  HeadTrainingGraphs,
  OpenTrainingRequest,
  PredictRequest,
  TrainedEpoch,
  TrainEpochRequest,
  TrainingTensors,
} from './training-protocol.ts';

/** Songs that are evaluated in one run. */
const EVALUATION_ROWS = 1024;

type Tensors = Record<string, ort.Tensor>;

/** A tensor of the head, with what the optimiser keeps beside it where it has a gradient. */
interface TrainedValues {
  name: string;
  values: Float32Array;
  optimised: AdamwTensor | null;
  change: HeadTrainingGraphs['tensors'][number]['change'];
}

/**
 * A head in training. ONNX Runtime makes the gradients of a batch, in arrays that are made once; the optimiser's step
 * is one pass over them here, where the runtime would need fourteen.
 */
export class TrainingRuntime {
  readonly #graphs: HeadTrainingGraphs;
  readonly #step: InferenceSession;
  readonly #evaluation: InferenceSession;
  readonly #features: Float32Array;
  readonly #labels: Float32Array;
  readonly #adamw: Adamw;
  readonly #head: TrainedValues[] = [];
  /** The head's tensors and the gradients' places, as the runtime takes them. */
  readonly #feeds: Tensors = {};
  readonly #fetches: Record<string, ort.Tensor | null> = { squaredError: null };
  readonly #scratches = new Map<string, Float32Array<ArrayBuffer>>();

  private constructor(request: OpenTrainingRequest, step: InferenceSession, evaluation: InferenceSession) {
    const { graphs, tensors, songCount } = request;
    this.#graphs = graphs;
    this.#step = step;
    this.#evaluation = evaluation;
    this.#features = new Float32Array(songCount * graphs.inputSize);
    this.#labels = new Float32Array(songCount);
    const sizes = graphs.tensors.map(({ shape }) => shape.reduce((product, length) => product * length, 1));
    this.#adamw = new Adamw(sizes.filter((_, index) => graphs.tensors[index]?.change === 'trained'));
    for (const [index, { name, shape, change }] of graphs.tensors.entries()) {
      const take = (tensor: string) => valuesOf(tensors, tensor, sizes[index] ?? 0);
      const optimised =
        change === 'trained'
          ? this.#adamw.add(take(name), take(`${name}.first`), take(`${name}.second`))
          : null;
      const values = optimised?.values ?? take(name);
      this.#head.push({ name, values, change, optimised });
      this.#feeds[name] = new ort.Tensor('float32', values, shape);
      if (change === 'followed') this.#fetches[`next.${name}`] = null;
      if (optimised === null) continue;
      this.#fetches[`gradient.${name}`] = new ort.Tensor('float32', optimised.gradient, shape);
    }
  }

  /** @throws BangerError `inference-failed` where ONNX Runtime refuses a graph */
  static async open(request: OpenTrainingRequest): Promise<TrainingRuntime> {
    const options: InferenceSession.SessionOptions = {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'all',
      // Steps are short and other work goes on beside them: threads that wait by spinning take its processors away.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
      ...(request.threads > 0 && { intraOpNumThreads: request.threads }),
    };
    const { step, evaluation } = request.graphs;
    return new TrainingRuntime(
      request,
      await attempt(() => ort.InferenceSession.create(step, options)),
      await attempt(() => ort.InferenceSession.create(evaluation, options)),
    );
  }

  addSongs({ firstRow, features, labels }: AddTrainingSongsRequest): void {
    this.#features.set(features, firstRow * this.#graphs.inputSize);
    this.#labels.set(labels, firstRow);
  }

  /** Goes through the songs once, a batch at a time; a last batch of a single song has no variance and is left out. */
  async trainEpoch(request: TrainEpochRequest): Promise<TrainedEpoch> {
    const { order, batchSize, maskSeed, stepsDone } = request;
    const bits = seededBits(maskSeed);
    let steps = 0;
    let lossSum = 0;
    for (let start = 0; order.length - start >= 2; start += batchSize) {
      steps += 1;
      const rows = order.subarray(start, start + batchSize);
      lossSum += (await this.#runStep(rows, request, stepsDone + steps, bits)) / rows.length;
    }
    return { steps, trainLoss: lossSum / steps };
  }

  /** Raw scores of songs in evaluation mode. */
  async predict({ rows }: PredictRequest): Promise<Float32Array<ArrayBuffer>> {
    const scores = new Float32Array(rows.length);
    for (let start = 0; start < rows.length; start += EVALUATION_ROWS) {
      const features = this.#gather(rows.subarray(start, start + EVALUATION_ROWS));
      const outputs = await attempt(() => this.#evaluation.run({ ...this.#feeds, features }, ['scores']));
      scores.set(floatsOf(tensorOf(outputs, 'scores')), start);
    }
    return scores;
  }

  /** A copy of all tensors, moments included. */
  read(): TrainingTensors {
    const copies = this.#head.flatMap(({ name, values, optimised }): [string, Float32Array][] => {
      if (optimised === null) return [[name, values.slice()]];
      const { first, second } = optimised;
      return [
        [name, values.slice()],
        [`${name}.first`, first.slice()],
        [`${name}.second`, second.slice()],
      ];
    });
    return Object.fromEntries(copies) as TrainingTensors;
  }

  async release(): Promise<void> {
    await this.#step.release();
    await this.#evaluation.release();
  }

  /** @returns the squared error, summed over the batch */
  async #runStep(
    rows: Int32Array,
    request: TrainEpochRequest,
    step: number,
    bits: () => number,
  ): Promise<number> {
    const count = rows.length;
    const labels = Float32Array.from(rows, (row) => this.#labels[row] ?? NaN);
    const feeds: Tensors = {
      ...this.#feeds,
      features: this.#gather(rows),
      labels: new ort.Tensor('float32', labels, [count, 1]),
      gradientScale: scalar(2 / count),
      varianceCorrection: scalar(count / (count - 1)),
    };
    for (const { layer, width, dropout } of this.#graphs.masks) {
      const mask = this.#scratch(`mask.${layer}`, count * width);
      drawMask(bits, mask, dropout);
      feeds[`mask.${layer}`] = new ort.Tensor('float32', mask, [count, width]);
    }
    const outputs = await attempt(() => this.#step.run(feeds, { ...this.#fetches }));
    const decay = 1 - request.learningRate * request.weightDecay;
    for (const { name, values, change, optimised } of this.#head) {
      if (optimised !== null) this.#adamw.step(optimised, request, step);
      else if (change === 'followed') values.set(floatsOf(tensorOf(outputs, `next.${name}`)));
      else values.set(values.map((value) => value * decay));
    }
    return floatsOf(tensorOf(outputs, 'squaredError'))[0] ?? NaN;
  }

  /** An array that the next step writes over: made anew for every step, they would keep the collector busy. */
  #scratch(name: string, length: number): Float32Array<ArrayBuffer> {
    const kept = this.#scratches.get(name);
    const whole = kept !== undefined && kept.length >= length ? kept : new Float32Array(length);
    this.#scratches.set(name, whole);
    return whole.subarray(0, length);
  }

  #gather(rows: Int32Array): ort.Tensor {
    const { inputSize } = this.#graphs;
    const values = this.#scratch('features', rows.length * inputSize);
    for (const [place, row] of rows.entries()) {
      values.set(this.#features.subarray(row * inputSize, (row + 1) * inputSize), place * inputSize);
    }
    return new ort.Tensor('float32', values, [rows.length, inputSize]);
  }
}

function valuesOf(tensors: TrainingTensors, name: string, size: number): Float32Array<ArrayBuffer> {
  const values = tensors[name];
  if (values?.length === size) return Float32Array.from(values);
  throw new BangerError('internal', `The tensor ${name} is missing or of the wrong length.`);
}

async function attempt<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (cause) {
    throw new BangerError('inference-failed', 'ONNX Runtime could not train the head.', {
      cause,
      details: String(cause),
      nextStep:
        'Close other programs if memory is short, and start the training again: it goes on where it was.',
    });
  }
}

function tensorOf(tensors: Readonly<Record<string, ort.OnnxValue>>, name: string): ort.Tensor {
  const tensor = tensors[name];
  if (tensor === undefined || !('dims' in tensor)) {
    throw new BangerError('internal', `The tensor ${name} is missing.`);
  }
  return tensor;
}

function floatsOf({ data }: ort.Tensor): Float32Array {
  if (data instanceof Float32Array) return data;
  throw new BangerError('internal', 'A tensor in training is not float32.');
}

function scalar(value: number): ort.Tensor {
  return new ort.Tensor('float32', Float32Array.of(value), []);
}

/** Zero for units that are dropped; the others are enlarged, so that their sum stays the same on average. */
function drawMask(bits: () => number, mask: Float32Array, dropout: number): void {
  const kept = 1 / (1 - dropout);
  const threshold = dropout * 2 ** 32;
  for (let index = 0; index < mask.length; index++) mask[index] = bits() < threshold ? 0 : kept;
}
