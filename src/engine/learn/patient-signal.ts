/** A signal that follows another one after a while: time for what is under way to end by itself. */
export class PatientSignal {
  readonly #controller = new AbortController();
  readonly #asked: AbortSignal | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param patienceMs how long after `asked` this one is aborted */
  constructor(asked: AbortSignal | undefined, patienceMs: number) {
    this.#asked = asked;
    this.#patienceMs = patienceMs;
    if (asked?.aborted === true) this.#begin();
    else asked?.addEventListener('abort', this.#begin, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Lets the timer go. */
  end(): void {
    clearTimeout(this.#timer);
    this.#asked?.removeEventListener('abort', this.#begin);
  }

  readonly #patienceMs: number;
  readonly #begin = (): void => {
    this.#timer = setTimeout(() => {
      this.#controller.abort();
    }, this.#patienceMs);
  };
}
