/** Keeps events that must not be lost until the listener has dealt with them. */
import type { WatchEvent } from '../../shared/watch.ts';

/** Resolves when the listener has dealt with an event, rejects when it could not. */
export type TellEvent = (event: WatchEvent) => Promise<void>;

export class EventOutbox {
  readonly #tell: TellEvent;
  readonly #events: WatchEvent[] = [];
  #sending: Promise<boolean> | null = null;

  constructor(tell: TellEvent) {
    this.#tell = tell;
  }

  add(event: WatchEvent): void {
    this.#events.push(event);
  }

  get isEmpty(): boolean {
    return this.#events.length === 0;
  }

  /** Tells what it holds, in order, up to the first event that the listener refuses. Gives whether none is left. */
  async send(): Promise<boolean> {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
    });
    return this.#sending;
  }

  async #sendAll(): Promise<boolean> {
    for (let event = this.#events[0]; event !== undefined; event = this.#events[0]) {
      try {
        await this.#tell(event);
      } catch {
        // The listener knows its own error; the event stays and is told again.
        return false;
      }
      this.#events.shift();
    }
    return true;
  }
}
