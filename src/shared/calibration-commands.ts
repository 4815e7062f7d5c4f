/** Commands and events about calibration: which execution provider runs the encoder, how fast and how right. */
import { z } from 'zod';
import { calibrationProgressSchema, calibrationSchema } from './calibration.ts';
import type { CommandDeclarations, EventDeclarations } from './contract.ts';

const nothing = z.strictObject({});

/** What is remembered for the encoder in use. */
export const knownCalibrationSchema = z.object({
  /** The last one, null where there was none. */
  calibration: calibrationSchema.nullable(),
  /** Why it says little about today, one sentence; null where it holds. */
  staleBecause: z.string().nullable(),
  /** How far the one under way is, null where none is. */
  progress: calibrationProgressSchema.nullable(),
  /** What could be had on this machine and how, one sentence; null where nothing is missing. */
  hint: z.string().nullable(),
});
export type KnownCalibration = z.infer<typeof knownCalibrationSchema>;

export const calibrationCommands = {
  'get-calibration': { request: nothing, response: knownCalibrationSchema },
  /**
   * Tries every execution provider in a process of its own and remembers the outcome; takes a few runs of the encoder
   * for each. Songs wait meanwhile. Refused with `usage` while one is under way.
   */
  'calibrate-providers': { request: nothing, response: calibrationSchema },
} satisfies CommandDeclarations;

export const calibrationEvents = {
  /** Null when it has ended, either way. */
  'calibration-progressed': calibrationProgressSchema.nullable(),
} satisfies EventDeclarations;
