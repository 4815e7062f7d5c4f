/** Works on the library's jobs: claims them, scores their files, stores how each ended, and outlives what goes wrong. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ErrorCode } from '../../shared/errors.ts';
import { asBangerError, BangerError } from '../../shared/errors.ts';
import type { Job, JobProgress, JobReason, RunnerState } from '../../shared/jobs.ts';
import type { ClaimedJob, JobResult } from '../library/tables/jobs-table.ts';
import type { Library } from '../library/library.ts';
import { BusyMeter } from './busy-meter.ts';
import { readStamp } from './file-stamp.ts';
import { isGone } from './job-owner.ts';
import { PaceMeter } from './pace-meter.ts';
import type { PreparedSong, ScoredSong, SongScorer } from './song-scorer.ts';

export interface JobRunnerOptions {
  library: Library;
  encoderName: string;
  headName: string;
  /** Names this process among those that work on the library. */
  owner: string;
  /** Makes what scores songs, trying no song twice by itself; called anew after something outside the songs failed. */
  createScorer: () => Promise<SongScorer>;
  /** Songs that are decoded or wait, decoded, for the model; asked for again and again. */
  aheadCount: () => number;
  /** Why no song is to be begun just now, null where none speaks against it; asked before each song. */
  restBecause?: (() => JobReason | null) | undefined;
  /** How long a claim holds when this process falls silent. */
  leaseMs?: number;
  /** How often it looks for jobs that another process queued. */
  pollMs?: number;
  onFinished?: ((job: Job, result: JobResult, scored: ScoredSong | null) => void) | undefined;
  onStateChanged?: ((state: RunnerState) => void) | undefined;
}

/** A job with the part of its work that runs ahead of the model. */
interface StartedJob {
  job: ClaimedJob;
  preparing: Promise<Preparation>;
}

/** A song ready for the model, or a result where nothing is left to do. */
type Preparation = { song: PreparedSong } | { result: JobResult };

const DEFAULT_LEASE_MS = 15_000;
const DEFAULT_POLL_MS = 1000;

/** A program died over the song, perhaps of something else: it was killed, or memory ran out. */
const crashCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['inference-crashed', 'ffmpeg-failed']);

/** A song that a program died of this often is to blame itself. */
const MAXIMUM_CRASHES = 2;
/** A song that this many processes began and none ended is left alone. */
const MAXIMUM_ATTEMPTS = 5;

const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 30_000;

export class JobRunner {
  readonly #options: JobRunnerOptions;
  readonly #leaseMs: number;
  readonly #pace = new PaceMeter();
  readonly #busy = new BusyMeter();
  #state: RunnerState = { state: 'stopped', reason: null };
  #ended = new AbortController();
  #isPaused = false;
  #currentPath: string | null = null;
  #loop: Promise<void> | null = null;
  #wake: () => void = () => undefined;

  constructor(options: JobRunnerOptions) {
    this.#options = options;
    this.#leaseMs = options.leaseMs ?? DEFAULT_LEASE_MS;
  }

