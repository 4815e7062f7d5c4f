/** Turns Ctrl-C and a polite kill into an AbortSignal for as long as a piece of work lasts. */
import process from 'node:process';

/**
 * Runs work that can be interrupted. The first Ctrl-C asks it to stop and keep what is done; a second one ends the
 * process as usual.
 */
export async function withInterruptSignal<Value>(
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const controller = new AbortController();
  const stop = () => {
    controller.abort();
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
