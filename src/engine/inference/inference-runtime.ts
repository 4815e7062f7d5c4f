/** Holds ONNX Runtime's sessions and runs them; lives in the inference process only. */
import type { InferenceSession } from 'onnxruntime-node';
import * as ort from 'onnxruntime-node';
import { BangerError } from '../../shared/errors.ts';
import type { EncoderGraph } from '../../shared/graphs.ts';
import {
  embeddingOutputName,
  encoderInputName,
  headInputName,
  hiddenStateOutputName,
  rawScoreOutputName,
} from '../../shared/graphs.ts';
import type {
  EncodeRequest,
  Encoding,
  GraphTime,
  InferenceStatus,
  LoadEncoderRequest,
  LoadHeadRequest,
  Loaded,
  ScoreRequest,
  SessionOptions,
  TimeGraphRequest,
} from './inference-protocol.ts';
import { LoadMeter } from './load-meter.ts';
import { normalizeClip } from './normalize-clip.ts';
import { supportedProviders } from './supported-providers.ts';
import { releaseGarbage } from './release-garbage.ts';
import { unknownProvider } from './unknown-provider.ts';

// ONNX Runtime reports to its maker and marks the machine with an id, unless it is told not to before its first
// session. Told here and not by the launcher, so that it holds for every kind of process that this runs in.
process.env['ORT_DISABLE_TELEMETRY'] = '1';

interface LoadedEncoder {
  graph: EncoderGraph;
  options: SessionOptions;
  /** Sessions by the serialised model: one for any clip, and one for the full window where the encoder has it. */
  sessions: Map<Uint8Array, InferenceSession>;
}

interface LoadedHead {
  session: InferenceSession;
  embeddingSize: number;
}

/** Sessions by key. Loading a key again replaces its session. */
export class InferenceRuntime {
  readonly #encoders = new Map<string, LoadedEncoder>();
  readonly #heads = new Map<string, LoadedHead>();

  /** @throws BangerError `provider-unknown`, or `inference-failed` where the runtime refuses the model */
  async loadEncoder({ key, graph, options }: LoadEncoderRequest): Promise<Loaded> {
    requireProvider(options.provider);
    const started = performance.now();
    const former = this.#encoders.get(key);
    this.#encoders.delete(key);
    for (const session of former?.sessions.values() ?? []) await session.release();
    const encoder: LoadedEncoder = { graph, options, sessions: new Map() };
    // Nearly all songs are longer than the window; what a shorter one needs is loaded when it comes.
    await sessionOf(encoder, graph.window?.onnx ?? graph.onnx);
    this.#encoders.set(key, encoder);
    return { seconds: (performance.now() - started) / 1000 };
  }

  /** @throws BangerError `inference-failed` where the runtime refuses the model */
  async loadHead({ key, graph }: LoadHeadRequest): Promise<Loaded> {
    const started = performance.now();
    await this.#heads.get(key)?.session.release();
    this.#heads.delete(key);
    const session = await createSession(graph.onnx, headSessionOptions);
    this.#heads.set(key, { session, embeddingSize: graph.embeddingSize });
    return { seconds: (performance.now() - started) / 1000 };
  }

  /** @throws BangerError `too-short`, or `inference-failed` where the run fails or gives no finite numbers */
  async encode({ key, samples, wantsHiddenState }: EncodeRequest): Promise<Encoding> {
    const encoder = this.#encoders.get(key);
    if (encoder === undefined) throw notLoaded(key);
    const { minimumSamples, normalizesInput, embeddingSize } = encoder.graph;
    if (samples.length < minimumSamples) {
      throw new BangerError('too-short', `The encoder needs at least ${minimumSamples} samples.`);
    }
    const session = await sessionOf(encoder, modelFor(encoder.graph, samples.length));
    const started = performance.now();
    const clip = normalizesInput ? normalizeClip(samples) : samples;
    const outputs = await run(
      session,
      { [encoderInputName]: new ort.Tensor('float32', clip, [1, clip.length]) },
      wantsHiddenState ? [embeddingOutputName, hiddenStateOutputName] : [embeddingOutputName],
    );
    const embedding = floatsOf(outputs, embeddingOutputName);
    if (embedding.length !== embeddingSize || !embedding.every(Number.isFinite)) {
      throw new BangerError('inference-failed', 'The encoder gave numbers that are not finite.', {
        nextStep: 'Try the cpu provider; if it does the same, the checkpoint is damaged: download it again.',
      });
    }
    const seconds = (performance.now() - started) / 1000;
    // After the answer went out, so that its own memory goes too.
    if (seconds >= LONG_CLIP_SECONDS) setImmediate(releaseGarbage);
    return {
      embedding,
      hiddenState: wantsHiddenState ? floatsOf(outputs, hiddenStateOutputName) : null,
      seconds,
    };
  }

