/** Answers a page's shell commands: what a browser cannot do has a plain replacement, or says so. */
import { BangerError } from '../shared/errors.ts';
import type { ShellFacts, ShellHandlers } from '../shared/shell-commands.ts';
import type { AllowedFolders } from './allowed-folders.ts';

export interface PageShellOptions {
  version: string;
  folders: AllowedFolders;
  /** Uses a token for downloads as long as the server runs; null forgets it. */
  useHubToken: (token: string | null) => Promise<void>;
}

export function pageShellHandlers({ version, folders, useHubToken }: PageShellOptions): ShellHandlers {
  return {
    'get-shell': () => ({
      kind: 'page',
      platform: platformName(process.platform),
      version,
      hasNativeFiles: false,
      keepsHubToken: false,
    }),
    // A page shows the served machine's folders by `list-folder`; these dialogs were closed before they opened.
    'choose-folders': () => [],
    'choose-model': () => null,
    'choose-table': () => null,
    'choose-save-file': () => null,
    'list-folder': ({ path }) => folders.list(path),
    'reveal-file': () => {
      throw notInPage('show files in the file manager');
    },
    'start-drag': () => {
      throw notInPage('hand songs to other programs');
    },
    'open-link': () => {
      throw notInPage('open a link for its page');
    },
    'keep-hub-token': async ({ token }) => {
      await useHubToken(token);
      return {};
    },
    'get-start-at-login': () => ({ isSupported: false, isOn: false }),
    'set-start-at-login': () => {
      throw notInPage('start when you log in');
    },
    // The engine lives and ends with the server.
    'restart-engine': () => ({}),
  };
}

function platformName(platform: NodeJS.Platform): ShellFacts['platform'] {
  return platform === 'linux' || platform === 'darwin' || platform === 'win32' ? platform : 'other';
}

function notInPage(what: string): BangerError {
  return new BangerError('usage', `The server cannot ${what}.`, {
    nextStep: 'The desktop app can: npm start.',
  });
}
