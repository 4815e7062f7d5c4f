/**
 * Calibration: runs an encoder by every execution provider, each in a process of its own that may crash, hang or lie,
 * and compares what comes out with the processor's fp32.
 */
import type { CalibratedVariant, CalibrationProgress } from '../../shared/calibration.ts';
import { leastCosines, unmeasured } from '../../shared/calibration.ts';
import { asBangerError, BangerError, hasErrorCode } from '../../shared/errors.ts';
import type { EncoderGraph } from '../../shared/graphs.ts';
import type { Precision } from '../../shared/library.ts';
import {
  crashedVariant,
  failedVariant,
  lateVariant,
  unusedVariant,
  wrongVariant,
} from './calibration-reasons.ts';
import { embeddingCosine } from './embedding-cosine.ts';
import type { ModelSource } from './inference-client.ts';
import { InferenceClient } from './inference-client.ts';
import type { SessionOptions } from './inference-protocol.ts';

/** One way to run the encoder. */
export interface CalibrationCandidate {
  provider: string;
  precision: Precision;
  /** Threads inside one operator; 0 leaves the choice to the runtime. */
  threads: number;
  encoder: ModelSource<EncoderGraph>;
}

export interface CalibrateOptions {
  /** Mono samples of the full window, at the encoder's rate. */
  clip: Float32Array;
  /** The candidates' part in the whole, for a bar. */
  onProgress?: ((progress: CalibrationProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
  /** Starts a process of its own for a candidate, which is closed again; a child of this process unless told. */
  open?: ((session: SessionOptions) => InferenceClient) | undefined;
  /** Seconds that the reference, and that any other candidate has at least; it then has lost. */
  limits?: { referenceSeconds: number; leastSeconds: number };
}

const usualLimits = { referenceSeconds: 900, leastSeconds: 90 };

/** A candidate may take this much longer than the reference: whoever takes more is of no use, working or not. */
const SLOWEST_FACTOR = 5;

/** Runs after the first, which compiles and allocates; the fastest counts, and no more are begun after these seconds. */
const MOST_RUNS = 4;
const ENOUGH_SECONDS = 8;

/** Part of the operators' time above which it was the processor that did the work. */
const PROCESSOR_SHARE = 0.9;

/**
 * Samples of a short part of the clip, about a second: an error in a few frames, which the mean over a long clip hides,
 * shows in a short one. It is also what the profiler sees where one model serves all lengths.
 */
const SHORT_SAMPLES = 24_000;

/** Of the clip's short part and of the whole clip. */
interface Embeddings {
  short: Float32Array;
  whole: Float32Array;
}

/** What is known of a candidate while it is tried. */
type Measured = Omit<CalibratedVariant, 'outcome' | 'reason' | 'details'>;

/**
 * Tries the candidates one after another.
 *
 * @param candidates the first is the reference that all others are compared with
 * @returns one variant for each, in the same order, and the version of ONNX Runtime
 * @throws BangerError what keeps the reference from running, `timed-out` among it, and `cancelled`
 */
export async function calibrateProviders(
  candidates: readonly [CalibrationCandidate, ...CalibrationCandidate[]],
  options: CalibrateOptions,
): Promise<{ variants: CalibratedVariant[]; runtimeVersion: string }> {
  const { referenceSeconds, leastSeconds } = options.limits ?? usualLimits;
  const tell = (doneCount: number, { provider, precision }: CalibrationCandidate) => {
    options.onProgress?.({ provider, precision, doneCount, totalCount: candidates.length });
  };
  const [first, ...others] = candidates;
  tell(0, first);
  const started = performance.now();
  const reference = await runReference(first, options, referenceSeconds);
  const limitSeconds = Math.max(leastSeconds, (SLOWEST_FACTOR * (performance.now() - started)) / 1000);
  const variants = [reference.variant];
  for (const candidate of others) {
    tell(variants.length, candidate);
    variants.push(await tryCandidate(candidate, reference.embeddings, options, limitSeconds));
  }
  return { variants, runtimeVersion: reference.runtimeVersion };
}

async function runReference(
  candidate: CalibrationCandidate,
  options: CalibrateOptions,
  limitSeconds: number,
): Promise<{ variant: CalibratedVariant; embeddings: Embeddings; runtimeVersion: string }> {
  const trial = new Trial(candidate, options, limitSeconds);
  try {
    const embeddings = await trial.measure();
    const { runtimeVersion } = trial;
    return { variant: works({ ...trial.measured, cosine: 1 }), embeddings, runtimeVersion };
  } catch (thrown) {
    if (options.signal?.aborted === true) throw thrown;
    throw referenceFailure(trial.isLate ? lateVariant(trial.measured, limitSeconds) : null, thrown);
  } finally {
    await trial.end();
  }
}

/** Without the reference nothing can be compared: what kept it from running is told as that. */
function referenceFailure(late: CalibratedVariant | null, thrown: unknown): BangerError {
  const error = asBangerError(thrown);
  const isCrash = error.code === 'inference-crashed';
  if (late === null && !isCrash) return error;
  return new BangerError(
    late === null ? error.code : 'timed-out',
    `Nothing can be compared, since the processor did not run the encoder. ${late?.reason ?? error.message}`,
    {
      cause: thrown,
      details: error.details,
      nextStep: 'Close programs that need much memory or many processors, and measure again.',
    },
  );
}

async function tryCandidate(
  candidate: CalibrationCandidate,
  reference: Embeddings,
  options: CalibrateOptions,
  limitSeconds: number,
): Promise<CalibratedVariant> {
  const trial = new Trial(candidate, options, limitSeconds);
  try {
    if (candidate.provider !== 'cpu' && !(await trial.isPlaced())) return unusedVariant(trial.measured);
    const { short, whole } = await trial.measure();
    const cosine = Math.min(embeddingCosine(short, reference.short), embeddingCosine(whole, reference.whole));
    const measured = { ...trial.measured, cosine: Number.isNaN(cosine) ? null : cosine };
    return cosine >= leastCosines[candidate.precision] ? works(measured) : wrongVariant(measured);
  } catch (thrown) {
    if (options.signal?.aborted === true) throw thrown;
    if (trial.isLate) return lateVariant(trial.measured, limitSeconds);
    if (hasErrorCode(thrown, 'inference-crashed')) return crashedVariant(trial.measured, thrown);
    return failedVariant(trial.measured, asBangerError(thrown));
  } finally {
    await trial.end();
  }
}

function works(measured: Measured): CalibratedVariant {
  return { ...measured, outcome: 'works', reason: null, details: null };
}

/** One candidate in its own process. */
class Trial {
  readonly measured: Measured;
  runtimeVersion = '';
  readonly #encoder: ModelSource<EncoderGraph>;
  readonly #clip: Float32Array;
  readonly #client: InferenceClient;
  readonly #late = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #signal: AbortSignal;

  constructor(
    { provider, precision, threads, encoder }: CalibrationCandidate,
    { clip, signal, open = (session) => new InferenceClient(session) }: CalibrateOptions,
    limitSeconds: number,
  ) {
    this.measured = { provider, precision, threads, ...unmeasured };
    this.#encoder = encoder;
    this.#clip = clip;
    this.#client = open({ provider, threads });
    this.#timer = setTimeout(() => {
      this.#late.abort();
    }, limitSeconds * 1000);
    this.#signal = AbortSignal.any([this.#late.signal, ...(signal === undefined ? [] : [signal])]);
  }

