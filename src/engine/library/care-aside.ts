/** Reads a whole library for damage in a thread of its own: with 100,000 songs that takes many seconds. */
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { answerSchema } from '../../shared/answer.ts';
import { BangerError } from '../../shared/errors.ts';
import { verificationSchema, type Verification } from '../../shared/library-care.ts';

/** What the thread is asked. */
export const careTaskSchema = z.object({
  kind: z.enum(['find-damage', 'verify']),
  file: z.string(),
  repairs: z.boolean().optional(),
});
export type CareTask = z.infer<typeof careTaskSchema>;

/** `Library.findDamage` of a file. @throws BangerError `cancelled`, or as `openLibrary` with `readOnly` */
export async function findDamageAside(file: string, signal?: AbortSignal): Promise<string[]> {
  return z.array(z.string()).parse(await runAside({ kind: 'find-damage', file }, signal));
}

/** `verifyLibrary` of a file, which may be open and in use. @throws as that and as `openLibrary` */
export async function verifyLibraryAside(
  file: string,
  { repairs, signal }: { repairs: boolean; signal?: AbortSignal | undefined },
): Promise<Verification> {
  return verificationSchema.parse(await runAside({ kind: 'verify', file, repairs }, signal));
}

async function runAside(task: CareTask, signal: AbortSignal | undefined): Promise<unknown> {
  if (signal?.aborted === true) throw cancelled();
  // The neighbour file has the same extension as this one: .ts from source, .js when built.
  const entry = join(import.meta.dirname, `care-worker${extname(import.meta.filename)}`);
  const worker = new Worker(entry, { workerData: task, execArgv: [] });
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const cancel = () => {
    reject(cancelled());
  };
  worker.once('message', resolve);
  worker.once('error', reject);
  worker.once('exit', () => {
    reject(
      new BangerError('internal', 'The check of the library ended without a result.', { file: task.file }),
    );
  });
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    const answer = answerSchema.parse(await promise);
    if (!answer.ok) throw BangerError.fromRecord(answer.error);
    return answer.value;
  } finally {
    signal?.removeEventListener('abort', cancel);
    // What it was writing is taken back.
    await worker.terminate();
  }
}

function cancelled(): BangerError {
  return new BangerError('cancelled', 'The check was cancelled.');
}
