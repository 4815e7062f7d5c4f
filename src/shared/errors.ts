/** The one error type of the product: a closed set of codes, a sentence for the person, details for the log. */
import { z } from 'zod';

/** Every way the product can fail. A new way is a new code here, never a reused one. */
export const errorCodes = [
  // audio
  'file-missing',
  'file-unreadable',
  'file-changed',
  'not-audio',
  'no-audio-stream',
  'corrupt-audio',
  'too-short',
  'ffmpeg-missing',
  'ffmpeg-failed',
  'timed-out',
  'cancelled',
  // models
  'model-missing',
  'model-unsupported',
  'model-unusable',
  'checkpoint-corrupt',
  'checkpoint-refused',
  'checkpoint-mismatch',
  'checkpoint-changed',
  // download
  'network-unreachable',
  'download-unauthorised',
  'download-gated',
  'download-not-found',
  'download-rate-limited',
  'download-failed',
  'download-corrupt',
  // inference
  'inference-crashed',
  'inference-failed',
  'provider-unknown',
  // library
  'library-newer',
  'library-foreign',
  'library-corrupt',
  'library-busy',
  'library-read-only',
  'library-failed',
  // curating
  'song-unknown',
  'file-exists',
  'plan-outdated',
  'trash-unavailable',
  // learning
  'data-unusable',
  // tags
  'tags-unsupported',
  'tags-refused',
  // window and page
  'engine-unreachable',
  'media-unplayable',
  // system
  'battery-low',
  'machine-hot',
  'disk-full',
  'file-unwritable',
  'usage',
  'internal',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** The form in which an error crosses a process boundary or stands in JSON output. */
export const errorRecordSchema = z.object({
  code: z.enum(errorCodes),
  /** One sentence for the person: what happened. */
  message: z.string(),
  /** The file, folder or address it happened to. */
  file: z.string().optional(),
  /** What the person can do next, one sentence. */
  nextStep: z.string().optional(),
  /** For the log only: stderr, a stack, a protocol answer. */
  details: z.string().optional(),
});

export type ErrorRecord = z.infer<typeof errorRecordSchema>;

export interface BangerErrorOptions {
  file?: string | undefined;
  nextStep?: string | undefined;
  details?: string | undefined;
  cause?: unknown;
}

/** An error that the product foresaw. Anything else that is thrown is a bug and becomes `internal`. */
export class BangerError extends Error {
  override readonly name = 'BangerError';
  readonly code: ErrorCode;
  readonly file: string | undefined;
  readonly nextStep: string | undefined;
  readonly details: string | undefined;

  constructor(code: ErrorCode, message: string, options: BangerErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.file = options.file;
    this.nextStep = options.nextStep;
    this.details = options.details;
  }

  /** The plain form of this error, fit for a process boundary. */
  toRecord(): ErrorRecord {
    return {
      code: this.code,
      message: this.message,
      ...(this.file !== undefined && { file: this.file }),
      ...(this.nextStep !== undefined && { nextStep: this.nextStep }),
      ...(this.details !== undefined && { details: this.details }),
    };
  }

  /** The error that a record from another process stands for. */
  static fromRecord(record: ErrorRecord): BangerError {
    return new BangerError(record.code, record.message, record);
  }
}

/** Any thrown value as a BangerError; what was not foreseen becomes `internal` with its stack as details. */
export function asBangerError(thrown: unknown): BangerError {
  if (thrown instanceof BangerError) return thrown;
  if (thrown instanceof Error) {
    return new BangerError('internal', `Something unexpected went wrong: ${thrown.message}`, {
      details: thrown.stack,
      cause: thrown,
      nextStep: 'Please report this with the details from the log.',
    });
  }
  return new BangerError('internal', `Something unexpected went wrong: ${String(thrown)}`);
}

/** Whether a thrown value is a BangerError with this code. */
export function hasErrorCode(thrown: unknown, code: ErrorCode): thrown is BangerError {
  return thrown instanceof BangerError && thrown.code === code;
}
