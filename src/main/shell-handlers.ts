/** Answers what the page asks of the desktop. */
import type { NativeImage, WebContents } from 'electron';
import { BangerError, hasErrorCode } from '../shared/errors.ts';
import type { ShellFacts, ShellHandlers } from '../shared/shell-commands.ts';
import { requireAllowedLink } from './allowed-links.ts';
import type { EngineLink } from './engine-link.ts';
import type { FileDialogs } from './file-dialogs.ts';
import type { HubToken } from './hub-token.ts';
import type { KnownPlaces } from './known-places.ts';
import type { StartAtLogin } from './start-at-login.ts';

export interface ShellHandlersOptions {
  platform: NodeJS.Platform;
  version: string;
  dialogs: FileDialogs;
  engine: Pick<EngineLink, 'call'>;
  knownPlaces: KnownPlaces;
  hubToken: HubToken;
  startAtLogin: StartAtLogin;
  showInFolder: (path: string) => void;
  openExternal: (address: string) => Promise<void>;
  /** The page that a drag would start from. */
  currentContents: () => Pick<WebContents, 'startDrag'> | null;
  dragIcon: () => NativeImage;
  /** The app is now started at login, or no longer. */
  onStartAtLoginChange: () => void;
  restartEngine: () => void;
}

export function shellHandlers(options: ShellHandlersOptions): ShellHandlers {
  const { dialogs, engine, knownPlaces, hubToken, startAtLogin } = options;
  return {
    'get-shell': async () => ({
      kind: 'desktop',
      platform: platformName(options.platform),
      version: options.version,
      hasNativeFiles: true,
      keepsHubToken: await hubToken.isKept(),
    }),

    'choose-folders': async ({ title, isMultiple }) => {
      const folders = await dialogs.chooseFolders(title, isMultiple);
      knownPlaces.add(folders);
      return folders;
    },
    'choose-model': ({ kind }) => dialogs.chooseModel(kind),
    'choose-table': () => dialogs.chooseTable(),
    'choose-save-file': async ({ suggestedName, extension }) => {
      const file = await dialogs.chooseSaveFile(suggestedName, extension);
      if (file !== null) knownPlaces.add([file]);
      return file;
    },
    'list-folder': () => {
      throw new BangerError('file-unreadable', 'Folders are chosen in the system’s own dialog here.');
    },

    'reveal-file': async ({ path }) => {
      options.showInFolder(await knownPlaces.require(path));
      return {};
    },
    'start-drag': async ({ songIds }) => {
      const rows = await engine.call('get-song-rows', { songIds });
      const files = rows.flatMap(({ path, isMissing }) => (path === null || isMissing ? [] : [path]));
      const [file] = files;
      if (file === undefined)
        throw new BangerError('file-missing', 'The files of these songs are not there any more.');
      options.currentContents()?.startDrag({ file, files, icon: options.dragIcon() });
      return {};
    },
    'open-link': async ({ url }) => {
      await options.openExternal(requireAllowedLink(url));
      return {};
    },

    'keep-hub-token': async ({ token }) => {
      await hubToken.keep(token);
      try {
        await engine.call('use-hub-token', { token });
      } catch (thrown) {
        // An engine that is away just now gets the token when it starts.
        if (!hasErrorCode(thrown, 'engine-unreachable')) throw thrown;
      }
      return {};
    },
    'get-start-at-login': () => ({ isSupported: startAtLogin.isSupported, isOn: startAtLogin.isOn }),
    'set-start-at-login': ({ isOn }) => {
      startAtLogin.set(isOn);
      options.onStartAtLoginChange();
      return {};
    },
    'restart-engine': () => {
      options.restartEngine();
      return {};
    },
  };
}

function platformName(platform: NodeJS.Platform): ShellFacts['platform'] {
  return platform === 'linux' || platform === 'darwin' || platform === 'win32' ? platform : 'other';
}
