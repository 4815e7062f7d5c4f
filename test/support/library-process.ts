/** Starts `library-child.ts` and talks to it. */
import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { ordinaryNode, unprivilegedNode } from './as-unprivileged.ts';

const script = path.join(import.meta.dirname, 'library-child.ts');

export class LibraryProcess {
  readonly #child: ChildProcess;
  readonly #messages: unknown[] = [];
  readonly #exited: Promise<void>;
  #wake: () => void = () => undefined;
  output = '';

  /** @param options `unprivileged` gives up root's right to read and write everything */
  constructor(args: readonly string[], { unprivileged = false } = {}) {
    const { program, leading, account } = unprivileged ? unprivilegedNode() : ordinaryNode;
    this.#child = fork(script, args, {
      execPath: program,
      execArgv: leading,
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      ...account,
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.output += chunk.toString();
      this.#wake();
    });
    this.#child.on('message', (message) => {
      this.#messages.push(message);
      this.#wake();
    });
    this.#exited = new Promise((resolve) => {
      this.#child.once('close', () => {
        resolve();
        this.#wake();
      });
    });
  }

  /** The next message that the process sent. */
  async message(): Promise<unknown> {
    await this.until(() => this.#messages.length > 0);
    return this.#messages.shift();
  }

  /** Waits until something holds that depends on messages or output. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        await this.#exited;
        if (holds()) return;
        throw new Error('the process ended early');
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  send(message: string): void {
    this.#child.send(message);
  }

  /** Ends the process as a power switch would, and waits until it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  async exited(): Promise<void> {
    await this.#exited;
  }
}