  get isLate(): boolean {
    return this.#late.signal.aborted;
  }

  /** Whether the provider runs the operators itself. */
  async isPlaced(): Promise<boolean> {
    const placement = await this.#client.inspectPlacement(
      this.#encoder,
      { clip: this.#clip, shortSamples: SHORT_SAMPLES },
      this.#signal,
    );
    const { ownCount, processorShare } = placement;
    this.measured.processorShare = processorShare;
    return ownCount > 0 && processorShare <= PROCESSOR_SHARE;
  }

  async measure(): Promise<Embeddings> {
    // So that starting a process is not counted: it is the same for all.
    ({ runtimeVersion: this.runtimeVersion } = await this.#client.status(this.#signal));
    const started = performance.now();
    await this.#client.load(this.#encoder, this.#signal);
    this.measured.sessionSeconds = (performance.now() - started) / 1000;
    const { embedding: short } = await this.#encode(this.#shortClip);
    const { embedding: whole } = await this.#encode(this.#clip);
    const measuring = performance.now();
    let fastest = Infinity;
    for (let run = 0; run < MOST_RUNS; run++) {
      fastest = Math.min(fastest, (await this.#encode(this.#clip)).seconds);
      if (performance.now() - measuring > ENOUGH_SECONDS * 1000) break;
    }
    this.measured.secondsPerWindow = fastest;
    this.measured.peakBytes = (await this.#client.status(this.#signal)).peakResidentBytes;
    return { short, whole };
  }

  async end(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#client.close();
  }

  get #shortClip(): Float32Array {
    return this.#clip.subarray(0, SHORT_SAMPLES);
  }

  #encode(samples: Float32Array) {
    return this.#client.encode(this.#encoder, samples, { signal: this.#signal });
  }
}
