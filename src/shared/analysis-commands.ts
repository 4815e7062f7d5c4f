/** Commands and events about measuring tempo and key of the songs that are in the library already. */
import { z } from 'zod';
import type { CommandDeclarations, EventDeclarations } from './contract.ts';

const nothing = z.strictObject({});

export const songAnalysisProgressSchema = z.object({
  /** Songs that are done, whatever came of them, of those that were to be measured when it began. */
  done: z.int(),
  total: z.int(),
  /** Songs that could not be read. */
  failed: z.int(),
  /** Songs whose files are not there, or hold other audio by now. */
  missing: z.int(),
  /** Null until it can be told. */
  songsPerSecond: z.number().nullable(),
  etaSeconds: z.number().nullable(),
});
export type SongAnalysisProgress = z.infer<typeof songAnalysisProgressSchema>;

export const songAnalysisStateSchema = z.object({
  /** Songs that the present detector has measured. */
  analyzed: z.int(),
  /** Songs with a file that is there which it has not. */
  pending: z.int(),
  /** Null while nothing is being measured. */
  progress: songAnalysisProgressSchema.nullable(),
});
export type SongAnalysisState = z.infer<typeof songAnalysisStateSchema>;

export const analysisCommands = {
  'get-song-analysis': { request: nothing, response: songAnalysisStateSchema },
  /**
   * Measures tempo and key of all songs that have none of the present detector. What is measured is kept at once, so
   * that a later call goes on where one was ended. Throws `usage` while another call measures, `cancelled`.
   */
  'analyze-songs': {
    request: z.strictObject({
      /** Whether to measure every song again, known or not. */
      redo: z.boolean().default(false),
    }),
    response: songAnalysisProgressSchema.pick({ done: true, total: true, failed: true, missing: true }),
  },
  /** Ends a call of `analyze-songs`, whoever made it; what was measured stays. */
  'cancel-song-analysis': { request: nothing, response: nothing },
} satisfies CommandDeclarations;

export const analysisEvents = {
  'song-analysis-progressed': songAnalysisProgressSchema,
  'song-analysis-ended': nothing,
} satisfies EventDeclarations;
