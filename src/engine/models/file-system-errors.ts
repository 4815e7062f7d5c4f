/** What the file system's error codes mean to the product. */
import { isMissingFile, systemErrorCode } from '../../shared/system-errors.ts';
import { BangerError } from '../../shared/errors.ts';

/** The value of a file system call, undefined when the file does not exist; other errors are thrown. */
export async function unlessMissing<Value>(pending: Promise<Value>): Promise<Value | undefined> {
  try {
    return await pending;
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}

/** A byte count for people, in decimal units: `1.26 GB`. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** power;
  const digits = power === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${units[power] ?? 'bytes'}`;
}

/** The error for a volume that is too full; sizes in bytes, null where the system does not say. */
export function diskFullError(
  folder: string,
  neededBytes: number,
  freeBytes: number | null,
  cause?: unknown,
): BangerError {
  const free = freeBytes === null ? '' : `, ${formatBytes(freeBytes)} are free`;
  return new BangerError('disk-full', `The disk is full: ${formatBytes(neededBytes)} are needed${free}.`, {
    file: folder,
    nextStep:
      'Free some space, or set HF_HOME to a folder on another drive, and start again; what has arrived is kept.',
    cause,
  });
}

/**
 * A failed write as a BangerError: `disk-full` where the volume is full, `download-failed` otherwise. What is not the
 * file system's error is returned as it is.
 */
export function writeError(thrown: unknown, file: string, neededBytes: number): unknown {
  const code = systemErrorCode(thrown);
  if (thrown instanceof BangerError || code === undefined) return thrown;
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFullError(file, neededBytes, null, thrown);
  return new BangerError('download-failed', `Could not write to ${file} (${code}).`, {
    file,
    nextStep: 'Make sure that you may write there, or set HF_HOME to a folder of yours.',
    details: String(thrown),
    cause: thrown,
  });
}
