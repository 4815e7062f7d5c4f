/** Commands and events about precisions: which can be chosen, and how far their ranking agrees with fp32's. */
import { z } from 'zod';
import type { CommandDeclarations, EventDeclarations } from './contract.ts';
import { errorRecordSchema } from './errors.ts';
import { precisionSchema } from './library.ts';

const nothing = z.strictObject({});
const named = z.strictObject({ precision: precisionSchema });

/** Songs that a comparison takes, where there are as many. */
export const agreementSongs = 32;

/** How the scores of one precision compare with those of fp32, measured on a person's own songs. */
export const agreementSchema = z.object({
  encoder: z.string(),
  encoderSha256: z.string(),
  head: z.string(),
  headSha256: z.string(),
  precision: precisionSchema,
  /** The execution provider that it was measured on. */
  provider: z.string(),
  /** How many songs were compared. */
  songs: z.int(),
  /** Spearman's rank correlation of the scores before the clamp, -1..1; null for fewer than four songs. */
  spearman: z.number().nullable(),
  /** The largest difference between two scores of one song, as shown, 0..10. */
  maximumDifference: z.number(),
  measuredAtMs: z.number(),
});
export type Agreement = z.infer<typeof agreementSchema>;

export const agreementProgressSchema = z.object({
  precision: precisionSchema,
  /** Encodings that are done, and all that are needed. */
  done: z.int(),
  total: z.int(),
});
export type AgreementProgress = z.infer<typeof agreementProgressSchema>;

/** What can be said about precisions for the models in use. */
export const precisionStateSchema = z.object({
  /** What can be chosen for encoder and provider in use, fp32 first. */
  choices: z.array(precisionSchema),
  /** The last comparison of each other precision, for the models and the provider in use. */
  agreements: z.array(agreementSchema),
  /** The comparison that is under way. */
  progress: agreementProgressSchema.nullable(),
  /** Why the last one could not be ended. */
  problem: errorRecordSchema.nullable(),
});
export type PrecisionState = z.infer<typeof precisionStateSchema>;

export const precisionCommands = {
  'get-precisions': { request: nothing, response: precisionStateSchema },
  /**
   * Compares a precision of the models in use with fp32 on songs of the library, spread over their scores, and keeps
   * what was found; replaces one that is under way.
   *
   * Throws `usage` for fp32 and for what cannot be chosen, `data-unusable` where no song can be compared, `cancelled`.
   */
  'measure-agreement': { request: named, response: agreementSchema },
  /** Ends a comparison that is under way, also one that began by itself. */
  'cancel-agreement': { request: nothing, response: nothing },
} satisfies CommandDeclarations;

export const precisionEvents = {
  'precisions-changed': precisionStateSchema,
} satisfies EventDeclarations;
