/** Lends an open checkpoint to a piece of work and closes it afterwards. */
import type { Checkpoint } from './checkpoint.ts';
import { openCheckpoint } from './open-checkpoint.ts';

/** Works with an open checkpoint and closes it whatever happens. */
export async function withCheckpoint<Value>(
  path: string,
  work: (checkpoint: Checkpoint) => Promise<Value>,
): Promise<Value> {
  const checkpoint = await openCheckpoint(path);
  try {
    return await work(checkpoint);
  } finally {
    await checkpoint.close();
  }
}
