/** How an answer crosses a process or socket boundary: a value, or an error that keeps its code. */
import { z } from 'zod';
import { errorRecordSchema, type ErrorRecord } from './errors.ts';

/** What a call over a channel resolves to; errors travel as records, since thrown ones lose their fields. */
export const answerSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), error: errorRecordSchema }),
]);
export type Answer<Value = unknown> = { ok: true; value: Value } | { ok: false; error: ErrorRecord };
