/** Answers the commands of the app around the library. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { appCommands } from '../shared/app-commands.ts';
import type { CommandHandlers } from '../shared/contract.ts';
import { checkHealth } from './check-health.ts';
import type { Engine } from './engine.ts';
import { openMedia } from './open-media.ts';
import type { PaceKeeper } from './pace-keeper.ts';
import type { PlaybackCache } from './playback-cache.ts';
import type { SettingsStore } from './settings-store.ts';
import type { WorkKeeper } from './work-keeper.ts';

export interface AppHandlersOptions {
  engine: Engine;
  settings: SettingsStore;
  keeper: WorkKeeper;
  pace: PaceKeeper;
  playback: PlaybackCache;
  /** Puts a backup in the library's place and opens everything anew. */
  restore: (backupFile: string) => Promise<{ keptFile: string | null }>;
}

export function appHandlers({
  engine,
  settings,
  keeper,
  pace,
  playback,
  restore,
}: AppHandlersOptions): CommandHandlers<typeof appCommands> {
  let providers: string[] | null = null;
  return {
    'get-settings': () => settings.read(),
    'change-settings': (change) => {
      const changed = settings.change(change);
      const { provider, precision } = changed;
      // The answer does not wait for songs that are being put away.
      if (provider !== engine.provider || precision !== engine.precision)
        void keeper.restart(() => engine.useRuntime(settings.read()));
      pace.applySettings();
      return changed;
    },
    'get-work-state': () => keeper.state,
    'check-health': () => checkHealth(engine),
    'get-about': async () => {
      providers ??= (await engine.inspectRuntime()).providers;
      const { libraryFile, modelsFolder, cacheFolder } = engine.folders;
      return {
        version: readVersion(),
        libraryFile,
        downloadFolder: engine.hubSettings.cacheFolder,
        modelsFolder,
        cacheFolder,
        providers: ['cpu', ...providers.filter((name) => name !== 'cpu')],
        processors: availableParallelism(),
        notices: [...engine.library.notices],
      };
    },
    'open-media': ({ songId }, { signal }) => openMedia(engine, playback, songId, signal),
    'restore-library': ({ backupFile }) => restore(backupFile),
  };
}

/** The product's version, which the package states. */
function readVersion(): string {
  const packageFile = join(import.meta.dirname, '..', '..', 'package.json');
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(packageFile, 'utf8'))).version;
}
