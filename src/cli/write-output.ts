/** Writes results to the standard output, whose reader may leave early and whose disk may be full. */
import { BangerError } from '../shared/errors.ts';

/**
 * Resolves when the reader has taken the text, and also when the reader is gone: one that has seen enough, such as
 * `head`, is no failure.
 *
 * @throws BangerError `file-unwritable`
 */
export function writeOutput(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (error === undefined || error === null || isReaderGone(error)) resolve();
      else reject(unwritable(error));
    });
  });
}

/** Keeps a reader that left, or a full disk, from ending the process: whoever writes learns of it by the write. */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

function isReaderGone(error: Error): boolean {
  return 'code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED');
}

function unwritable(cause: Error): BangerError {
  return new BangerError('file-unwritable', 'The results could not be written.', {
    cause,
    details: String(cause),
    nextStep: 'Check that the place they go to has room, and start again.',
  });
}
