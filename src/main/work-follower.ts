/** Follows what the engine tells of settings and work, and shows it where the desktop shows such things. */
import { nativeTheme } from 'electron';
import type { AppSettings } from '../shared/app-settings.ts';
import type { EngineEvent } from '../shared/engine-commands.ts';
import type { JobProgress } from '../shared/jobs.ts';
import type { EngineLink } from './engine-link.ts';
import type { Log } from './log-file.ts';
import type { MainWindow } from './main-window.ts';
import type { AppTray } from './tray.ts';
import type { WindowStateFile } from './window-state.ts';
import { WorkMeter } from './work-meter.ts';
import { showBatchDone, showProgress } from './work-signs.ts';

export interface WorkFollowerOptions {
  engine: Pick<EngineLink, 'call'>;
  window: MainWindow;
  tray: AppTray;
  stateFile: WindowStateFile;
  log: Log;
}

export class WorkFollower {
  readonly #options: WorkFollowerOptions;
  #meter = new WorkMeter();
  #settings: AppSettings | null = null;

  constructor(options: WorkFollowerOptions) {
    this.#options = options;
  }

  /** An engine runs: reads what it tells only when it changes. */
  async begin(): Promise<void> {
    const { engine, log } = this.#options;
    try {
      this.#useSettings(await engine.call('get-settings', {}));
      this.#useProgress(await engine.call('get-job-progress', {}));
    } catch (thrown) {
      // An engine that ends in this moment is started again and asked again.
      log.error('The engine’s state could not be read', thrown);
    }
  }

  /** No engine runs. */
  end(): void {
    this.#meter = new WorkMeter();
    this.#options.tray.update(null);
    showProgress(this.#options.window.current, null);
  }

  hear(event: EngineEvent): void {
    if (event.name === 'settings-changed') this.#useSettings(event.payload);
    if (event.name === 'job-progressed') this.#useProgress(event.payload);
  }

  #logBatch({ scored, failed }: { scored: number; failed: number }, { busyShare }: JobProgress): void {
    const busy =
      busyShare === null ? '' : `; the encoder was at work ${(busyShare * 100).toFixed(1)} % of the time`;
    this.#options.log.info(`A batch is done: ${scored} scored, ${failed} failed${busy}`);
  }

  #useSettings(settings: AppSettings): void {
    this.#settings = settings;
    nativeTheme.themeSource = settings.theme;
    this.#options.stateFile.change({ theme: settings.theme });
  }

  #useProgress(progress: JobProgress): void {
    const { window, tray } = this.#options;
    const status = this.#meter.update(progress);
    tray.update(status);
    showProgress(window.current, status);
    if (status.batchDone !== null) this.#logBatch(status.batchDone, progress);
    if (status.batchDone !== null && !window.isLookedAt && this.#settings?.notifiesWhenDone === true) {
      showBatchDone(status.batchDone, () => {
        window.show();
      });
    }
  }
}
