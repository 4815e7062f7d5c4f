/** The inference processes that the engine asked for: each is started, linked to the engine by ports, and ended. */
import type { MessagePortMain } from 'electron';
import type { MessageToEngine, MessageToInference } from '../shared/engine-process-messages.ts';
import type { ChildProcess } from './utility-child.ts';

export interface PortPair {
  port1: MessagePortMain;
  port2: MessagePortMain;
}

export interface InferenceLaunchesOptions {
  fork: () => ChildProcess<MessageToInference>;
  createPorts: () => PortPair;
  /** Tells the engine that asked; it may be gone. */
  tellEngine: (message: MessageToEngine, ports?: MessagePortMain[]) => void;
}

/** Those of one engine. */
export class InferenceLaunches {
  readonly #options: InferenceLaunchesOptions;
  readonly #children = new Map<number, ChildProcess<MessageToInference>>();

  constructor(options: InferenceLaunchesOptions) {
    this.#options = options;
  }

  launch(launchId: number): void {
    const { fork, createPorts, tellEngine } = this.#options;
    const child = fork();
    const { port1, port2 } = createPorts();
    this.#children.set(launchId, child);
    child.onExit(({ code, stderrTail }) => {
      this.#children.delete(launchId);
      tellEngine({ kind: 'inference-exited', launchId, code, stderrTail });
    });
    child.post({ kind: 'engine-port' }, [port1]);
    tellEngine({ kind: 'inference-launched', launchId }, [port2]);
  }

  kill(launchId: number): void {
    this.#children.get(launchId)?.kill();
  }

  killAll(): void {
    for (const child of this.#children.values()) child.kill();
  }
}
