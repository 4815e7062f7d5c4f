/** Runs an engine's whole life in a process of its own: `node host-child.ts <folder of songs> <folder for data>`. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { EngineHost } from '../../src/engine/engine-host.ts';
import { waitUntil } from './processes.ts';

const [songs = '', data = ''] = process.argv.slice(2);
const host = await EngineHost.open({
  folders: {
    libraryFile: join(data, 'library.sqlite'),
    modelsFolder: join(data, 'models'),
    cacheFolder: join(data, 'cache'),
  },
  settleSeconds: 0.1,
});
await host.call('add-watched-folder', { path: songs });
const scored = async () => (await host.call('list-song-ids', {})).scoredTotal;
await waitUntil('all songs are scored', async () => (await scored()) === readdirSync(songs).length);
const listed = execFileSync('ps', ['-e', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
const children = listed
  .map((line) => line.trim().split(/\s+/).map(Number))
  .flatMap(([id = 0, parent]) => (parent === process.pid ? [id] : []));
const result = { scored: await scored(), children };
await host.close();
// Nothing is ended here: a process that still had something to do would stay.
process.stdout.write(JSON.stringify(result));
