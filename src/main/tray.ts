/** The tray: how far the work is, pause, and a way to the window. */
import { Menu, nativeImage, Tray } from 'electron';
import { appPaths } from './app-paths.ts';
import type { Log } from './log-file.ts';
import { appName, texts } from './texts.ts';
import type { WorkStatus } from './work-meter.ts';

export interface AppTrayOptions {
  show: () => void;
  pause: () => void;
  resume: () => void;
  quit: () => void;
  log: Log;
}

/** Menus of a tray are made anew for each change, so they change calmly. */
const UPDATE_INTERVAL_MS = 1000;

export class AppTray {
  readonly #options: AppTrayOptions;
  readonly #tray: Tray | null;
  #status: WorkStatus | null = null;
  #shown = '';
  #timer: NodeJS.Timeout | null = null;

  constructor(options: AppTrayOptions) {
    this.#options = options;
    this.#tray = createTray(options.log);
    this.#tray?.on('click', options.show);
    this.#render();
  }

  /** @param status null while no engine runs */
  update(status: WorkStatus | null): void {
    this.#status = status;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#render();
    }, UPDATE_INTERVAL_MS);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#tray?.destroy();
  }

  #render(): void {
    const tray = this.#tray;
    const line = statusLine(this.#status);
    const shown = `${this.#status?.state ?? ''} ${line}`;
    if (tray === null || tray.isDestroyed() || shown === this.#shown) return;
    this.#shown = shown;
    const { show, pause, resume, quit } = this.#options;
    tray.setToolTip(`${appName}: ${line}`);
    tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: line, enabled: false },
        { type: 'separator' },
        { label: texts.tray.show, click: show },
        this.#status?.state === 'paused'
          ? { label: texts.tray.resume, click: resume }
          : { label: texts.tray.pause, click: pause, enabled: this.#status !== null },
        { type: 'separator' },
        { label: texts.quit, click: quit },
      ]),
    );
  }
}

function createTray(log: Log): Tray | null {
  try {
    const isMac = process.platform === 'darwin';
    const image = nativeImage.createFromPath(appPaths.picture(isMac ? 'trayTemplate.png' : 'tray.png'));
    if (image.isEmpty()) throw new Error('The tray’s picture is missing.');
    return new Tray(image);
  } catch (thrown) {
    // A desktop without a tray is no reason not to start.
    log.error('There is no tray', thrown);
    return null;
  }
}

function statusLine(status: WorkStatus | null): string {
  if (status === null) return texts.tray.engineAway;
  if (status.state === 'paused') return texts.tray.paused;
  return status.state === 'idle' ? texts.tray.idle : texts.tray.scoring(status.done, status.total);
}
