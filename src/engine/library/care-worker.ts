/** Entry of a thread that reads a whole library, so that nobody else waits meanwhile. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Answer } from '../../shared/answer.ts';
import { asBangerError } from '../../shared/errors.ts';
import { careTaskSchema, type CareTask } from './care-aside.ts';
import { openLibrary } from './open-library.ts';
import { verifyLibrary } from './verify-library.ts';

async function answer(task: CareTask): Promise<Answer> {
  try {
    const { file, repairs = false } = task;
    const library = openLibrary(file, { readOnly: !repairs });
    try {
      const value = task.kind === 'verify' ? await verifyLibrary(library, { repairs }) : library.findDamage();
      return { ok: true, value };
    } finally {
      library.close();
    }
  } catch (thrown) {
    return { ok: false, error: asBangerError(thrown).toRecord() };
  }
}

parentPort?.postMessage(await answer(careTaskSchema.parse(workerData)));