  /** Begins to work; again is harmless. */
  start(): void {
    if (this.#loop !== null) return;
    this.#ended = new AbortController();
    this.#loop = this.#run(this.#ended.signal);
  }

  /** Ends at once and gives back what was begun; resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.#ended.abort();
    this.#wake();
    await this.#loop;
    this.#loop = null;
  }

  /** Finishes the song that the model works on, then waits. */
  pause(): void {
    this.#isPaused = true;
    this.#wake();
  }

  resume(): void {
    this.#isPaused = false;
    this.#wake();
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Looks for jobs now instead of at the next poll. */
  wake(): void {
    this.#wake();
  }

  /** Resolves when no job for these models is open any more, whoever works on it. Rejects with `cancelled`. */
  async whenDone(signal?: AbortSignal): Promise<void> {
    const { library, encoderName, headName, pollMs = DEFAULT_POLL_MS } = this.#options;
    while (library.jobs.openCount(encoderName, headName) > 0) {
      if (signal?.aborted === true) throw new BangerError('cancelled', 'Scoring was cancelled.');
      await sleep(Math.min(pollMs, 100));
    }
  }

  progress(): Omit<JobProgress, 'quietBecause'> {
    const { library, encoderName, headName } = this.#options;
    const counts = library.jobs.counts({ encoderName, headName });
    const songsPerSecond = this.#pace.songsPerSecond();
    const open = counts.waiting + counts.running;
    return {
      runner: this.#state,
      counts,
      songsPerSecond,
      etaSeconds: songsPerSecond && open / songsPerSecond,
      currentPath: this.#currentPath,
      busyShare: this.#busy.share(),
    };
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { library, owner, pollMs = DEFAULT_POLL_MS } = this.#options;
    const heartbeat = setInterval(() => {
      this.#renewLeases();
    }, this.#leaseMs / 3);
    let backoffMs = FIRST_BACKOFF_MS;
    let scorer: SongScorer | null = null;
    try {
      while (!signal.aborted) {
        try {
          // Whatever an earlier failure left claimed is nobody's work now.
          library.jobs.giveBackAll(owner);
          for (const other of library.jobs.owners().filter(isGone)) library.jobs.releaseDead(other);
          if (!this.#isResting) {
            scorer ??= await this.#options.createScorer();
            await this.#workUntilIdle(scorer, signal);
          }
          backoffMs = FIRST_BACKOFF_MS;
          this.#setState(this.#stateAtRest());
          await this.#waitForWork(pollMs, signal);
        } catch (thrown) {
          if (isAborted(signal)) break;
          // A fresh scorer notices models and programs that came back.
          scorer = null;
          this.#setState({ state: 'blocked', reason: reasonOf(thrown) });
          await this.#waitForWork(backoffMs, signal);
          backoffMs = Math.min(2 * backoffMs, LONGEST_BACKOFF_MS);
        }
      }
    } finally {
      clearInterval(heartbeat);
      this.#giveBackQuietly();
      this.#setState({ state: 'stopped', reason: null });
    }
  }

  /** Works until nothing can be claimed, a pause, or a failure that is no song's fault. */
  async #workUntilIdle(scorer: SongScorer, signal: AbortSignal): Promise<void> {
    const aheadEnded = new AbortController();
    const songSignal = AbortSignal.any([signal, aheadEnded.signal]);
    const ahead: StartedJob[] = [];
    this.#busy.beginRun();
    const fill = () => {
      while (!this.#isResting && !signal.aborted && ahead.length < this.#options.aheadCount()) {
        const started = this.#claim(scorer, songSignal);
        if (started === null) return;
        ahead.push(started);
      }
    };
    try {
      for (;;) {
        fill();
        const started = this.#isResting ? undefined : ahead.shift();
        if (started === undefined) return;
        this.#setState({ state: 'working', reason: null });
        await this.#work(scorer, started, fill, songSignal);
      }
    } finally {
      this.#currentPath = null;
      aheadEnded.abort();
      await Promise.allSettled(ahead.map(({ preparing }) => preparing));
    }
  }

  #claim(scorer: SongScorer, signal: AbortSignal): StartedJob | null {
    const { library, owner, encoderName, headName } = this.#options;
    const job = library.jobs.claim({ owner, leaseMs: this.#leaseMs, encoderName, headName });
    if (job === null) return null;
    const preparing = prepare(scorer, job, signal);
    // The failure is met when its turn comes; until then it must not count as unhandled.
    preparing.catch(() => undefined);
    return { job, preparing };
  }

  async #work(
    scorer: SongScorer,
    { job, preparing }: StartedJob,
    fill: () => void,
    signal: AbortSignal,
  ): Promise<void> {
    const preparation = await preparing;
    if ('result' in preparation) {
      this.#finish(job, preparation.result, null);
      return;
    }
    fill();
    this.#currentPath = job.path;
    const scored = await scorer.finish(preparation.song, signal);
    if (scored.encodeSeconds !== null) this.#busy.count(scored.encodeSeconds);
    const { error } = scored.result;
    if (error !== null && crashCodes.has(error.code) && job.crashes + 1 < MAXIMUM_CRASHES) {
      this.#options.library.jobs.giveBack(job, this.#options.owner, { crashed: true });
      return;
    }
    this.#finish(job, resultOf(scored), scored);
  }

  #finish(job: ClaimedJob, result: JobResult, scored: ScoredSong | null): void {
    const isOurs = this.#options.library.jobs.finish(job, this.#options.owner, result);
    if (!isOurs) return;
    this.#pace.count();
    this.#options.onFinished?.(job, result, scored);
  }

  get #isResting(): boolean {
    return this.#isPaused || this.#restReason() !== null;
  }

