/** Jobs: one version of one file to be scored by one pair of models, with a closed set of states and outcomes. */
import { z } from 'zod';
import { errorCodes } from './errors.ts';
import { quietReasonSchema } from './pace.ts';

/** `waiting` for its turn, `running` under a lease, or `finished` with an outcome. */
export const jobStates = ['waiting', 'running', 'finished'] as const;
export const jobStateSchema = z.enum(jobStates);
export type JobState = z.infer<typeof jobStateSchema>;

/**
 * How a job ended.
 *
 * - `scored`: the song was encoded and scored
 * - `known`: its embedding was in the library already
 * - `skipped`: there was nothing to score any more, with the reason
 * - `failed`: it cannot be scored, with the reason
 * - `cancelled`: a person took it back
 */
export const jobOutcomes = ['scored', 'known', 'skipped', 'failed', 'cancelled'] as const;
export const jobOutcomeSchema = z.enum(jobOutcomes);
export type JobOutcome = z.infer<typeof jobOutcomeSchema>;

/** Why a job was skipped or failed. */
export const jobReasonSchema = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  nextStep: z.string().nullable(),
});
export type JobReason = z.infer<typeof jobReasonSchema>;

export const jobSchema = z.object({
  id: z.int(),
  path: z.string(),
  encoderName: z.string(),
  headName: z.string(),
  priority: z.int(),
  queuedAtMs: z.int(),
  state: jobStateSchema,
  /** How often it was begun, and how often the inference process died of it. */
  attempts: z.int(),
  crashes: z.int(),
  startedAtMs: z.int().nullable(),
  finishedAtMs: z.int().nullable(),
  outcome: jobOutcomeSchema.nullable(),
  reason: jobReasonSchema.nullable(),
  songId: z.int().nullable(),
});
export type Job = z.infer<typeof jobSchema>;

/** Higher runs first; jobs of one priority run newest file first. */
export const jobPriorities = {
  /** Work that can wait, such as scoring a whole library again. */
  background: -10,
  /** A file that arrived. */
  arrival: 0,
  /** What a person is looking at. */
  onScreen: 10,
} as const;

export const jobCountsSchema = z.object({
  waiting: z.int(),
  running: z.int(),
  scored: z.int(),
  known: z.int(),
  skipped: z.int(),
  failed: z.int(),
  cancelled: z.int(),
});
export type JobCounts = z.infer<typeof jobCountsSchema>;

/**
 * What the runner of this process is doing.
 *
 * - `idle`: nothing waits
 * - `working`
 * - `paused`: a person paused it
 * - `blocked`: something outside the songs stops it, such as a full disk or a battery that is low; it goes on by itself
 *   once that is gone
 */
export const runnerStateSchema = z.object({
  state: z.enum(['idle', 'working', 'paused', 'blocked', 'stopped']),
  /** Why it is blocked. */
  reason: jobReasonSchema.nullable(),
});
export type RunnerState = z.infer<typeof runnerStateSchema>;

/** How far the work is. */
export const jobProgressSchema = z.object({
  runner: runnerStateSchema,
  counts: jobCountsSchema,
  /** Pace of the last minutes, null before anything was finished. */
  songsPerSecond: z.number().nullable(),
  /** Until nothing waits any more, null without a pace. */
  etaSeconds: z.number().nullable(),
  /** The song that the model works on, null when there is none. */
  currentPath: z.string().nullable(),
  /**
   * Share of the time that the encoder was at work since the first song of this spell of work, or of the last one, 0..1;
   * null before two songs were encoded.
   */
  busyShare: z.number().nullable(),
  /** Why the work goes on quietly, null while it does not. */
  quietBecause: quietReasonSchema.nullable(),
});
export type JobProgress = z.infer<typeof jobProgressSchema>;
