/** Looks a few times a second whether a library has changed, whichever process wrote it, and tells. */
import type { AppSettings } from '../shared/app-settings.ts';
import type { EmitEngineEvent } from '../shared/engine-commands.ts';
import { revisionTopics, type Revisions } from '../shared/revisions.ts';
import type { Library } from './library/library.ts';
import type { SettingsStore } from './settings-store.ts';

export interface ChangeWatchOptions {
  library: Library;
  settings: SettingsStore;
  emit: EmitEngineEvent;
  /** Between two looks, 250 ms unless told. */
  pollMs?: number;
}

const DEFAULT_POLL_MS = 250;
/** Changes that follow one another faster are told together. */
const TOLD_APART_MS = 100;

export class ChangeWatch {
  readonly #options: ChangeWatchOptions;
  readonly #timer: NodeJS.Timeout;
  #known: Revisions;
  #knownSettings: string;
  /** What must differ before settings are read again. */
  #settingsVersion: string;
  #toldAtMs = -Infinity;

  constructor(options: ChangeWatchOptions) {
    this.#options = options;
    this.#known = options.library.changes.current();
    this.#knownSettings = JSON.stringify(options.settings.read());
    this.#settingsVersion = this.#readSettingsVersion();
    this.#timer = setInterval(() => {
      this.check();
    }, options.pollMs ?? DEFAULT_POLL_MS);
  }

  /** Looks now; after a call, so that whoever made a change sees it at once. */
  check(): void {
    try {
      this.#tellChanges();
      this.#tellSettings();
    } catch {
      // A library that cannot be read just now is reported by whatever is asked of it next.
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Unless something was told a moment ago; the next look then tells the rest. */
  #tellChanges(): void {
    const { library, emit } = this.#options;
    const nowMs = performance.now();
    if (nowMs - this.#toldAtMs < TOLD_APART_MS) return;
    const revisions = library.changes.current();
    const topics = revisionTopics.filter((topic) => revisions[topic] !== this.#known[topic]);
    if (topics.length === 0) return;
    this.#known = revisions;
    this.#toldAtMs = nowMs;
    emit({ name: 'library-changed', payload: { topics, revisions } });
  }

  #readSettingsVersion(): string {
    const { library, settings } = this.#options;
    return `${settings.changeCount} ${library.changes.othersVersion()}`;
  }

  #tellSettings(): void {
    const version = this.#readSettingsVersion();
    if (version === this.#settingsVersion) return;
    this.#settingsVersion = version;
    const settings: AppSettings = this.#options.settings.read();
    const text = JSON.stringify(settings);
    if (text === this.#knownSettings) return;
    this.#knownSettings = text;
    this.#options.emit({ name: 'settings-changed', payload: settings });
  }
}
