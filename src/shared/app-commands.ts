/** Commands and events of the app around the library: settings, health, what plays, what the engine is doing. */
import { z } from 'zod';
import { appSettingsChangeSchema, appSettingsSchema } from './app-settings.ts';
import type { CommandDeclarations, EventDeclarations } from './contract.ts';
import { healthCheckSchema } from './health.ts';
import { jobReasonSchema } from './jobs.ts';
import { revisionsSchema, revisionTopicSchema } from './revisions.ts';
import { songIdSchema } from './song-query.ts';

const nothing = z.strictObject({});

/** Whether folders are watched and songs scored; a problem outside the songs keeps lists usable. */
export const workStateSchema = z.object({
  state: z.enum(['starting', 'working', 'stopped']),
  /** Why it is stopped, such as a missing ffmpeg; it is tried again by itself. */
  reason: jobReasonSchema.nullable(),
});
export type WorkState = z.infer<typeof workStateSchema>;

export const appCommands = {
  'get-settings': { request: nothing, response: appSettingsSchema },
  /** Changes what is named and answers with all settings. */
  'change-settings': { request: appSettingsChangeSchema, response: appSettingsSchema },
  'get-work-state': { request: nothing, response: workStateSchema },
  /** Everything that scoring needs, in a fixed order; takes a second or two. */
  'check-health': { request: nothing, response: z.array(healthCheckSchema) },
  'get-about': {
    request: nothing,
    response: z.object({
      version: z.string(),
      libraryFile: z.string(),
      /** The Hugging Face cache, where downloads go. */
      downloadFolder: z.string(),
      modelsFolder: z.string(),
      cacheFolder: z.string(),
      /** ONNX Runtime's execution providers on this machine, `cpu` first. */
      providers: z.array(z.string()),
      /** Processors that can be used at once. */
      processors: z.int().positive(),
      /** What a person should know about how the library is kept, one sentence each. */
      notices: z.array(z.string()),
    }),
  },
  /**
   * The file to play for a song: its best file, or a converted copy where browsers cannot play the format; making
   * one takes about a second for each song minute.
   *
   * Throws `song-unknown`, `file-missing` when none of its files is there.
   */
  'open-media': {
    request: z.strictObject({ songId: songIdSchema }),
    response: z.object({ path: z.string(), mimeType: z.string(), isConverted: z.boolean() }),
  },
  /** Puts a backup in the place of the library, which is kept beside it; everything is loaded anew. */
  'restore-library': {
    request: z.strictObject({ backupFile: z.string().min(1) }),
    response: z.object({ keptFile: z.string().nullable() }),
  },
} satisfies CommandDeclarations;

export const appEvents = {
  'settings-changed': appSettingsSchema,
  'work-state-changed': workStateSchema,
  /** Something in the library is new, whichever process wrote it; told a few times a second at most. */
  'library-changed': z.object({ topics: z.array(revisionTopicSchema), revisions: revisionsSchema }),
} satisfies EventDeclarations;
