/** `banger serve` as a function: one engine, the page over it, and what a page may not do kept from it. */
import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { EngineHost } from '../engine/engine-host.ts';
import { callCommand } from '../shared/call-command.ts';
import { BangerError } from '../shared/errors.ts';
import { shellCommands, type ShellCommands } from '../shared/shell-commands.ts';
import { createPageHandler } from '../web/page-handler.ts';
import { AllowedFolders } from './allowed-folders.ts';
import { usualFolder } from './music-folder.ts';
import { pageShellHandlers } from './page-shell.ts';
import { PageServer } from './page-server.ts';
import { guardPaths, type KnownPlaces } from './path-guard.ts';
import type { ServerLimits } from './server-limits.ts';

export interface ServeOptions {
  host: EngineHost;
  /** Where the built page lies. */
  pageFolder: string;
  version: string;
  /** The address or name to listen at. */
  listenAt: string;
  /** 0 for any that is free. */
  port: number;
  /** Folders that the page may look at and write to; none for the person's music and what the library watches. */
  allowedFolders: readonly string[];
  limits?: Partial<ServerLimits> | undefined;
}

export interface ServedPage {
  /** Such as `http://127.0.0.1:41234`. */
  origin: string;
  /** An address that opens the page once. */
  newAddress(): string;
  /** Ends every connection; the engine is the caller's. */
  close(): Promise<void>;
}

/**
 * Serves the page over an engine.
 *
 * @throws BangerError `file-missing` where the page was not built, `usage` where it cannot listen
 */
export async function serve(options: ServeOptions): Promise<ServedPage> {
  const { host, pageFolder, version, listenAt, port, limits } = options;
  await requirePage(pageFolder);
  const folders = new AllowedFolders(await allowedRoots(options));
  const known: KnownPlaces = {
    requireAllowed: (path) => folders.require(path),
    modelIds: async () => (await host.call('list-models', {})).map(({ id }) => id),
    backupFiles: async () => (await host.call('list-backups', {})).map(({ file }) => file),
  };
  const shell = pageShellHandlers({
    version,
    folders,
    useHubToken: async (token) => {
      await host.call('use-hub-token', { token });
    },
  });
  const server = await PageServer.start({
    host: listenAt,
    port,
    limits,
    handlePage: createPageHandler({
      pageFolder,
      openMedia: (songId, signal) => host.call('open-media', { songId }, signal),
    }),
    answers: {
      engine: async (name, request, signal) => {
        await guardPaths(name, request, known);
        return host.call(name, request, signal);
      },
      shell: (name, request, signal) =>
        callCommand(shellCommands, shell, name as keyof ShellCommands, request, { signal }),
    },
  });
  const unsubscribe = host.subscribe((event) => {
    server.emitEngineEvent(event);
  });
  return {
    origin: server.origin,
    newAddress: () => server.newAddress(),
    close: async () => {
      unsubscribe();
      await server.close();
    },
  };
}

/** The folders that were named, or the person's music and what the library watches at the time. */
async function allowedRoots({ host, allowedFolders }: ServeOptions): Promise<() => Promise<string[]>> {
  if (allowedFolders.length > 0) {
    const named = allowedFolders.map((folder) => resolve(folder));
    return () => Promise.resolve(named);
  }
  const usual = await usualFolder();
  return async () => {
    const watched = await host.call('list-watched-folders', {});
    return [...(usual === null ? [] : [usual]), ...watched.map(({ path }) => path)];
  };
}

async function requirePage(folder: string): Promise<void> {
  try {
    await access(join(folder, 'index.html'));
  } catch (thrown) {
    throw new BangerError('file-missing', 'The page is not built yet.', {
      file: folder,
      cause: thrown,
      nextStep: 'Build it: npm run build',
    });
  }
}
