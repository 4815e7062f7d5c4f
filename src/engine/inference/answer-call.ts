/** Answers one call to the inference process: its request checked, its failure turned into a record. */
import type { z } from 'zod';
import type { Answer } from '../../shared/answer.ts';
import { asBangerError, BangerError } from '../../shared/errors.ts';

/** Checks a request, runs it and turns what is thrown into a record that keeps its code. */
export async function answer<Request extends z.ZodType, Value>(
  schema: Request,
  request: unknown,
  handle: (checked: z.output<Request>) => Value | Promise<Value>,
): Promise<Answer<Value>> {
  try {
    const parsed = schema.safeParse(request);
    if (!parsed.success) throw new BangerError('internal', 'A call to the inference process was not valid.');
    return { ok: true, value: await handle(parsed.data) };
  } catch (thrown) {
    return { ok: false, error: asBangerError(thrown).toRecord() };
  }
}
