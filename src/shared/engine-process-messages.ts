/**
 * What the desktop shell and its engine process say to each other beside the contract: ports for those
 * who call, the inference process that only the shell can start, and the system's trash.
 */
import { z } from 'zod';
import { errorRecordSchema } from './errors.ts';

/** Names one start of the inference process. */
const launchIdSchema = z.int().positive();

export const messageToEngineSchema = z.discriminatedUnion('kind', [
  /** Comes with a port, over which engine commands are called and engine events told. */
  z.strictObject({ kind: z.literal('connect-caller') }),
  /** Comes with a port to the process. */
  z.strictObject({ kind: z.literal('inference-launched'), launchId: launchIdSchema }),
  z.strictObject({
    kind: z.literal('inference-exited'),
    launchId: launchIdSchema,
    code: z.int().nullable(),
    stderrTail: z.string(),
  }),
  /** The paths that could not be moved, each with the reason. */
  z.strictObject({
    kind: z.literal('trash-answered'),
    requestId: z.int(),
    failed: z.array(z.strictObject({ path: z.string(), reason: z.string() })),
  }),
  /** Ends the engine: the running song is finished or parked, then the process exits. */
  z.strictObject({ kind: z.literal('close') }),
]);
export type MessageToEngine = z.infer<typeof messageToEngineSchema>;

export const messageFromEngineSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ready') }),
  /** The library could not be opened; the process waits to be ended. */
  z.strictObject({ kind: z.literal('open-failed'), error: errorRecordSchema }),
  z.strictObject({ kind: z.literal('launch-inference'), launchId: launchIdSchema }),
  z.strictObject({ kind: z.literal('kill-inference'), launchId: launchIdSchema }),
  z.strictObject({ kind: z.literal('move-to-trash'), requestId: z.int(), paths: z.array(z.string()) }),
]);
export type MessageFromEngine = z.infer<typeof messageFromEngineSchema>;

/** The one message to an inference process: it comes with the port over which the engine calls. */
export const messageToInferenceSchema = z.strictObject({ kind: z.literal('engine-port') });
export type MessageToInference = z.infer<typeof messageToInferenceSchema>;
