/** Commands and events of the work that goes on in the background: watched folders and jobs. */
import { z } from 'zod';
import type { CommandDeclarations, EventDeclarations } from './contract.ts';
import { jobOutcomeSchema, jobProgressSchema, jobSchema, jobStateSchema } from './jobs.ts';
import { songResultSchema } from './song-result.ts';
import { watchedFolderStatusSchema } from './watch.ts';

const nothing = z.strictObject({});
const count = z.strictObject({ count: z.int().nonnegative() });
const folder = z.strictObject({ path: z.string().min(1) });

export const workCommands = {
  'list-watched-folders': { request: nothing, response: z.array(watchedFolderStatusSchema) },
  /** Watches a folder with all its subfolders from now on, or changes the patterns of one that is watched. */
  'add-watched-folder': {
    request: folder.extend({ ignorePatterns: z.array(z.string()).default([]) }),
    response: nothing,
  },
  /**
   * Takes in what was dropped or opened: folders are watched from now on, single files are scored once, before all
   * others, without watching the folder that they lie in.
   */
  'add-paths': {
    request: z.strictObject({ paths: z.array(z.string().min(1)).min(1).max(10_000) }),
    response: z.strictObject({
      watchedFolders: z.array(z.string()),
      queuedFiles: z.int(),
      /** Paths that are not there or hold no audio. */
      refused: z.array(z.string()),
    }),
  },
  /** Stops watching; songs that were found stay in the library. */
  'remove-watched-folder': { request: folder, response: nothing },
  'pause-watched-folder': { request: folder, response: nothing },
  'resume-watched-folder': { request: folder, response: nothing },
  /** Looks through one folder, or through all, now. */
  'rescan-watched-folders': { request: folder.partial(), response: nothing },

  'get-job-progress': { request: nothing, response: jobProgressSchema },
  'list-jobs': {
    request: z.strictObject({
      states: z.array(jobStateSchema).optional(),
      outcomes: z.array(jobOutcomeSchema).optional(),
      offset: z.int().nonnegative().default(0),
      limit: z.int().positive().max(1000).default(100),
    }),
    response: z.array(jobSchema),
  },
  /** Lets the running song finish and starts no other. */
  'pause-jobs': { request: nothing, response: nothing },
  'resume-jobs': { request: nothing, response: nothing },
  'cancel-waiting-jobs': { request: nothing, response: count },
  'retry-failed-jobs': { request: nothing, response: count },
  /** Puts files that a person is looking at before others. */
  'raise-job-priority': {
    request: z.strictObject({ paths: z.array(z.string()).max(1000) }),
    response: nothing,
  },
  /**
   * Scores the library with other models from now on. With another head alone nothing is encoded again; with
   * another encoder every present song is queued behind new arrivals.
   */
  'use-models': {
    request: z.strictObject({ encoder: z.string().optional(), head: z.string().optional() }),
    response: z.strictObject({ encoder: z.string(), head: z.string(), rescored: z.int(), queued: z.int() }),
  },
} satisfies CommandDeclarations;

export const workEvents = {
  'folder-state-changed': watchedFolderStatusSchema,
  'job-progressed': jobProgressSchema,
  /** One for each job that ended; `result` is null where nothing was left to score. */
  'job-finished': z.object({ job: jobSchema, result: songResultSchema.nullable() }),
} satisfies EventDeclarations;
