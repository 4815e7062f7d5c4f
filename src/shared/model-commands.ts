/** Commands and events about models: what is installed, downloads that can be paused, imports, the models in use. */
import { z } from 'zod';
import type { CommandDeclarations, EventDeclarations } from './contract.ts';
import { errorRecordSchema } from './errors.ts';
import { precisionSchema } from './library.ts';

const nothing = z.strictObject({});
const modelIds = z.array(z.string().min(1).max(200)).min(1).max(20);

/** What a person agrees to when a model is downloaded. */
export const modelLicenceSchema = z.object({
  /** The identifier that the model card states, in SPDX spelling. */
  name: z.string(),
  url: z.string(),
  /** One sentence for the person. */
  note: z.string(),
  /** True when its terms restrict use so far that the person must be asked before a download. */
  needsAcceptance: z.boolean(),
});
export type ModelLicence = z.infer<typeof modelLicenceSchema>;

/** A model as lists show it. */
export const modelListingSchema = z.object({
  kind: z.enum(['encoder', 'head']),
  id: z.string(),
  title: z.string(),
  /** `partial`: some of its files are here, or a download broke off. `broken`: imported, but no longer usable. */
  state: z.enum(['built-in', 'installed', 'partial', 'not-installed', 'broken']),
  /** Where it came from, null when it is not here. */
  origin: z.enum(['built-in', 'hub-cache', 'imported']).nullable(),
  /** Folder (encoder) or file (head), null when there is nothing to point to. */
  location: z.string().nullable(),
  /** Bytes on this machine. */
  bytes: z.number(),
  /** For a head: the encoder it was trained on, null when not known. Null for an encoder. */
  encoderId: z.string().nullable(),
  /** Length of the embeddings it makes (encoder) or takes (head), null when not known. */
  embeddingSize: z.number().nullable(),
  /** Null for an imported model that the catalogue does not know. */
  licence: modelLicenceSchema.nullable(),
  /** Rough size of the download, null for what can't be downloaded. */
  downloadBytes: z.number().nullable(),
  /** What is wrong with a broken one. */
  problem: errorRecordSchema.nullable(),
});
export type ModelListing = z.infer<typeof modelListingSchema>;

/** What downloading one model means, for a person to agree to. */
export const downloadPlanSchema = z.object({
  id: z.string(),
  /** Page of the model card. */
  page: z.string(),
  licence: modelLicenceSchema,
  /** The licence that the model card states today, null when it states none or was not asked. */
  licenceOnCard: z.string().nullable(),
  totalBytes: z.number(),
  /** Bytes that have to be fetched; 0 when the model is complete. */
  remainingBytes: z.number(),
  destination: z.string(),
});
export type DownloadPlan = z.infer<typeof downloadPlanSchema>;

/** How far the one download that can be under way is. */
export const modelDownloadSchema = z.object({
  /** `paused`: stopped by the person, what arrived is kept. `failed`: stopped by `error`, likewise. */
  state: z.enum(['idle', 'running', 'paused', 'failed', 'finished']),
  /** The models of the download, none when `idle`. */
  ids: z.array(z.string()),
  receivedBytes: z.number(),
  totalBytes: z.number(),
  bytesPerSecond: z.number().nullable(),
  etaSeconds: z.number().nullable(),
  error: errorRecordSchema.nullable(),
});
export type ModelDownload = z.infer<typeof modelDownloadSchema>;

/** What new songs are scored with. */
export const modelsInUseSchema = z.object({
  encoder: z.string(),
  encoderLabel: z.string(),
  head: z.string(),
  isDraft: z.boolean(),
  precision: precisionSchema,
  /** ONNX Runtime's execution provider. */
  provider: z.string(),
  /** Seconds that it took last to get the encoder ready; null before it was needed. */
  loadSeconds: z.number().nullable(),
  windowLengthSeconds: z.number(),
});
export type ModelsInUse = z.infer<typeof modelsInUseSchema>;

export const modelCommands = {
  /** Encoders first, then heads. */
  'list-models': { request: nothing, response: z.array(modelListingSchema) },
  /** Null while scoring cannot work at all; `get-work-state` says why. */
  'get-models-in-use': { request: nothing, response: modelsInUseSchema.nullable() },

  /** Asks the Hub what a download would fetch, under which licence and where to. */
  'plan-model-download': {
    request: z.strictObject({ ids: modelIds }),
    response: z.object({
      plans: z.array(downloadPlanSchema),
      /** Free bytes where the models would go. */
      freeBytes: z.number(),
    }),
  },
  /**
   * How long the encoder would need for a song of the full window on this machine, estimated from the speed of
   * its matrix products, measured now for about a second, or a few while the processors are busy.
   */
  'estimate-encoding': {
    request: z.strictObject({ encoderId: z.string() }),
    response: z.object({ secondsPerSong: z.number().positive() }),
  },
  /** Begins a download, or goes on with one that was paused or broke; the person has agreed to its plan. */
  'start-model-download': { request: z.strictObject({ ids: modelIds }), response: nothing },
  /** Stops the download and keeps what has arrived. */
  'pause-model-download': { request: nothing, response: nothing },
  'get-model-download': { request: nothing, response: modelDownloadSchema },

  /** Takes an encoder's folder or a head's file from disk. */
  'import-model': {
    request: z.strictObject({
      path: z.string().min(1),
      id: z.string().min(1).max(200).optional(),
      /** For a head: the encoder that it was trained on. */
      encoderId: z.string().optional(),
      /** False leaves the files where they are and remembers the path alone. */
      copies: z.boolean().default(true),
    }),
    response: modelListingSchema,
  },
  'remove-model': {
    request: z.strictObject({
      id: z.string().min(1),
      /** Also deletes what other Hugging Face tools on this machine share. */
      includesSharedCache: z.boolean().default(false),
    }),
    response: z.object({ freedBytes: z.number() }),
  },
  /**
   * Removes a head that was trained here or imported; its scores stay. Where new songs are scored with it, another
   * takes its place first: its encoder's own head, else the reference pair, at last the draft.
   */
  'remove-head': {
    request: z.strictObject({ id: z.string().min(1) }),
    response: z.object({
      freedBytes: z.number(),
      /** What new songs are scored with from now on, null where the head was not in use. */
      replacedBy: z.object({ encoder: z.string(), head: z.string() }).nullable(),
    }),
  },

  /** Whether downloads identify themselves with an access token, and where it comes from. */
  'get-hub-access': {
    request: nothing,
    response: z.object({
      endpoint: z.string(),
      /** `environment`: `HF_TOKEN` or the Hub's own token file. `app`: given through `use-hub-token`. */
      tokenSource: z.enum(['none', 'environment', 'app']),
      isOffline: z.boolean(),
    }),
  },
  /** Uses a token for downloads from now on, in memory alone; null goes back to the environment's. */
  'use-hub-token': { request: z.strictObject({ token: z.string().max(500).nullable() }), response: nothing },
} satisfies CommandDeclarations;

export const modelEvents = {
  'model-download-progressed': modelDownloadSchema,
  /** Models were installed or removed, or others are in use. */
  'models-changed': nothing,
} satisfies EventDeclarations;
