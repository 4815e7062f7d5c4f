/** Turns Ctrl-C and a polite kill into an AbortSignal for as long as a piece of work lasts. */
import process from 'node:process';
import { exitCodes } from './exit-codes.ts';

/**
 * Runs work that can be interrupted. The first Ctrl-C asks it to stop and keep what is done; a second one ends the
 * process at once.
 */
export async function withInterruptSignal<Value>(
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const controller = new AbortController();
  // Stays registered after the first signal: libraries that clean up at signals end the process where they find
  // themselves to be the only listeners.
  const stop = () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
