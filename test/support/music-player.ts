/** A real music player that says what it plays. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/**
 * The files that mpv opens for a playlist, in order, each played for a tenth of a second into nothing.
 *
 * @param folder an empty folder for what the player writes
 */
export async function playedBy(playlist: string, folder: string): Promise<string[]> {
  const played = join(folder, 'played');
  const script = join(folder, 'tell.lua');
  writeFileSync(
    script,
    // The player waits for a hook, so that the path is that of the file that was just opened.
    `mp.add_hook('on_preloaded', 50, function()
       local out = io.open(${JSON.stringify(played)}, 'ab')
       out:write(mp.get_property('path'), '\\0')
       out:close()
     end)`,
  );
  await promisify(execFile)('mpv', [
    ...['--no-config', '--ao=null', '--vo=null', '--no-video', '--really-quiet', '--length=0.1'],
    ...[`--script=${script}`, `--playlist=${playlist}`],
  ]);
  return readFileSync(played, 'utf8')
    .split('\0')
    .slice(0, -1)
    .map((path) => (path.startsWith('file://') ? fileURLToPath(path) : resolve(path)));
}
