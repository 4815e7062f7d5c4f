/** A server of the page in the test's own process, over a real engine and a library of real songs. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { EngineHost } from '../../src/engine/engine-host.ts';
import { serve, type ServedPage, type ServeOptions } from '../../src/server/serve.ts';
import { makePageFolder } from './page-folder.ts';
import { waitUntil } from './processes.ts';

export interface ServedLibrary {
  host: EngineHost;
  page: ServedPage;
  /** The watched folder. */
  songFolder: string;
  close(): Promise<void>;
}

/**
 * Scores the songs with the draft and serves the page. Everything lies below `folder`: `songs` is watched and
 * allowed, `data` holds the library, `page` the page with a link to `outside`.
 */
export async function serveLibrary(
  folder: string,
  songs: readonly string[],
  { limits, outside }: { limits?: ServeOptions['limits']; outside?: string } = {},
): Promise<ServedLibrary> {
  const songFolder = join(folder, 'songs');
  mkdirSync(songFolder, { recursive: true });
  for (const song of songs) copyFileSync(song, join(songFolder, basename(song)));
  makePageFolder(join(folder, 'page'), outside);
  const host = await EngineHost.open({
    folders: {
      libraryFile: join(folder, 'data', 'library.sqlite'),
      modelsFolder: join(folder, 'data', 'models'),
      cacheFolder: join(folder, 'data', 'cache'),
    },
    settleSeconds: 0.1,
  });
  const page = await serve({
    host,
    pageFolder: join(folder, 'page'),
    version: '1.2.3',
    listenAt: '127.0.0.1',
    port: 0,
    allowedFolders: [songFolder],
    limits,
  });
  await host.call('add-watched-folder', { path: songFolder });
  await waitUntil(
    'the songs are scored',
    async () => {
      const { scoredTotal } = await host.call('list-songs', { limit: 0 });
      return scoredTotal === songs.length;
    },
    120,
  );
  return {
    host,
    page,
    songFolder,
    close: async () => {
      await page.close();
      await host.close();
    },
  };
}
