/** What a file's name alone says of it. */

/** File name endings that promise audio, lower case, without the dot. */
export const audioExtensions = [
  'wav',
  'wave',
  'w64',
  'aif',
  'aiff',
  'aifc',
  'flac',
  'mp3',
  'ogg',
  'oga',
  'opus',
  'm4a',
  'mp4',
  'aac',
  'alac',
  'wma',
  'webm',
  'mka',
  'wv',
  'caf',
  'tta',
] as const;
export type AudioExtension = (typeof audioExtensions)[number];

/** Endings of files that another program is still writing. */
const temporaryEndings = ['.part', '.partial', '.crdownload', '.download', '.tmp', '.temp', '.!qb'];

/** Endings of files that a generator writes beside a song. */
const sidecarEndings = ['.json', '.txt'];

/** The folder that rejected songs are set aside in, where a drive has no trash. */
export const rejectedFolderName = '_rejected';

/** The audio ending of a file's name or path, null where it promises no audio. */
export function audioExtensionOf(path: string): AudioExtension | null {
  const ending = /[^/\\]\.([^./\\]+)[/\\]*$/.exec(path)?.[1]?.toLowerCase();
  return audioExtensions.find((extension) => extension === ending) ?? null;
}

/** Whether a file's name ends like an audio file's. */
export function hasAudioExtension(path: string): boolean {
  return audioExtensionOf(path) !== null;
}

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
