/** The engine's side of inference: starts the process when it is needed, ends it when idle, survives its crash. */
import { createBirpc } from 'birpc';
import { z } from 'zod';
import { answerSchema } from '../../shared/answer.ts';
import { BangerError } from '../../shared/errors.ts';
import type { EncoderGraph, HeadGraph, RunGraph } from '../../shared/graphs.ts';
import { OpenWaits } from '../../shared/open-waits.ts';
import type { Pace } from '../../shared/pace.ts';
import { usualPace } from '../../shared/pace.ts';
import type { InferenceChannel, InferenceExit, LaunchInference } from './inference-channel.ts';
import { launchInferenceProcess } from './inference-channel.ts';
import type { Encoding, InferenceFunctions, InferenceStatus, SessionOptions } from './inference-protocol.ts';
import {
  encodingSchema,
  graphOutputSchema,
  graphTimeSchema,
  inferenceStatusSchema,
  loadedSchema,
  rawScoresSchema,
} from './inference-protocol.ts';
import type { Placement, PlacementFunctions } from './placement-protocol.ts';
import { placementSchema } from './placement-protocol.ts';
import type { TrainingFunctions } from './training-protocol.ts';

/** A model that the inference process loads when it is first used, and again after a restart. */
export interface ModelSource<Graph> {
  /** Names the model across restarts; two models never share one. */
  key: string;
  /**
   * Builds the graph; called again whenever a new process needs it.
   *
   * @param runGraph runs another graph on that process first
   */
  build: (runGraph: RunGraph) => Promise<Graph>;
}

export interface InferenceClientOptions extends Partial<SessionOptions> {
  /** Seconds without a call after which the process is ended and its memory given back. */
  idleSeconds?: number;
  /** Priority of the process, in the terms of `os.setPriority`; below normal by default. */
  priority?: number;
  launch?: LaunchInference;
  /** The first call waits until this has settled: a client that takes another's place begins when that one is free. */
  after?: Promise<unknown>;
}

export interface EncodeOptions {
  wantsHiddenState?: boolean;
  /** Cancels the call; one that is already running takes the process with it, the only true cancel. */
  signal?: AbortSignal | undefined;
}

const DEFAULT_IDLE_SECONDS = 180;

/** Embeddings that are sent to a head at once: 2 MB of 1,024 values each. */
const PART_ROWS = 512;

/** A process with the models that it holds. */
interface RunningProcess {
  /** What it was started with: neither threads nor a higher priority can be had later. */
  pace: Pace;
  /** When the call that is under way had its turn. */
  turnBeganAtMs: number;
  channel: InferenceChannel;
  remote: ReturnType<typeof connect>;
  encoderKeys: Set<string>;
  /** Length of the embeddings that each loaded head takes. */
  headSizes: Map<string, number>;
  /** Calls that wait for it; they reject with the reason once the process is gone. */
  waits: OpenWaits;
  exited: Promise<void>;
}

/**
 * One inference process, used by one call at a time. Calls wait for their turn in the order they came.
 *
 * A process that dies rejects the running call with `inference-crashed`; the next call starts a new one.
 */
export class InferenceClient {
  #options: SessionOptions;
  #priority: number;
  #idleSeconds: number;
  readonly #launch: LaunchInference;
  #running: RunningProcess | null = null;
  #turn: Promise<unknown>;
  #waitingCalls = 0;
  #idleTimer: NodeJS.Timeout | null = null;
  #isClosed = false;
  #loadSeconds: number | null = null;
  /** Why this side is ending the process, so that its exit is not taken for a crash. */
  #endReason: BangerError | null = null;

  constructor(options: InferenceClientOptions = {}) {
    this.#options = { provider: options.provider ?? 'cpu', threads: options.threads ?? 0 };
    this.#priority = options.priority ?? usualPace.priority;
    this.#idleSeconds = options.idleSeconds ?? DEFAULT_IDLE_SECONDS;
    this.#launch = options.launch ?? launchInferenceProcess;
    this.#turn = options.after?.catch(() => undefined) ?? Promise.resolve();
  }

