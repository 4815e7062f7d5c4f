/** Asks again and again, as long as something stands still, and stops as soon as it moves. */

export class StallWatch {
  readonly #pauseMs: number;
  readonly #look: () => void;
  #timer: number | undefined;

  /** @param look what is done after each pause while nothing moves */
  constructor(pauseMs: number, look: () => void) {
    this.#pauseMs = pauseMs;
    this.#look = look;
  }

  /** Begins, or goes on where it has begun. */
  begin(): void {
    if (this.#timer !== undefined) return;
    this.#timer = window.setInterval(this.#look, this.#pauseMs);
  }

  end(): void {
    window.clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
