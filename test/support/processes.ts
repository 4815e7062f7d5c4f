/** Watches real processes in tests. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether a process with this id is running. */
export function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}

/** Resolves once a condition holds; rejects after `limitSeconds` with what was waited for. */
export async function waitUntil(
  description: string,
  condition: () => boolean | Promise<boolean>,
  limitSeconds = 30,
): Promise<void> {
  const deadline = performance.now() + limitSeconds * 1000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited ${limitSeconds} s in vain: ${description}`);
    await sleep(20);
  }
}
