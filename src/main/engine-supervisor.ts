/**
 * Keeps the engine running: starts it, starts it again with growing pauses when it ends unexpectedly, gives up when
 * it keeps ending, and ends it in an orderly way.
 */
import type { MessagePortMain } from 'electron';
import {
  messageFromEngineSchema,
  type MessageFromEngine,
  type MessageToEngine,
  type MessageToInference,
} from '../shared/engine-process-messages.ts';
import { BangerError, type ErrorRecord } from '../shared/errors.ts';
import { InferenceLaunches, type PortPair } from './inference-launches.ts';
import type { Log } from './log-file.ts';
import { texts } from './texts.ts';
import type { ChildExit, ChildProcess } from './utility-child.ts';

/**
 * - `starting`: for the first time, or on the person's word after `failed`
 * - `running`: opened, callers are answered
 * - `restarting`: it ended unexpectedly and is started again
 * - `failed`: it kept ending, or could not open the library
 */
export interface EngineCondition {
  state: 'starting' | 'running' | 'restarting' | 'failed';
  error: ErrorRecord | null;
}

export interface EngineSupervisorOptions {
  forkEngine: () => ChildProcess<MessageToEngine>;
  forkInference: () => ChildProcess<MessageToInference>;
  createPorts: () => PortPair;
  /** Rejects with the reason. */
  trashFile: (path: string) => Promise<void>;
  onChange: (condition: EngineCondition) => void;
  log: Log;
  /** Pause before the first restart; each further one doubles it. */
  firstPauseMs?: number;
}

/** So many ends within the span, and it is given up. */
const QUICK_ENDS = 5;
const QUICK_SPAN_MS = 60_000;
const FIRST_PAUSE_MS = 250;

interface RunningEngine {
  child: ChildProcess<MessageToEngine>;
  launches: InferenceLaunches;
  exited: Promise<void>;
}

export class EngineSupervisor {
  readonly #options: EngineSupervisorOptions;
  #engine: RunningEngine | null = null;
  #condition: EngineCondition = { state: 'starting', error: null };
  #endTimesMs: number[] = [];
  #restartTimer: NodeJS.Timeout | null = null;
  #isClosing = false;

  constructor(options: EngineSupervisorOptions) {
    this.#options = options;
  }

  get condition(): EngineCondition {
    return this.#condition;
  }

  /** Starts the engine where none runs; after it was given up, this begins anew. */
  start(): void {
    if (this.#isClosing) return;
    if (this.#engine !== null) {
      // One that could not open the library may still be on its way out.
      if (this.#condition.state === 'failed') this.#startAfter(this.#engine);
      return;
    }
    this.#stopRestartTimer();
    if (this.#condition.state === 'failed') {
      this.#endTimesMs = [];
      this.#change({ state: 'restarting', error: null });
    }
    this.#launch();
  }

  /** Hands a caller's port to the running engine. Nothing happens while none runs: `onChange` tells when to try. */
  connect(port: MessagePortMain): void {
    if (this.#engine === null || this.#condition.state !== 'running') port.close();
    else this.#engine.child.post({ kind: 'connect-caller' }, [port]);
  }

  /** Lets the engine finish or park what it does, and ends it by force when it takes longer. */
  async close(patienceMs: number): Promise<void> {
    this.#isClosing = true;
    this.#stopRestartTimer();
    const engine = this.#engine;
    if (engine === null) return;
    engine.child.post({ kind: 'close' });
    const timer = setTimeout(() => {
      this.#options.log.error('The engine did not end in time and is ended by force');
      engine.child.kill();
    }, patienceMs);
    await engine.exited;
    clearTimeout(timer);
  }

  #startAfter({ exited }: RunningEngine): void {
    void exited.then(() => {
      this.start();
    });
  }

  #launch(): void {
    const { forkEngine, forkInference, createPorts, log } = this.#options;
    const child = forkEngine();
    const launches = new InferenceLaunches({
      fork: forkInference,
      createPorts,
      tellEngine: (message, ports) => {
        if (this.#engine?.child === child) child.post(message, ports);
      },
    });
    const exited = new Promise<void>((resolve) => {
      child.onExit((exit) => {
        this.#engine = null;
        launches.killAll();
        resolve();
        this.#onExit(exit);
      });
    });
    this.#engine = { child, launches, exited };
    child.onMessage((given) => {
      const message = messageFromEngineSchema.safeParse(given);
      if (message.success) this.#onMessage(message.data, child, launches);
      else log.error('The engine said something that is not agreed', message.error);
    });
  }

  #onMessage(
    message: MessageFromEngine,
    child: ChildProcess<MessageToEngine>,
    launches: InferenceLaunches,
  ): void {
    switch (message.kind) {
      case 'ready':
        this.#change({ state: 'running', error: null });
        break;
      case 'open-failed':
        // Another start would meet the same library; the person decides when to try again.
        this.#options.log.error('The engine could not open', message.error);
        this.#change({ state: 'failed', error: message.error });
        child.kill();
        break;
      case 'launch-inference':
        launches.launch(message.launchId);
        break;
      case 'kill-inference':
        launches.kill(message.launchId);
        break;
      case 'move-to-trash':
        void this.#trash(message.requestId, message.paths, child);
        break;
    }
  }

  async #trash(
    requestId: number,
    paths: readonly string[],
    child: ChildProcess<MessageToEngine>,
  ): Promise<void> {
    const failed: { path: string; reason: string }[] = [];
    for (const path of paths) {
      try {
        await this.#options.trashFile(path);
      } catch (thrown) {
        failed.push({ path, reason: String(thrown) });
      }
    }
    if (this.#engine?.child === child) child.post({ kind: 'trash-answered', requestId, failed });
  }

  #onExit({ code, stderrTail }: ChildExit): void {
    if (this.#isClosing || this.#condition.state === 'failed') return;
    const nowMs = Date.now();
    this.#endTimesMs = [...this.#endTimesMs.filter((timeMs) => nowMs - timeMs < QUICK_SPAN_MS), nowMs];
    const details = `Exit code ${code ?? 'unknown'}. ${stderrTail}`.trim();
    if (this.#endTimesMs.length >= QUICK_ENDS) {
      this.#change({
        state: 'failed',
        error: unreachable(texts.engine.keepsEnding, texts.engine.tryAgain, details),
      });
      return;
    }
    this.#change({
      state: 'restarting',
      error: unreachable(texts.engine.ended, texts.engine.startedAgain, details),
    });
    const pauseMs = (this.#options.firstPauseMs ?? FIRST_PAUSE_MS) * 2 ** (this.#endTimesMs.length - 1);
    this.#restartTimer = setTimeout(() => {
      this.start();
    }, pauseMs);
  }

  #change(condition: EngineCondition): void {
    this.#condition = condition;
    if (condition.error !== null)
      this.#options.log.error(`The engine is ${condition.state}`, condition.error);
    else this.#options.log.info(`The engine is ${condition.state}`);
    this.#options.onChange(condition);
  }

  #stopRestartTimer(): void {
    if (this.#restartTimer !== null) clearTimeout(this.#restartTimer);
    this.#restartTimer = null;
  }
}

function unreachable(message: string, nextStep: string, details: string): ErrorRecord {
  return new BangerError('engine-unreachable', message, { nextStep, details }).toRecord();
}
