/** Starting hidden at login: the system's own setting on macOS and Windows, an autostart entry on Linux. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'electron';
import { autostartEntry } from './autostart-entry.ts';
import { appName } from './texts.ts';

export interface StartAtLoginOptions {
  app: Pick<App, 'getLoginItemSettings' | 'setLoginItemSettings' | 'getPath'>;
  platform: NodeJS.Platform;
  /** The program and what it needs to be this app. */
  command: readonly [string, ...string[]];
}

export class StartAtLogin {
  readonly #options: StartAtLoginOptions;

  constructor(options: StartAtLoginOptions) {
    this.#options = options;
  }

  get isSupported(): boolean {
    return ['linux', 'darwin', 'win32'].includes(this.#options.platform);
  }

  get isOn(): boolean {
    const { app, platform } = this.#options;
    if (platform === 'linux') return existsSync(this.#entryFile());
    return this.isSupported && app.getLoginItemSettings(this.#item()).openAtLogin;
  }

  set(isOn: boolean): void {
    const { app, platform, command } = this.#options;
    if (platform !== 'linux') {
      app.setLoginItemSettings({ ...this.#item(), openAtLogin: isOn });
      return;
    }
    const file = this.#entryFile();
    if (!isOn) {
      rmSync(file, { force: true });
      return;
    }
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, autostartEntry(appName, [...command, '--hidden']));
  }

  #item(): { path: string; args: string[] } {
    const [program, ...given] = this.#options.command;
    return { path: program, args: [...given, '--hidden'] };
  }

  /** Electron's `appData` is `$XDG_CONFIG_HOME`. */
  #entryFile(): string {
    return join(this.#options.app.getPath('appData'), 'autostart', 'banger-scorer.desktop');
  }
}
