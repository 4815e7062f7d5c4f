/** Makes a program file that was unpacked without its execute bit runnable. */
import { access, chmod, constants, copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The path itself, made executable if need be, or the path of an executable copy where changing the file is not
 * allowed. npm leaves programs without the execute bit where install scripts are off.
 *
 * @param cacheFolder where a copy is put, and found again the next time
 * @returns the path that came in where neither works; running it will say why
 */
export async function ensureExecutable(path: string, cacheFolder: string): Promise<string> {
  // Windows knows no execute bit.
  if (process.platform === 'win32' || (await canExecute(path))) return path;
  const isAllowed = await succeeds(chmod(path, 0o755));
  if (isAllowed && (await canExecute(path))) return path;
  const { size, mtimeMs } = await stat(path);
  const copy = join(cacheFolder, `ffmpeg-${size}-${Math.floor(mtimeMs)}`);
  if (await canExecute(copy)) return copy;
  const unfinished = `${copy}.${process.pid}.part`;
  const isCopied = await succeeds(copyExecutable(path, unfinished, copy, cacheFolder));
  if (!isCopied) await rm(unfinished, { force: true });
  return isCopied ? copy : path;
}

/** Copies under another name first, so that no other process ever runs half a program. */
async function copyExecutable(path: string, unfinished: string, copy: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await copyFile(path, unfinished);
  await chmod(unfinished, 0o755);
  await rename(unfinished, copy);
}

function canExecute(path: string): Promise<boolean> {
  return succeeds(access(path, constants.X_OK));
}

function succeeds(attempt: Promise<unknown>): Promise<boolean> {
  return attempt.then(
    () => true,
    () => false,
  );
}
