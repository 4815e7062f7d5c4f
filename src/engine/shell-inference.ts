/** Inference processes that the desktop shell starts and ends for the engine, each linked to it by a port. */
import type { MessageFromEngine, MessageToEngine } from '../shared/engine-process-messages.ts';
import type { EmitterPort } from '../shared/port-channel.ts';
import type { InferenceChannel, InferenceExit } from './inference/inference-channel.ts';

type ExitMessage = Extract<MessageToEngine, { kind: 'inference-exited' }>;

export class ShellInference {
  readonly #tell: (message: MessageFromEngine) => void;
  readonly #launches = new Map<number, LaunchedInference>();
  #lastLaunchId = 0;

  /** @param tell sends a message to the shell */
  constructor(tell: (message: MessageFromEngine) => void) {
    this.#tell = tell;
  }

  launch(): InferenceChannel {
    this.#lastLaunchId += 1;
    const launchId = this.#lastLaunchId;
    const launched = new LaunchedInference(() => {
      this.#tell({ kind: 'kill-inference', launchId });
    });
    this.#launches.set(launchId, launched);
    this.#tell({ kind: 'launch-inference', launchId });
    return launched;
  }

  connect(launchId: number, port: EmitterPort): void {
    const launched = this.#launches.get(launchId);
    if (launched === undefined) port.close();
    else launched.connect(port);
  }

  tellExit({ launchId, code, stderrTail }: ExitMessage): void {
    this.#launches.get(launchId)?.tellExit({ code, signal: null, stderrTail });
    this.#launches.delete(launchId);
  }
}

class LaunchedInference implements InferenceChannel {
  readonly #kill: () => void;
  /** What is said before the port is there. */
  readonly #unsent: unknown[] = [];
  readonly #messageListeners: ((message: unknown) => void)[] = [];
  readonly #exitListeners: ((exit: InferenceExit) => void)[] = [];
  #port: EmitterPort | null = null;
  #isGone = false;

  constructor(kill: () => void) {
    this.#kill = kill;
  }

  send(message: unknown): void {
    // A process that is already gone is reported by its exit, not by a failed send.
    if (this.#isGone) return;
    if (this.#port === null) this.#unsent.push(message);
    else this.#port.postMessage(message);
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#messageListeners.push(listener);
  }

  onExit(listener: (exit: InferenceExit) => void): void {
    this.#exitListeners.push(listener);
  }

  kill(): void {
    if (!this.#isGone) this.#kill();
  }

  setKeepsAlive(): void {
    // The engine process lives until the shell ends it, whatever runs beside it.
  }

  connect(port: EmitterPort): void {
    this.#port = port;
    port.on('message', ({ data }) => {
      for (const listener of this.#messageListeners) listener(data);
    });
    port.start();
    for (const message of this.#unsent.splice(0)) port.postMessage(message);
  }

  tellExit(exit: InferenceExit): void {
    this.#isGone = true;
    this.#port?.close();
    for (const listener of this.#exitListeners) listener(exit);
  }
}
