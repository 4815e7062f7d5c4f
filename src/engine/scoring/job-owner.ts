/** Names the processes that work on a library, so that one can tell whether another is still alive. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

/** A name for a runner of this process; two of one process have two. */
export function newJobOwner(): string {
  return [hostname(), process.pid, randomUUID()].join('/');
}

/** Whether an owner can be seen to be gone; one on another machine cannot, its lease has to lapse. */
export function isGone(owner: string): boolean {
  const [host, processId] = owner.split('/');
  if (host !== hostname() || processId === undefined || !/^[1-9]\d*$/.test(processId)) return false;
  try {
    process.kill(Number(processId), 0);
    return false;
  } catch (thrown) {
    // Any other answer than «no such process» comes from a process that lives.
    return (thrown as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
