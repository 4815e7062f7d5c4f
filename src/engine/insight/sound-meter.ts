/** Measures tempo and key in a thread of its own, so that nobody waits for it but whoever asked. */
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { answerSchema } from '../../shared/answer.ts';
import { asBangerError, BangerError } from '../../shared/errors.ts';
import type { SoundMeasurement } from '../../shared/sound-analysis.ts';
import { soundMeasurementSchema } from '../../shared/sound-analysis.ts';
import { soundDetectorVersion } from './measure-sound.ts';

/** What the thread is asked. */
export const soundTaskSchema = z.object({
  id: z.int(),
  samples: z.instanceof(Float32Array),
  sampleRateHz: z.number().positive(),
});
export type SoundTask = z.infer<typeof soundTaskSchema>;

const soundAnswerSchema = z.intersection(z.object({ id: z.int() }), answerSchema);
export type SoundAnswer = z.infer<typeof soundAnswerSchema>;

/** A thread without work ends after this long and gives its memory back. */
const idleMs = 30_000;

/** The thread, started at the first clip; whoever made a meter closes it. */
export class SoundMeter {
  /** Version of the detector that measures. */
  readonly version = soundDetectorVersion;
  readonly #waiting = new Map<number, PromiseWithResolvers<SoundMeasurement>>();
  #worker: Worker | null = null;
  #idle: NodeJS.Timeout | null = null;
  #lastId = 0;
  #isClosed = false;

  /**
   * Tempo and key of a clip; see `measureSound`. The samples are copied, and stay the caller's.
   *
   * @throws BangerError `cancelled` by the signal or by closing, `internal` where the thread ended
   */
  async measure(
    samples: Float32Array<ArrayBuffer>,
    sampleRateHz: number,
    signal?: AbortSignal,
  ): Promise<SoundMeasurement> {
    if (this.#isClosed || signal?.aborted === true) throw cancelled();
    const worker = (this.#worker ??= this.#start());
    worker.ref();
    if (this.#idle !== null) clearTimeout(this.#idle);
    const id = (this.#lastId += 1);
    const answered = Promise.withResolvers<SoundMeasurement>();
    const cancel = () => {
      answered.reject(cancelled());
    };
    this.#waiting.set(id, answered);
    signal?.addEventListener('abort', cancel, { once: true });
    const task: SoundTask = { id, samples, sampleRateHz };
    worker.postMessage(task);
    try {
      return await answered.promise;
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) this.#endWhenIdle();
    }
  }

  /** Ends the thread, and with `cancelled` what was asked of it; again is harmless. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#end(cancelled());
  }

  #start(): Worker {
    // The neighbour file has the same extension as this one: .ts from source, .js when built.
    const entry = join(import.meta.dirname, `sound-worker${extname(import.meta.filename)}`);
    const worker = new Worker(entry, { execArgv: [] });
    const fail = (cause: BangerError) => {
      if (this.#worker === worker) void this.#end(cause);
    };
    worker.on('message', (message: unknown) => {
      const parsed = soundAnswerSchema.safeParse(message);
      if (!parsed.success) {
        fail(asBangerError(parsed.error));
        return;
      }
      const answer = parsed.data;
      const asked = this.#waiting.get(answer.id);
      if (answer.ok) asked?.resolve(soundMeasurementSchema.parse(answer.value));
      else asked?.reject(BangerError.fromRecord(answer.error));
    });
    worker.once('error', (thrown) => {
      fail(asBangerError(thrown));
    });
    worker.once('exit', () => {
      fail(new BangerError('internal', 'The measuring of tempo and key ended without a result.'));
    });
    return worker;
  }

  /** Ends the thread where it has nothing to do for a while; that alone keeps no process alive. */
  #endWhenIdle(): void {
    if (this.#worker === null) return;
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#worker.unref();
    this.#idle = setTimeout(() => void this.#end(cancelled()), idleMs);
    this.#idle.unref();
  }

  async #end(cause: BangerError): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    for (const asked of this.#waiting.values()) asked.reject(cause);
    await worker?.terminate();
  }
}

function cancelled(): BangerError {
  return new BangerError('cancelled', 'Measuring tempo and key was cancelled.');
}
