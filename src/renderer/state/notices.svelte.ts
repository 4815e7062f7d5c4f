/** Short messages that come and go: what was done, with a way back, and what went wrong. */
import { asBangerError, hasErrorCode } from '../../shared/errors.ts';

export interface Notice {
  id: number;
  text: string;
  /** What the person can do next, one sentence. */
  nextStep: string | null;
  isError: boolean;
  action: { label: string; run: () => void } | null;
}

const SHOWN_MS = 6000;
const ERROR_SHOWN_MS = 15_000;
const MAXIMUM_SHOWN = 4;

export class Notices {
  shown = $state.raw<readonly Notice[]>([]);
  #lastId = 0;
  readonly #timers = new Map<number, number>();

  /** Tells what was done. */
  show(text: string, action: Notice['action'] = null): void {
    this.#add({ text, nextStep: null, isError: false, action });
  }

  /** Tells what went wrong; what the person cancelled is no error, and a lost connection has a sign of its own. */
  showError(thrown: unknown): void {
    if (hasErrorCode(thrown, 'cancelled') || hasErrorCode(thrown, 'engine-unreachable')) return;
    const { message, file, nextStep, details } = asBangerError(thrown);
    if (details !== undefined) console.error(details);
    const text = file === undefined ? message : `${message} (${file})`;
    this.#add({ text, nextStep: nextStep ?? null, isError: true, action: null });
  }

  dismiss(id: number): void {
    window.clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.shown = this.shown.filter((notice) => notice.id !== id);
  }

  #add(notice: Omit<Notice, 'id'>): void {
    this.#lastId += 1;
    const id = this.#lastId;
    // The same message again replaces itself instead of piling up.
    for (const same of this.shown.filter(({ text }) => text === notice.text)) this.dismiss(same.id);
    for (const oldest of this.shown.slice(0, Math.max(0, this.shown.length + 1 - MAXIMUM_SHOWN))) {
      this.dismiss(oldest.id);
    }
    this.shown = [...this.shown, { id, ...notice }];
    const milliseconds = notice.isError ? ERROR_SHOWN_MS : SHOWN_MS;
    this.#timers.set(
      id,
      window.setTimeout(() => {
        this.dismiss(id);
      }, milliseconds),
    );
  }
}
