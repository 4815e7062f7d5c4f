/** Shows how far a long piece of work is: one line that is redrawn on a terminal, a plain line now and then elsewhere. */
import { createLogUpdate } from 'log-update';
import { printableLine } from './printable-text.ts';

/** Elsewhere than on a terminal a line comes at most this often. */
const PLAIN_INTERVAL_MS = 10_000;

export interface ProgressLine {
  /** Shows a text in place of the one before. */
  show(text: string): void;
  /** Removes the line from a terminal and stops. */
  end(): void;
}

/** A progress line on the error output, so that results alone go to the standard output. */
export function startProgressLine(isQuiet: boolean): ProgressLine {
  if (isQuiet) return { show: () => undefined, end: () => undefined };
  if (process.stderr.isTTY) {
    const update = createLogUpdate(process.stderr);
    return {
      show: (text) => {
        update(printableLine(text));
      },
      end: () => {
        update.clear();
        update.done();
      },
    };
  }
  let lastShownAtMs = performance.now();
  return {
    show: (text) => {
      if (performance.now() - lastShownAtMs < PLAIN_INTERVAL_MS) return;
      lastShownAtMs = performance.now();
      process.stderr.write(`${printableLine(text)}\n`);
    },
    end: () => undefined,
  };
}

/** A bar such as `█████░░░░░` for a share from 0 to 1. */
export function progressBar(share: number, width = 20): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}
