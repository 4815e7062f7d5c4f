/** Runs jobs one after another, so that no two of them change the same thing at a time. */

export interface JobQueueOptions {
  /** Deals with what a job threw. Must not throw itself. */
  onError: (error: unknown) => Promise<void>;
  /** Called after every job. */
  onDone: () => void;
}

export class JobQueue {
  readonly #options: JobQueueOptions;
  #unfinished = 0;
  #tail: Promise<void> = Promise.resolve();

  constructor(options: JobQueueOptions) {
    this.#options = options;
  }

  /** Resolves when the job is done, also when it failed. */
  run(job: () => Promise<unknown>): Promise<void> {
    this.#unfinished += 1;
    this.#tail = this.#tail.then(async () => {
      try {
        await job();
      } catch (error) {
        await this.#options.onError(error);
      } finally {
        this.#unfinished -= 1;
        this.#options.onDone();
      }
    });
    return this.#tail;
  }

  get isIdle(): boolean {
    return this.#unfinished === 0;
  }

  /** Resolves when every job so far is done. */
  get whenDone(): Promise<void> {
    return this.#tail;
  }
}
