/** Files and folders that the app was started with, by a person, the system or a second start. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** What a second start hands to the running app. */
export const secondStartSchema = z.object({ paths: z.array(z.string()).max(10_000), isHidden: z.boolean() });
export type SecondStart = z.infer<typeof secondStartSchema>;

/**
 * @param given arguments after the program
 * @param folder what relative paths are below
 * @param appFolder in development it stands among the arguments
 */
export function readStart(given: readonly string[], folder: string, appFolder: string): SecondStart {
  const end = given.indexOf('--');
  const options = end === -1 ? given : given.slice(0, end);
  const names = [
    ...options.filter((argument) => !argument.startsWith('-')),
    ...(end === -1 ? [] : given.slice(end + 1)),
  ];
  const paths = names.flatMap((name) => {
    const path = toPath(name, folder);
    return path !== null && path !== appFolder && existsSync(path) ? [path] : [];
  });
  return { paths: [...new Set(paths)], isHidden: options.includes('--hidden') };
}

/** File managers give addresses as well as paths. */
function toPath(name: string, folder: string): string | null {
  if (name === '') return null;
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(name)) return resolve(folder, name);
  try {
    return fileURLToPath(name);
  } catch {
    // Another scheme than file, or another machine: nothing that can be opened.
    return null;
  }
}