  /** @returns one raw score for each embedding */
  async score({ key, embeddings }: ScoreRequest): Promise<Float32Array> {
    const head = this.#heads.get(key);
    if (head === undefined) throw notLoaded(key);
    const count = embeddings.length / head.embeddingSize;
    if (!Number.isInteger(count)) {
      throw new BangerError(
        'checkpoint-mismatch',
        `The head takes embeddings of ${head.embeddingSize} values.`,
      );
    }
    if (count === 0) return new Float32Array();
    const outputs = await run(
      head.session,
      { [headInputName]: new ort.Tensor('float32', embeddings, [count, head.embeddingSize]) },
      [rawScoreOutputName],
    );
    return floatsOf(outputs, rawScoreOutputName);
  }

  /** How fast a graph runs here; it is kept no longer than that takes. */
  timeGraph({ graph, options, ...timing }: TimeGraphRequest): Promise<GraphTime> {
    const samples = new Float32Array(timing.sampleCount).fill(0.5);
    return withGraph({ graph, samples, options }, async (runOnce) => {
      let fastestSeconds = Infinity;
      const started = performance.now();
      for (;;) {
        const load = new LoadMeter();
        const runStarted = performance.now();
        await runOnce();
        const ended = performance.now();
        fastestSeconds = Math.min(fastestSeconds, (ended - runStarted) / 1000);
        const totalSeconds = (ended - started) / 1000;
        if (totalSeconds >= timing.mostSeconds) break;
        if (totalSeconds >= timing.leastSeconds && load.othersShare() < QUIET_SHARE) break;
      }
      return { fastestSeconds };
    });
  }

  /** What a graph makes of some samples; it is kept no longer than that takes. */
  runGraph(request: GraphRun): Promise<Float32Array> {
    return withGraph(request, async (runOnce) => floatsOf(await runOnce(), embeddingOutputName));
  }

