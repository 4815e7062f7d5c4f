/** Trains one head: holds its data and tensors, and runs its steps through ONNX Runtime; lives in the inference process only. */
import type { InferenceSession } from 'onnxruntime-node';
import * as ort from 'onnxruntime-node';
import { BangerError } from '../../shared/errors.ts';
import { seededBits } from '../../shared/seeded-bits.ts';
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

/**
 * A head in training. Each step reads one set of tensors and writes the other, so that nothing is copied; the sets
 * then change places.
 */
export class TrainingRuntime {
  readonly #graphs: HeadTrainingGraphs;
  readonly #step: InferenceSession;
  readonly #evaluation: InferenceSession;
  readonly #features: Float32Array;
  readonly #labels: Float32Array;
  #current: Tensors = {};
  #next: Tensors = {};

  private constructor(request: OpenTrainingRequest, step: InferenceSession, evaluation: InferenceSession) {
    const { graphs, tensors, songCount } = request;
    this.#graphs = graphs;
    this.#step = step;
    this.#evaluation = evaluation;
    this.#features = new Float32Array(songCount * graphs.inputSize);
    this.#labels = new Float32Array(songCount);
    for (const { name, shape } of listState(graphs)) {
      const size = shape.reduce((product, length) => product * length, 1);
      const values = tensors[name];
      if (values?.length !== size) {
        throw new BangerError('internal', `The tensor ${name} is missing or of the wrong length.`);
      }
      this.#current[name] = new ort.Tensor('float32', Float32Array.from(values), shape);
      this.#next[name] = new ort.Tensor('float32', new Float32Array(size), shape);
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
    const { tensors } = this.#graphs;
    const weights = Object.fromEntries(tensors.map(({ name }) => [name, tensorOf(this.#current, name)]));
    for (let start = 0; start < rows.length; start += EVALUATION_ROWS) {
      const features = this.#gather(rows.subarray(start, start + EVALUATION_ROWS));
      const outputs = await attempt(() => this.#evaluation.run({ ...weights, features }, ['scores']));
      scores.set(floatsOf(tensorOf(outputs, 'scores')), start);
    }
    return scores;
  }

  /** A copy of all tensors, moments included. */
  read(): TrainingTensors {
    const copies = Object.entries(this.#current).map(([name, tensor]) => [
      name,
      new Float32Array(floatsOf(tensor)),
    ]);
    return Object.fromEntries(copies) as TrainingTensors;
  }

  async release(): Promise<void> {
    await this.#step.release();
    await this.#evaluation.release();
  }

  /** @returns the squared error, summed over the batch */
  async #runStep(
    rows: Int32Array,
    { learningRate, weightDecay }: TrainEpochRequest,
    step: number,
    bits: () => number,
  ): Promise<number> {
    const { beta1, beta2, masks } = this.#graphs;
    const count = rows.length;
    const labels = Float32Array.from(rows, (row) => this.#labels[row] ?? NaN);
    const feeds: Tensors = {
      ...this.#current,
      features: this.#gather(rows),
      labels: new ort.Tensor('float32', labels, [count, 1]),
      gradientScale: scalar(2 / count),
      varianceCorrection: scalar(count / (count - 1)),
      decay: scalar(1 - learningRate * weightDecay),
      stepSize: scalar(learningRate / (1 - beta1 ** step)),
      secondMomentScale: scalar(1 / Math.sqrt(1 - beta2 ** step)),
    };
    for (const { layer, width, dropout } of masks) {
      const mask = drawMask(bits, count * width, dropout);
      feeds[`mask.${layer}`] = new ort.Tensor('float32', mask, [count, width]);
    }
    const fetches: Record<string, ort.Tensor | null> = { squaredError: null };
    for (const [name, tensor] of Object.entries(this.#next)) fetches[`next.${name}`] = tensor;
    const outputs = await attempt(() => this.#step.run(feeds, fetches));
    [this.#current, this.#next] = [this.#next, this.#current];
    return floatsOf(tensorOf(outputs, 'squaredError'))[0] ?? NaN;
  }

  #gather(rows: Int32Array): ort.Tensor {
    const { inputSize } = this.#graphs;
    const values = new Float32Array(rows.length * inputSize);
    for (const [place, row] of rows.entries()) {
      values.set(this.#features.subarray(row * inputSize, (row + 1) * inputSize), place * inputSize);
    }
    return new ort.Tensor('float32', values, [rows.length, inputSize]);
  }
}

/** Everything that a step reads and writes: the tensors, and the moments of those that have some. */
function listState({ tensors }: HeadTrainingGraphs): { name: string; shape: number[] }[] {
  return tensors.flatMap(({ name, shape, hasMoments }) =>
    (hasMoments ? ['', '.first', '.second'] : ['']).map((part) => ({ name: name + part, shape })),
  );
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
function drawMask(bits: () => number, size: number, dropout: number): Float32Array {
  const kept = 1 / (1 - dropout);
  const threshold = dropout * 2 ** 32;
  const mask = new Float32Array(size);
  for (let index = 0; index < size; index++) mask[index] = bits() < threshold ? 0 : kept;
  return mask;
}
