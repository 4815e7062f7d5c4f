/** The sentences in which this room's readers tell what is wrong with a checkpoint or with the disk below it. */
import { isMissingFile, systemErrorCode } from '../../shared/system-errors.ts';
import { basename } from 'node:path';

import { BangerError } from '../../shared/errors.ts';

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

/** What a failed write of a file that this room keeps means for the person; other errors pass unchanged. */
export function failedWrite(file: string, thrown: unknown): unknown {
  const code = systemErrorCode(thrown);
  if (code === undefined || !(thrown instanceof Error) || thrown instanceof BangerError) return thrown;
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(file, 'the drive has no space left', thrown);
  return new BangerError('file-unwritable', `The file "${file}" cannot be written (${code}).`, {
    file,
    cause: thrown,
    details: thrown.message,
    nextStep: 'Check the permissions of its folder and the state of the drive.',
  });
}

/** The drive below `file` cannot hold it: `disk-full`. */
export function diskFull(file: string, reason: string, cause?: Error): BangerError {
  return new BangerError('disk-full', `The file "${file}" was not written: ${reason}.`, {
    file,
    cause,
    details: cause?.message,
    nextStep: 'Free some space on the drive, then try again.',
  });
}

/** Throws `cancelled` when the work's owner no longer wants it. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new BangerError('cancelled', 'The work was cancelled.');
}
