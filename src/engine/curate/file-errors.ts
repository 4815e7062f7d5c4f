/** What the file system's errors mean when files are written, copied, moved or put into the trash. */
import { isMissingFile, systemErrorCode } from '../../shared/system-errors.ts';
import { BangerError } from '../../shared/errors.ts';

/** The value of a file system call, null where the file or its folder does not exist. */
export async function unlessMissing<Value>(pending: Promise<Value>): Promise<Value | null> {
  try {
    return await pending;
  } catch (thrown) {
    if (isMissingFile(thrown)) return null;
    throw thrown;
  }
}

/** A thrown value as the product's error; what is not the file system's is returned as it is. */
export function asFileError(thrown: unknown, file: string): unknown {
  const code = systemErrorCode(thrown);
  if (thrown instanceof BangerError || code === undefined) return thrown;
  const options = { file, details: String(thrown), cause: thrown };
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new BangerError('file-missing', 'There is no such file or folder any more.', {
        ...options,
        nextStep: 'Check whether it was moved, or whether its drive is connected.',
      });
    case 'EEXIST':
      return fileExists(file, options);
    case 'ENOSPC':
    case 'EDQUOT':
      return new BangerError('disk-full', 'The disk is full.', {
        ...options,
        nextStep: 'Free some space and run the same command again: it goes on where it stopped.',
      });
    default:
      return new BangerError('file-unwritable', `The file system refused it (${code}).`, {
        ...options,
        nextStep: 'Check that you may read the file and write to the folder.',
      });
  }
}

/** The error for a place where another file stands, which is never overwritten. */
export function fileExists(file: string, options: { cause?: unknown } = {}): BangerError {
  return new BangerError('file-exists', 'Another file stands here already; it was left as it is.', {
    ...options,
    file,
    nextStep: 'Run the same command again, or choose another name or folder.',
  });
}

/** Throws `cancelled` once a signal is aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancelledError();
}

export function cancelledError(): BangerError {
  return new BangerError('cancelled', 'Stopped; what was done until then is kept.', {
    nextStep: 'The same command goes on where it stopped.',
  });
}
