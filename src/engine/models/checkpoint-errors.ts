/** The sentences in which this room's readers tell what is wrong with a checkpoint or with the disk below it. */
import { basename } from 'node:path';

import { BangerError } from '../../shared/errors.ts';
import { isMissingFile, systemErrorCode } from './file-system-errors.ts';

/** A file whose bytes contradict each other or end too early: `checkpoint-corrupt`. */
export function corruptCheckpoint(file: string, reason: string, cause?: unknown): BangerError {
  return new BangerError('checkpoint-corrupt', `The checkpoint "${basename(file)}" is damaged: ${reason}.`, {
    file,
    cause,
    details: cause instanceof Error ? cause.message : undefined,
    nextStep: 'Download or copy the file again.',
  });
}

/** A whole file whose content is not taken, because it is unsupported or could do harm: `checkpoint-refused`. */
export function refusedCheckpoint(
  file: string,
  reason: string,
  nextStep = 'Use a checkpoint that holds plain weights only, such as a safetensors file.',
): BangerError {
  return new BangerError('checkpoint-refused', `The checkpoint "${basename(file)}" was refused: ${reason}.`, {
    file,
    nextStep,
  });
}

/** What a failed file system call on a checkpoint means for the person. */
export function unreadableCheckpoint(file: string, cause: unknown): BangerError {
  const code = systemErrorCode(cause);
  if (isMissingFile(cause)) {
    return new BangerError('model-missing', `There is no checkpoint at "${file}".`, {
      file,
      cause,
      nextStep: 'Check the path, or download the model.',
    });
  }
  const reason =
    code === 'EACCES' || code === 'EPERM'
      ? 'permission was denied'
      : (code ?? (cause instanceof Error ? cause.message : String(cause)));
  return new BangerError('file-unreadable', `The checkpoint "${file}" cannot be read: ${reason}.`, {
    file,
    cause,
    details: cause instanceof Error ? cause.message : String(cause),
    nextStep: 'Check the permissions of the file and the state of its drive.',
  });
}

/** What a failed write of a file that this room keeps means for the person; a BangerError passes unchanged. */
export function failedWrite(file: string, cause: unknown): BangerError {
  if (cause instanceof BangerError) return cause;
  const code = systemErrorCode(cause);
  const details = cause instanceof Error ? cause.message : String(cause);
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(file, 'the drive has no space left', details);
  return new BangerError(
    'file-unreadable',
    `The file "${file}" cannot be written (${code ?? 'unknown reason'}).`,
    {
      file,
      cause,
      details,
      nextStep: 'Check the permissions of the folder and the state of its drive.',
    },
  );
}

/** The drive below `file` cannot hold it: `disk-full`. */
export function diskFull(file: string, reason: string, details?: string): BangerError {
  return new BangerError('disk-full', `The file "${file}" was not written: ${reason}.`, {
    file,
    details,
    nextStep: 'Free some space, or choose a cache folder on another drive.',
  });
}

/** Throws `cancelled` when the work's owner no longer wants it. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new BangerError('cancelled', 'The work was cancelled.');
}
