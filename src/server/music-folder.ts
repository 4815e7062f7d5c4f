/** The folder that the system keeps for a person's music. */
import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * What a page may look at where nothing was said: the music folder, or the home where there is none; nothing for an
 * account whose home is the whole disk.
 */
export async function usualFolder(home = homedir()): Promise<string | null> {
  for (const folder of [await configuredFolder(home), join(home, 'Music')]) {
    if (folder !== null && (await isFolder(folder))) return folder;
  }
  return dirname(home) === home ? null : home;
}

/** The one that Linux desktops note under its name in the person's language. */
async function configuredFolder(home: string): Promise<string | null> {
  const configFolder = process.env['XDG_CONFIG_HOME'] ?? join(home, '.config');
  try {
    const text = await readFile(join(configFolder, 'user-dirs.dirs'), 'utf8');
    const [, inHome, absolute] = /^XDG_MUSIC_DIR="(?:\$HOME\/([^"]+)|(\/[^"]+))"/m.exec(text) ?? [];
    if (inHome !== undefined) return join(home, inHome);
    return absolute ?? null;
  } catch {
    // No desktop keeps one here.
    return null;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() === true;
}