  /** Seconds that it took last to get an encoder ready in a process that had none; null before that happened. */
  get loadSeconds(): number | null {
    return this.#loadSeconds;
  }

  /** Settles once all calls until now have ended, and all work elsewhere that calls are kept waiting for. */
  get free(): Promise<unknown> {
    return this.#turn;
  }

  /** Works at another pace from the next call on; for that a process that runs is replaced. */
  usePace({ threads, priority, idleSeconds }: Pace & { idleSeconds: number }): void {
    this.#options = { ...this.#options, threads };
    this.#priority = priority;
    this.#idleSeconds = idleSeconds;
    if (this.#idleTimer !== null) this.#startIdleTimer();
  }

  /**
   * The embedding of a clip.
   *
   * @param samples mono, at the encoder's rate, not normalised
   * @throws BangerError `inference-crashed`, `inference-failed`, `too-short`, `cancelled`, `provider-unknown`
   */
  encode(
    encoder: ModelSource<EncoderGraph>,
    samples: Float32Array,
    { wantsHiddenState = false, signal }: EncodeOptions = {},
  ): Promise<Encoding> {
    return this.#call(signal, async (running) => {
      await this.#ensureEncoder(running, encoder);
      const request = { key: encoder.key, samples, wantsHiddenState };
      return readAnswer(encodingSchema, await running.remote.encode(request));
    });
  }

  /** Loads an encoder without using it, so that a wrong provider or checkpoint shows before the first song. */
  load(encoder: ModelSource<EncoderGraph>, signal?: AbortSignal): Promise<void> {
    return this.#call(signal, (running) => this.#ensureEncoder(running, encoder));
  }

  /**
   * Raw scores of a batch, before the clamp. A large batch is sent in parts, so that the model works on one while the
   * next is on its way.
   *
   * @param embeddings (count, embeddingSize) in C order
   */
  score(head: ModelSource<HeadGraph>, embeddings: Float32Array, signal?: AbortSignal): Promise<Float32Array> {
    return this.#call(signal, async (running) => {
      const embeddingSize = await this.#ensureHead(running, head);
      const parts = splitBatch(embeddings, embeddingSize * PART_ROWS);
      const answers = await Promise.all(
        parts.map((part) => running.remote.score({ key: head.key, embeddings: part })),
      );
      return joinScores(answers.map((answer) => readAnswer(rawScoresSchema, answer)));
    });
  }

  /**
   * Runs a graph of an encoder's form again and again for a while, with the settings that encoders have: until the
   * processors are free for it, or as long as it may take.
   *
   * @param sampleCount length of the input that it is run with
   * @returns seconds of the fastest run
   */
  timeGraph(
    graph: EncoderGraph,
    timing: { sampleCount: number; leastSeconds: number; mostSeconds: number },
    signal?: AbortSignal,
  ): Promise<number> {
    return this.#call(signal, async (running) => {
      const request = { graph, ...timing, options: this.#options };
      return readAnswer(graphTimeSchema, await running.remote.timeGraph(request)).fastestSeconds;
    });
  }

  /**
   * Where an encoder's operators run, by a run in a session of its own.
   *
   * @param clip all of it goes in where the encoder has a model for that length, which may be placed unlike others
   * @param shortSamples how much of it goes in otherwise
   */
  inspectPlacement(
    encoder: ModelSource<EncoderGraph>,
    { clip, shortSamples }: { clip: Float32Array; shortSamples: number },
    signal?: AbortSignal,
  ): Promise<Placement> {
    return this.#call(signal, async (running) => {
      const graph = await encoder.build(this.#graphRunner(running));
      const samples = graph.window?.sampleCount === clip.length ? clip : clip.subarray(0, shortSamples);
      const request = { graph, samples, options: this.#options };
      return readAnswer(placementSchema, await running.remote.inspectPlacement(request));
    });
  }

  /** Ends the process once it is free, and keeps all calls waiting until some work elsewhere is done. */
  async standAside<Value>(work: () => Promise<Value>, signal?: AbortSignal): Promise<Value> {
    const former = this.#turn;
    const { promise: done, resolve } = Promise.withResolvers<undefined>();
    this.#turn = done;
    this.#waitingCalls += 1;
    try {
      await former;
      if (this.#isClosed || signal?.aborted === true) throw cancelled();
      await this.#end(new BangerError('cancelled', 'Inference stands aside.'));
      return await work();
    } finally {
      this.#waitingCalls -= 1;
      resolve(undefined);
    }
  }

  /**
   * Calls one of the functions about training. A process that dies takes its training along; begin again from a
   * checkpoint then.
   */
  train<Value extends z.ZodType>(
    name: keyof TrainingFunctions,
    request: unknown,
    answerSchema: Value,
    signal?: AbortSignal,
  ): Promise<z.output<Value>> {
    return this.#call(signal, async (running) =>
      readAnswer(answerSchema, await running.remote[name](request)),
    );
  }

  /** Memory, provider and loaded models; starts the process where none runs. */
  status(signal?: AbortSignal): Promise<InferenceStatus> {
    return this.#call(signal, async (running) =>
      readAnswer(inferenceStatusSchema, await running.remote.status()),
    );
  }

  /** Ends the process; calls that wait or run are rejected with `cancelled`. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#end(new BangerError('cancelled', 'Inference was ended.'));
  }

  /** Waits for its turn, then works with a process, watching for its death and for the caller's cancel. */
  #call<Value>(
    signal: AbortSignal | undefined,
    work: (running: RunningProcess) => Promise<Value>,
  ): Promise<Value> {
    this.#waitingCalls += 1;
    this.#stopIdleTimer();
    const outcome = this.#turn.then(async () => {
      const turnBeganAtMs = performance.now();
      await this.#endUnfitProcess();
      if (this.#isClosed || signal?.aborted === true) throw cancelled();
      const running = this.#running ?? this.#start();
      running.turnBeganAtMs = turnBeganAtMs;
      const onAbort = () => void this.#end(cancelled());
      signal?.addEventListener('abort', onAbort, { once: true });
      try {
        return await running.waits.settle(work(running));
      } finally {
        signal?.removeEventListener('abort', onAbort);
      }
    });
    this.#turn = outcome
      .catch(() => undefined)
      .then(() => {
        this.#waitingCalls -= 1;
        if (this.#waitingCalls === 0) this.#startIdleTimer();
      });
    return outcome;
  }

  /** @returns length of the embeddings that the head takes */
  async #ensureHead(running: RunningProcess, { key, build }: ModelSource<HeadGraph>): Promise<number> {
    const known = running.headSizes.get(key);
    if (known !== undefined) return known;
    const graph = await build(this.#graphRunner(running));
    readAnswer(loadedSchema, await running.remote.loadHead({ key, graph }));
    running.headSizes.set(key, graph.embeddingSize);
    return graph.embeddingSize;
  }

  async #ensureEncoder(running: RunningProcess, encoder: ModelSource<EncoderGraph>): Promise<void> {
    if (running.encoderKeys.has(encoder.key)) return;
    const graph = await encoder.build(this.#graphRunner(running));
    const request = { key: encoder.key, graph, options: this.#options };
    readAnswer(loadedSchema, await running.remote.loadEncoder(request));
    if (running.encoderKeys.size === 0) {
      this.#loadSeconds = (performance.now() - running.turnBeganAtMs) / 1000;
    }
    running.encoderKeys.add(encoder.key);
  }

  #graphRunner({ remote }: RunningProcess): RunGraph {
    return async (graph, samples) => {
      const request = { graph, samples, options: this.#options };
      return readAnswer(graphOutputSchema, await remote.runGraph(request));
    };
  }

  /** Ends a process that was started for another pace than the one wanted now, and lets one that is dying go. */
  async #endUnfitProcess(): Promise<void> {
    if (this.#running === null) return;
    const { pace, exited } = this.#running;
    // A call may come just when an idle process is being ended: the call is meant for the next one.
    if (this.#endReason !== null) await exited;
    else if (pace.threads !== this.#options.threads || pace.priority !== this.#priority)
      await this.#end(new BangerError('cancelled', 'Inference goes on at another pace.'));
  }

  #start(): RunningProcess {
    this.#endReason = null;
    const channel = this.#launch();
    const waits = new OpenWaits();
    const { promise: exited, resolve: resolveExited } = Promise.withResolvers<undefined>();
    const remote = connect(channel);
    const running: RunningProcess = {
      pace: { threads: this.#options.threads, priority: this.#priority },
      turnBeganAtMs: performance.now(),
      channel,
      remote,
      encoderKeys: new Set(),
      headSizes: new Map(),
      waits,
      exited,
    };
    channel.onExit((exit) => {
      if (this.#running === running) this.#running = null;
      waits.end(this.#endReason ?? crashed(exit));
      remote.$close();
      resolveExited(undefined);
    });
    this.#running = running;
    // A process that dies of it, or before, is met by the call that it was started for.
    void remote.lowerPriority(this.#priority).catch(() => undefined);
    return running;
  }

  async #end(reason: BangerError): Promise<void> {
    this.#stopIdleTimer();
    const running = this.#running;
    if (running === null) return;
    this.#endReason = reason;
    running.channel.setKeepsAlive(true);
    running.channel.kill();
    await running.exited;
  }

  #startIdleTimer(): void {
    // Whoever ends the process waits for its exit, which must keep this one alive until then.
    if (this.#endReason !== null) return;
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    // An idle process must not keep a finished command from ending.
    this.#running?.channel.setKeepsAlive(false);
    this.#idleTimer = setTimeout(() => {
      void this.#end(new BangerError('cancelled', 'Inference was idle.'));
    }, this.#idleSeconds * 1000).unref();
  }

  #stopIdleTimer(): void {
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    this.#idleTimer = null;
    this.#running?.channel.setKeepsAlive(true);
  }
}

function connect(channel: InferenceChannel) {
  return createBirpc<InferenceFunctions & PlacementFunctions & TrainingFunctions>(
    {},
    {
      post: (message) => {
        channel.send(message);
      },
      on: (listener) => {
        channel.onMessage((message) => {
          if (typeof message === 'object' && message !== null) listener(message);
        });
      },
      // A song takes as long as it takes; a hung process is ended by the caller's cancel.
      timeout: -1,
    },
  );
}

function splitBatch(embeddings: Float32Array, partLength: number): Float32Array[] {
  const parts: Float32Array[] = [];
  for (let start = 0; start < embeddings.length; start += partLength) {
    parts.push(embeddings.subarray(start, start + partLength));
  }
  return parts;
}

function joinScores(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** The value of an answer, its form checked, or its error thrown. */
function readAnswer<Value extends z.ZodType>(schema: Value, answer: unknown): z.output<Value> {
  const checked = answerSchema.safeParse(answer);
  if (!checked.success) throw invalidAnswer(checked.error);
  if (!checked.data.ok) throw BangerError.fromRecord(checked.data.error);
  const value = schema.safeParse(checked.data.value);
  if (!value.success) throw invalidAnswer(value.error);
  return value.data;
}

function invalidAnswer(error: z.ZodError): BangerError {
  return new BangerError('internal', 'The inference process gave an answer that is not valid.', {
    details: z.prettifyError(error),
  });
}

function cancelled(): BangerError {
  return new BangerError('cancelled', 'It was cancelled.');
}

function crashed({ code, signal, stderrTail }: InferenceExit): BangerError {
  const how = signal === null ? `with exit code ${code ?? 'unknown'}` : `by ${signal}`;
  return new BangerError('inference-crashed', `The inference process ended ${how} while it was working.`, {
    details: stderrTail,
    nextStep:
      'It is started again by itself; if it keeps ending, check the free memory with `banger doctor`.',
  });
}