  status(): InferenceStatus {
    return {
      processId: process.pid,
      residentBytes: process.memoryUsage.rss(),
      peakResidentBytes: process.resourceUsage().maxRSS * 1024,
      encoders: [...this.#encoders].map(([key, { options }]) => ({ key, provider: options.provider })),
      heads: [...this.#heads.keys()],
      runtimeVersion: ort.env.versions.node ?? 'unknown',
      providers: supportedProviders(),
    };
  }
}

/** A clip that takes at least this long is worth the milliseconds of collecting its garbage. */
const LONG_CLIP_SECONDS = 0.5;

/** Other programs that take less than this share of the processors do not slow a run down noticeably. */
const QUIET_SHARE = 0.1;

/** A graph with an encoder's form that is loaded for some samples alone. */
export interface GraphRun {
  graph: Pick<EncoderGraph, 'onnx' | 'window' | 'weightsFolder'>;
  samples: Float32Array;
  options: SessionOptions;
  /** What ONNX Runtime is told of its profiler, which is off unless told. */
  profiling?: Pick<InferenceSession.SessionOptions, 'enableProfiling' | 'profileFilePrefix'>;
}

/**
 * Loads a graph for as long as it is used.
 *
 * @param use gets what runs it once over the samples and gives its embedding
 * @throws BangerError `provider-unknown`, `inference-failed`, and what `use` throws
 */
export async function withGraph<Result>(
  { graph, samples, options, profiling }: GraphRun,
  use: (runOnce: () => Promise<InferenceSession.ReturnType>, session: InferenceSession) => Promise<Result>,
): Promise<Result> {
  requireProvider(options.provider);
  const session = await createSession(modelFor(graph, samples.length), {
    ...encoderSessionOptions(options, graph.weightsFolder),
    ...profiling,
  });
  try {
    const waveform = new ort.Tensor('float32', samples, [1, samples.length]);
    return await use(() => run(session, { [encoderInputName]: waveform }, [embeddingOutputName]), session);
  } finally {
    await session.release();
  }
}

/** @throws BangerError `provider-unknown` */
function requireProvider(provider: string): void {
  const providers = supportedProviders();
  if (!providers.includes(provider)) throw unknownProvider(provider, providers);
}

/** The model that takes a clip of this many samples, as it is serialised. */
function modelFor({ onnx, window }: Pick<EncoderGraph, 'onnx' | 'window'>, sampleCount: number): Uint8Array {
  return window?.sampleCount === sampleCount ? window.onnx : onnx;
}

/** @throws BangerError `inference-failed` */
async function sessionOf(
  { graph, options, sessions }: LoadedEncoder,
  onnx: Uint8Array,
): Promise<InferenceSession> {
  const known = sessions.get(onnx);
  if (known !== undefined) return known;
  const session = await createSession(onnx, encoderSessionOptions(options, graph.weightsFolder));
  sessions.set(onnx, session);
  return session;
}

/** How every encoder's session is made, whatever it is made for. */
function encoderSessionOptions(
  { provider, threads }: SessionOptions,
  weightsFolder: string | null,
): InferenceSession.SessionOptions {
  return {
    executionProviders: [provider],
    graphOptimizationLevel: 'all',
    // Planning the memory of a whole run ahead costs more than the arena takes piece by piece, and the arena takes
    // less than the system's own allocator, which fragments (see docs/decisions).
    enableCpuMemArena: true,
    enableMemPattern: false,
    ...(threads > 0 && { intraOpNumThreads: threads }),
    ...(weightsFolder !== null && {
      extra: { session: { model_external_initializers_file_folder_path: weightsFolder } },
    }),
  };
}

/**
 * A head's runs are short and come one after another with work between them: threads that wait for the next one by
 * spinning take the processor from those that bring it, which makes scoring a library take twice as long.
 */
const headSessionOptions: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  extra: { session: { intra_op: { allow_spinning: '0' } } },
};

/** @throws BangerError `inference-failed` */
async function createSession(
  onnx: Uint8Array,
  options: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  try {
    return await ort.InferenceSession.create(onnx, options);
  } catch (cause) {
    throw new BangerError('inference-failed', 'ONNX Runtime could not load the model.', {
      cause,
      details: String(cause),
      nextStep: 'Check with `banger doctor`; if the weights changed or moved, import them again.',
    });
  }
}

/** @throws BangerError `inference-failed` */
async function run(
  session: InferenceSession,
  feeds: InferenceSession.FeedsType,
  outputs: string[],
): Promise<InferenceSession.ReturnType> {
  try {
    return await session.run(feeds, outputs);
  } catch (cause) {
    throw new BangerError('inference-failed', 'ONNX Runtime could not run the model.', {
      cause,
      details: String(cause),
      nextStep: 'Close other programs if memory is short, and try again.',
    });
  }
}

/** A copy of an output's values, so that the runtime's buffer can go. */
function floatsOf(outputs: InferenceSession.ReturnType, name: string): Float32Array<ArrayBuffer> {
  const data = outputs[name]?.data;
  if (data instanceof Float32Array) return new Float32Array(data);
  throw new BangerError('inference-failed', `The model has no float32 output "${name}".`);
}

function notLoaded(key: string): BangerError {
  return new BangerError('internal', `The model "${key}" is not loaded.`);
}
