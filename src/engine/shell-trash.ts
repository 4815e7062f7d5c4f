/** The trash of the desktop shell's system, asked for over the port; where that fails on Linux, our own way to it. */
import { BangerError } from '../shared/errors.ts';
import type { MessageFromEngine, MessageToEngine } from '../shared/engine-process-messages.ts';
import { moveToSystemTrash } from './curate/system-trash.ts';

type TrashAnswer = Extract<MessageToEngine, { kind: 'trash-answered' }>;

export class ShellTrash {
  readonly #tell: (message: MessageFromEngine) => void;
  readonly #waiting = new Map<number, (answer: TrashAnswer) => void>();
  #lastRequestId = 0;

  /** @param tell sends a message to the shell */
  constructor(tell: (message: MessageFromEngine) => void) {
    this.#tell = tell;
  }

  /** @throws BangerError `trash-unavailable` where one of the files could not be moved; others may have been */
  async move(paths: readonly string[]): Promise<void> {
    this.#lastRequestId += 1;
    const requestId = this.#lastRequestId;
    const answered = Promise.withResolvers<TrashAnswer>();
    this.#waiting.set(requestId, answered.resolve);
    this.#tell({ kind: 'move-to-trash', requestId, paths: [...paths] });
    const { failed } = await answered.promise;
    const [first] = failed;
    if (first === undefined) return;
    // A desktop's trash is asked through programs that not every Linux has; the folder itself can always be used.
    if (process.platform === 'linux') return moveToSystemTrash(failed.map(({ path }) => path));
    throw new BangerError('trash-unavailable', 'The system did not take this file into its trash.', {
      file: first.path,
      details: failed.map(({ path, reason }) => `${path}: ${reason}`).join('\n'),
    });
  }

  tellAnswer(answer: TrashAnswer): void {
    this.#waiting.get(answer.requestId)?.(answer);
    this.#waiting.delete(answer.requestId);
  }
}
