/** Lets other work have its turn while songs are analysed, and ends the analysis when nobody waits for it any more. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BangerError } from '../../shared/errors.ts';

/** How long other work is kept waiting, in milliseconds. */
const turnMs = 15;

export class Turns {
  readonly #signal: AbortSignal | undefined;
  #lastMs = performance.now();

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /** To be called now and then; goes on at once within a turn. @throws BangerError `cancelled` */
  async pass(): Promise<void> {
    if (performance.now() - this.#lastMs >= turnMs) {
      await nextTurn();
      this.#lastMs = performance.now();
    }
    if (this.#signal?.aborted === true) throw new BangerError('cancelled', 'The analysis was cancelled.');
  }

  /** Runs work that pauses of itself, to its end. @throws BangerError `cancelled` */
  async run<Result>(steps: Generator<undefined, Result>): Promise<Result> {
    let step = steps.next();
    while (step.done !== true) {
      await this.pass();
      step = steps.next();
    }
    return step.value;
  }
}
