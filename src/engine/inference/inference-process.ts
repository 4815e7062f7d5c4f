/** Entry of the inference process: answers the engine's calls over the parent's channel, one run at a time. */
import { createBirpc } from 'birpc';
import type { z } from 'zod';
import type { Answer } from '../../shared/answer.ts';
import { asBangerError, BangerError } from '../../shared/errors.ts';
import type { InferenceFunctions } from './inference-protocol.ts';
import { encodeSchema, loadEncoderSchema, loadHeadSchema, scoreSchema } from './inference-protocol.ts';
import { InferenceRuntime } from './inference-runtime.ts';

if (process.send === undefined) {
  process.stderr.write('This is a part of banger and is started by it.\n');
  process.exit(2);
}

const runtime = new InferenceRuntime();

const functions: InferenceFunctions = {
  loadEncoder: (request) => answer(loadEncoderSchema, request, (checked) => runtime.loadEncoder(checked)),
  loadHead: (request) => answer(loadHeadSchema, request, (checked) => runtime.loadHead(checked)),
  encode: (request) => answer(encodeSchema, request, (checked) => runtime.encode(checked)),
  score: (request) => answer(scoreSchema, request, (checked) => runtime.score(checked)),
  status: () => Promise.resolve({ ok: true, value: runtime.status() }),
};

createBirpc<Record<string, never>, InferenceFunctions>(functions, {
  post: (message) => process.send?.(message),
  on: (listener) => process.on('message', listener),
});

// The engine ends this process; Ctrl-C in a terminal reaches the whole group and must not look like a crash.
process.on('SIGINT', () => undefined);
// An engine that was killed cannot end anything: the closed channel is the sign to go.
process.on('disconnect', () => process.exit(0));

/** Checks a request, runs it and turns what is thrown into a record that keeps its code. */
async function answer<Request extends z.ZodType, Value>(
  schema: Request,
  request: unknown,
  handle: (checked: z.output<Request>) => Promise<Value>,
): Promise<Answer<Value>> {
  try {
    const parsed = schema.safeParse(request);
    if (!parsed.success) throw new BangerError('internal', 'A call to the inference process was not valid.');
    return { ok: true, value: await handle(parsed.data) };
  } catch (thrown) {
    return { ok: false, error: asBangerError(thrown).toRecord() };
  }
}
