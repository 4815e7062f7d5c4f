/** Says where the library lies when a person has not said otherwise. */
import path from 'node:path';
import envPaths from 'env-paths';

/**
 * The library's file in the platform's folder for application data: `$XDG_DATA_HOME/banger-scorer` or
 * `~/.local/share/banger-scorer` on Linux, `~/Library/Application Support/banger-scorer` on macOS,
 * `%LOCALAPPDATA%\banger-scorer\Data` on Windows. Nothing is created.
 */
export function defaultLibraryFile(): string {
  return path.resolve(envPaths('banger-scorer', { suffix: '' }).data, 'library.sqlite');
}
