/** The window: made on demand, where it was, locked to the page, loaded anew when its process dies. */
import { app, BrowserWindow, nativeTheme, screen } from 'electron';
import { systemLocaleArgument } from '../shared/system-locale.ts';
import { appPaths } from './app-paths.ts';
import { pageAddress } from './app-scheme.ts';
import type { Log } from './log-file.ts';
import { appName } from './texts.ts';
import { mendBounds, minimumSize, type WindowStateFile } from './window-state.ts';

export interface MainWindowOptions {
  stateFile: WindowStateFile;
  log: Log;
  /** The window is gone, or its page is. */
  onPageGone: () => void;
  /** Its page ended again and again; says whether to open it once more. */
  askToReopen: () => Promise<boolean>;
  onGivenUp: () => void;
}

/** The page's background before it paints, in both themes. */
const backgrounds = { dark: '#0f1012', light: '#f6f5f2' };

const SAVE_DELAY_MS = 500;
const QUICK_ENDS = 3;
const QUICK_SPAN_MS = 60_000;

export class MainWindow {
  readonly #options: MainWindowOptions;
  #window: BrowserWindow | null = null;
  #endTimesMs: number[] = [];

  constructor(options: MainWindowOptions) {
    this.#options = options;
  }

  get current(): BrowserWindow | null {
    return this.#window;
  }

  /** Whether the person has it before them. */
  get isLookedAt(): boolean {
    const window = this.#window;
    return window !== null && window.isVisible() && !window.isMinimized() && window.isFocused();
  }

  /** Opens the window, or brings the open one to the front. */
  show(): void {
    if (this.#window === null) {
      this.#open();
      return;
    }
    if (this.#window.isMinimized()) this.#window.restore();
    this.#window.show();
    this.#window.focus();
  }

  #open(): void {
    const { stateFile } = this.#options;
    const { primary, others } = screens();
    const { bounds, isMaximized, isFullScreen } = stateFile.state;
    const window = new BrowserWindow({
      ...mendBounds(bounds, [primary, ...others]),
      minWidth: minimumSize.width,
      minHeight: minimumSize.height,
      show: false,
      title: appName,
      icon: appPaths.picture('icon.png'),
      backgroundColor: nativeTheme.shouldUseDarkColors ? backgrounds.dark : backgrounds.light,
      webPreferences: {
        preload: appPaths.preload,
        additionalArguments: [systemLocaleArgument(app.getSystemLocale())],
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        nodeIntegrationInWorker: false,
        nodeIntegrationInSubFrames: false,
        webSecurity: true,
        allowRunningInsecureContent: false,
        webviewTag: false,
        navigateOnDragDrop: false,
        spellcheck: false,
        // Culling by keys starts a song without a click.
        autoplayPolicy: 'no-user-gesture-required',
      },
    });
    this.#window = window;
    if (isMaximized) window.maximize();
    if (isFullScreen) window.setFullScreen(true);
    window.once('ready-to-show', () => {
      window.show();
    });
    window.on('page-title-updated', (event) => {
      event.preventDefault();
    });
    this.#rememberPlace(window);
    this.#watchPage(window);
    this.#load(window);
  }

  #load(window: BrowserWindow): void {
    window.loadURL(pageAddress).catch((thrown: unknown) => {
      this.#options.log.error('The page could not be loaded', thrown);
    });
  }

  #rememberPlace(window: BrowserWindow): void {
    const { stateFile } = this.#options;
    let timer: NodeJS.Timeout | null = null;
    const save = () => {
      timer = null;
      const isMaximized = window.isMaximized();
      const isFullScreen = window.isFullScreen();
      stateFile.change({ isMaximized, isFullScreen, bounds: window.getNormalBounds() });
    };
    const saveSoon = () => {
      if (timer !== null) clearTimeout(timer);
      timer = setTimeout(save, SAVE_DELAY_MS);
    };
    window.on('resize', saveSoon);
    window.on('move', saveSoon);
    window.on('close', () => {
      if (timer !== null) clearTimeout(timer);
      save();
    });
    window.on('closed', () => {
      this.#window = null;
      this.#options.onPageGone();
    });
  }

  #watchPage(window: BrowserWindow): void {
    const { log, onPageGone } = this.#options;
    window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
      if (reason === 'clean-exit') return;
      log.error(`The page’s process ended: ${reason}, code ${exitCode}`);
      onPageGone();
      void this.#reload(window);
    });
    window.webContents.on('preload-error', (_event, _path, error) => {
      log.error('The preload script failed', error);
    });
    window.on('unresponsive', () => {
      log.error('The page does not answer');
    });
  }

  async #reload(window: BrowserWindow): Promise<void> {
    const nowMs = Date.now();
    this.#endTimesMs = [...this.#endTimesMs.filter((timeMs) => nowMs - timeMs < QUICK_SPAN_MS), nowMs];
    if (this.#endTimesMs.length >= QUICK_ENDS) {
      if (!(await this.#options.askToReopen())) {
        this.#options.onGivenUp();
        return;
      }
      this.#endTimesMs = [];
    }
    if (!window.isDestroyed()) this.#load(window);
  }
}

function screens() {
  const primary = screen.getPrimaryDisplay();
  const others = screen.getAllDisplays().filter(({ id }) => id !== primary.id);
  return { primary: primary.workArea, others: others.map(({ workArea }) => workArea) };
}
