/** A real process that runs a few lines of script and takes the engine's place under the supervisor. */
import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { ChildProcess } from '../../../src/main/utility-child.ts';

export class ScriptProcess<Message> implements ChildProcess<Message> {
  readonly #child: ReturnType<typeof fork>;
  #stderr = '';

  /** @param file that the script is written to */
  constructor(file: string, script: string) {
    writeFileSync(file, script);
    this.#child = fork(file, [], { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#child.stderr?.on('data', (text: Buffer) => {
      this.#stderr += text.toString();
    });
  }

  get processId(): number {
    return this.#child.pid ?? 0;
  }

  post(message: Message): void {
    if (this.#child.connected) this.#child.send(message as object);
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#child.on('message', listener);
  }

  onExit(listener: (exit: { code: number | null; stderrTail: string }) => void): void {
    this.#child.once('close', (code) => {
      listener({ code, stderrTail: this.#stderr });
    });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
