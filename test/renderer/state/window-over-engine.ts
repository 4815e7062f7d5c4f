/** The window's client and state over a real engine in the same process, for tests without a page. */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EngineHost } from '../../../src/engine/engine-host.ts';
import type { Library } from '../../../src/engine/library/library.ts';
import { AppClient } from '../../../src/renderer/client/app-client.svelte.ts';
import type { TransportListener } from '../../../src/renderer/client/transport.ts';
import { Notices } from '../../../src/renderer/state/notices.svelte.ts';
import { Selection } from '../../../src/renderer/state/selection.svelte.ts';
import { Settings } from '../../../src/renderer/state/settings.svelte.ts';
import { SongList } from '../../../src/renderer/state/song-list.svelte.ts';
import type { MessageChannelLike } from '../../../src/shared/command-channel.ts';
import { serveCommands } from '../../../src/shared/command-channel.ts';
import type { EngineEvents } from '../../../src/shared/engine-commands.ts';
import { decodeMessage, encodeMessage } from '../../../src/shared/socket-codec.ts';
import { withLibrary } from '../../support/library-samples.ts';

export interface WindowOverEngine {
  host: EngineHost;
  client: AppClient;
  notices: Notices;
  settings: Settings;
  list: SongList;
  selection: Selection;
  /** Names of the commands that the window has called so far. */
  calls: string[];
  /** Cuts the connection, and makes a new one. */
  reconnect(): void;
  close(): Promise<void>;
}

const foldersBelow = (folder: string) => ({
  libraryFile: join(folder, 'data', 'library.sqlite'),
  modelsFolder: join(folder, 'data', 'models'),
  cacheFolder: join(folder, 'data', 'cache'),
});

/** Writes into the library below a folder, as another process would while the window is open. */
export function writeLibrary<Value>(folder: string, write: (library: Library) => Value): Value {
  const { libraryFile } = foldersBelow(folder);
  mkdirSync(dirname(libraryFile), { recursive: true });
  return withLibrary(libraryFile, write);
}

/** Opens an engine over the library below a folder, and what the window knows of it. */
export async function openWindow(folder: string): Promise<WindowOverEngine> {
  // Timers of the page are those of any program.
  Object.assign(globalThis, { window: globalThis });
  const host = await EngineHost.open({ folders: foldersBelow(folder) });
  const calls: string[] = [];
  let hear: TransportListener | undefined;
  let end: () => void = () => undefined;
  const connect = () => {
    const [page, engine] = channelPair();
    const server = serveCommands<EngineEvents>(engine, (name, request, signal) => {
      calls.push(name);
      return host.answer(name, request, signal);
    });
    const unsubscribe = host.subscribe((event) => {
      server.emit(event);
    });
    end = () => {
      unsubscribe();
      server.close();
    };
    hear?.('engine', page);
  };
  const client = new AppClient((listener) => {
    hear = listener;
    return { close: () => undefined };
  });
  const notices = new Notices();
  const settings = new Settings(client, notices);
  const list = new SongList(client, notices, settings);
  const selection = new Selection(list);
  connect();
  return {
    host,
    client,
    notices,
    settings,
    list,
    selection,
    calls,
    reconnect: () => {
      end();
      hear?.('engine', null);
      connect();
    },
    close: async () => {
      end();
      client.close();
      for (const { id } of notices.shown) notices.dismiss(id);
      await host.close();
    },
  };
}

/** Two ends of a channel that carries what the page's socket would carry. */
function channelPair(): [MessageChannelLike, MessageChannelLike] {
  const listeners: ((message: unknown) => void)[] = [];
  const endOf = (own: 0 | 1): MessageChannelLike => ({
    send: (message) => {
      const text = encodeMessage({ channel: 'engine', message });
      setImmediate(() => listeners[1 - own]?.(decodeMessage(text).message));
    },
    onMessage: (listener) => {
      listeners[own] = listener;
    },
  });
  return [endOf(0), endOf(1)];
}
