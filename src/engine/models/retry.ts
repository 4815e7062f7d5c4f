/** Trying again: which failures may pass by themselves, how long to wait, and when to give up. */
import { setTimeout as sleep } from 'node:timers/promises';
import { BangerError } from '../../shared/errors.ts';

export interface RetryPolicy {
  /** Attempts without any progress between them before the failure stands. */
  attempts: number;
  /** Wait before the second attempt; doubles with every further one. */
  baseDelayMs: number;
  maximumDelayMs: number;
  /** A server that asks for a longer wait than this is not waited for. */
  maximumRetryAfterMs: number;
  /** A server that is silent for so long is taken for gone. */
  stallTimeoutMs: number;
}

export const defaultRetryPolicy: RetryPolicy = {
  attempts: 8,
  baseDelayMs: 500,
  maximumDelayMs: 15_000,
  maximumRetryAfterMs: 60_000,
  stallTimeoutMs: 30_000,
};

/** A failure that may pass by itself. It never leaves this room: once given up, `failure` is thrown instead. */
export class RetryableFailure extends Error {
  readonly failure: BangerError;
  /** The wait that the server asked for, null when it did not. */
  readonly retryAfterMs: number | null;

  constructor(failure: BangerError, retryAfterMs: number | null = null) {
    super(failure.message, { cause: failure });
    this.failure = failure;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * Runs `attempt` until it succeeds, fails for good, or fails too often in a row.
 *
 * @param measureProgress any number that grows when an attempt got further; a new maximum resets the count of attempts
 * @throws BangerError what the last attempt failed of, `cancelled` when the signal was aborted
 */
export async function withRetries<Result>(
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
  measureProgress: () => number,
  attempt: () => Promise<Result>,
): Promise<Result> {
  let failuresInARow = 0;
  let furthest = measureProgress();
  for (;;) {
    throwIfCancelled(signal);
    try {
      return await attempt();
    } catch (error) {
      throwIfCancelled(signal);
      if (!(error instanceof RetryableFailure)) throw error;
      const reached = measureProgress();
      failuresInARow = reached > furthest ? 1 : failuresInARow + 1;
      furthest = Math.max(furthest, reached);
      const waitMs = error.retryAfterMs ?? delayMs(policy, failuresInARow);
      if (failuresInARow >= policy.attempts || waitMs > policy.maximumRetryAfterMs) throw error.failure;
      await pause(waitMs, signal);
    }
  }
}

function delayMs(policy: RetryPolicy, failuresInARow: number): number {
  return Math.min(policy.maximumDelayMs, policy.baseDelayMs * 2 ** (failuresInARow - 1));
}

async function pause(waitMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(waitMs, undefined, signal === undefined ? {} : { signal });
  } catch {
    // The only way to end this timer early is the signal; the caller looks at it next.
  }
}

/** @throws BangerError `cancelled` when the signal was aborted */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new BangerError('cancelled', 'The transfer was cancelled; what has arrived is kept.', {
    nextStep: 'Start it again to go on where it stopped.',
    cause: signal.reason,
  });
}
