/** What the person set: read once, changed at once in the window, kept by the engine. */
import type { AppSettings, AppSettingsChange } from '../../shared/app-settings.ts';
import { appSettingsSchema } from '../../shared/app-settings.ts';
import type { AppClient } from '../client/app-client.svelte.ts';
import type { Notices } from './notices.svelte.ts';

export class Settings {
  /** The settings as the window shows them; defaults until they were read. */
  current = $state.raw<AppSettings>(appSettingsSchema.parse({}));
  isLoaded = $state(false);
  /** Resolves when the settings were asked for the first time, whether or not they could be read. */
  readonly firstLoad: Promise<void>;
  #endFirstLoad: () => void = () => undefined;
  readonly #client: AppClient;
  readonly #notices: Notices;

  constructor(client: AppClient, notices: Notices) {
    this.#client = client;
    this.#notices = notices;
    this.firstLoad = new Promise((resolve) => (this.#endFirstLoad = resolve));
    client.onConnected(() => void this.#load());
    client.on('settings-changed', (settings) => {
      this.current = settings;
    });
  }

  /** Shows a change at once and keeps it. */
  async change(change: AppSettingsChange): Promise<void> {
    const before = this.current;
    this.current = { ...before, ...withoutUndefined($state.snapshot(change)) };
    try {
      this.current = await this.#client.call('change-settings', change);
    } catch (thrown) {
      this.current = before;
      this.#notices.showError(thrown);
    }
  }

  async #load(): Promise<void> {
    try {
      this.current = await this.#client.call('get-settings', {});
      this.isLoaded = true;
    } catch (thrown) {
      this.#notices.showError(thrown);
    } finally {
      this.#endFirstLoad();
    }
  }
}

function withoutUndefined(change: AppSettingsChange): Partial<AppSettings> {
  return Object.fromEntries(
    Object.entries(change).filter(([, value]) => value !== undefined),
  ) as Partial<AppSettings>;
}
