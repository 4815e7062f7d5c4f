/** What a file's name alone says of it. */

/** Endings of files that another program is still writing. */
const temporaryEndings = ['.part', '.partial', '.crdownload', '.download', '.tmp', '.temp', '.!qb'];

/** Endings of files that a generator writes beside a song. */
const sidecarEndings = ['.json', '.txt'];

/** The folder that rejected songs are set aside in, where a drive has no trash. */
export const rejectedFolderName = '_rejected';

/** Whether a name in a folder is hidden, temporary, left by the system or set aside, and so passed over. */
export function isPassedOver(name: string): boolean {
  return (
    name.startsWith('.') ||
    name.startsWith('~') ||
    name === rejectedFolderName ||
    hasEnding(name, temporaryEndings)
  );
}

/** Whether a name is that of a file which may tell how the song beside it was made. */
export function isSidecarName(name: string): boolean {
  return hasEnding(name, sidecarEndings);
}

function hasEnding(name: string, endings: readonly string[]): boolean {
  const lower = name.toLowerCase();
  return endings.some((ending) => lower.endsWith(ending));
}