  #restReason(): JobReason | null {
    return this.#options.restBecause?.() ?? null;
  }

  #stateAtRest(): RunnerState {
    if (this.#isPaused) return { state: 'paused', reason: null };
    const reason = this.#restReason();
    return { state: reason === null ? 'idle' : 'blocked', reason };
  }

  /** Resolves after a while, or at once when woken or ended. */
  async #waitForWork(milliseconds: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => {
      woken.abort();
    };
    await sleep(milliseconds, undefined, { signal: AbortSignal.any([signal, woken.signal]) }).catch(
      () => undefined,
    );
    this.#wake = () => undefined;
  }

  #renewLeases(): void {
    try {
      this.#options.library.jobs.renewLeases(this.#options.owner, this.#leaseMs);
    } catch {
      // A library that cannot be written stops the work itself, which reports it.
    }
  }

  #giveBackQuietly(): void {
    try {
      this.#options.library.jobs.giveBackAll(this.#options.owner);
    } catch {
      // The leases lapse by themselves.
    }
  }

  #setState(state: RunnerState): void {
    const isSame = state.state === this.#state.state && state.reason?.message === this.#state.reason?.message;
    this.#state = state;
    if (!isSame) this.#options.onStateChanged?.(state);
  }
}

/** The look-ahead part of a job. */
async function prepare(scorer: SongScorer, job: ClaimedJob, signal: AbortSignal): Promise<Preparation> {
  if (job.attempts > MAXIMUM_ATTEMPTS) {
    return ended('failed', 'inference-crashed', 'The program ended each time it worked on this song.');
  }
  try {
    const now = await readStamp(job.path);
    if (now.sizeBytes !== job.stamp.sizeBytes || now.mtimeNs !== job.stamp.mtimeNs) {
      // It is queued again in its new version once it stands still.
      return ended('skipped', 'file-changed', 'The file changed before its turn came.');
    }
  } catch (thrown) {
    const { code, message } = asBangerError(thrown);
    return ended(code === 'file-missing' ? 'skipped' : 'failed', code, message);
  }
  return { song: await scorer.prepare(job.path, signal) };
}

function ended(outcome: 'skipped' | 'failed', code: JobReason['code'], message: string): Preparation {
  return { result: { outcome, reason: { code, message, nextStep: null }, songId: null } };
}

function resultOf({ result, songId }: ScoredSong): JobResult {
  const { error, cached } = result;
  if (error === null) return { outcome: cached ? 'known' : 'scored', reason: null, songId };
  const { code, message, nextStep } = error;
  const isGone = code === 'file-missing' || code === 'file-changed';
  return {
    outcome: isGone ? 'skipped' : 'failed',
    reason: { code, message, nextStep: nextStep ?? null },
    songId,
  };
}

function reasonOf(thrown: unknown): JobReason {
  const { code, message, nextStep } = asBangerError(thrown);
  return { code, message, nextStep: nextStep ?? null };
}

/** The signal may have been aborted since it was last looked at, which the compiler cannot see. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
